"""SNMP's questions and answers as bytes: RFC 1157 (v1), RFC 3416 and 1901 (v2c)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from whence.world import ber
from whence.world.ber import Malformed
from whence.world.snmp_variables import TAGS, Binding, read_variables

GET = 0xA0
GET_NEXT = 0xA1
RESPONSE = 0xA2
SET = 0xA3
GET_BULK = 0xA5
REPORT = 0xA8

# RFC 3416 section 3: what an agent says went wrong, by its number.
ERRORS = (
    "noError",
    "tooBig",
    "noSuchName",
    "badValue",
    "readOnly",
    "genErr",
    "noAccess",
    "wrongType",
    "wrongLength",
    "wrongEncoding",
    "wrongValue",
    "noCreation",
    "inconsistentValue",
    "resourceUnavailable",
    "commitFailed",
    "undoFailed",
    "authorizationError",
    "notWritable",
    "inconsistentName",
)
TOO_BIG, NO_SUCH_NAME = 1, 2


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as the agent sent it."""

    tag: int
    request: int
    error: int
    error_index: int  # 1 is the first variable
    bindings: tuple[Binding, ...]


def question(
    tag: int, request: int, bindings: Sequence[Binding], first: int = 0, second: int = 0
) -> bytes:
    """Write a request; of GET_BULK, ``first`` is non-repeaters, ``second`` max-repetitions."""
    return ber.write_sequence(
        ber.write_number(request),
        ber.write_number(first),
        ber.write_number(second),
        ber.write_sequence(*(_write_binding(one) for one in bindings)),
        tag=tag,
    )


def with_community(version: int, community: bytes, pdu: bytes) -> bytes:
    """Wrap a request for v1 (version 0) or v2c (version 1)."""
    return ber.write_sequence(ber.write_number(version), ber.write(ber.OCTETS, community), pdu)


def pdu_of(message: bytes, version: int) -> tuple[int, int]:
    """Give where the PDU of a message of v1 or v2c starts and ends."""
    at, end = ber.expect(message, 0, len(message), ber.SEQUENCE)
    start, at = ber.expect(message, at, end, ber.INTEGER)
    if ber.number(message, start, at) != version:
        raise Malformed("it is of another version of SNMP")
    _, at = ber.expect(message, at, end, ber.OCTETS)
    return at, end


def answer(data: bytes, at: int, end: int) -> Answer:
    """Read a response or a report.

    Raises
    ------
    Malformed
        If it is none, or damaged.

    """
    tag, at, end = ber.element(data, at, end)
    if tag not in (RESPONSE, REPORT):
        raise Malformed(f"tag {tag:#04x} is not that of an answer")
    numbers: list[int] = []
    for _ in range(3):
        start, at = ber.expect(data, at, end, ber.INTEGER)
        numbers.append(ber.number(data, start, at))
    at, end = ber.expect(data, at, end, ber.SEQUENCE)
    request, error, index = numbers
    return Answer(tag, request, error, index, read_variables(data[at:end]))


def _write_binding(binding: Binding) -> bytes:
    return ber.write_sequence(ber.write_oid(binding.oid), _write_value(binding))


def _write_value(binding: Binding) -> bytes:
    value = binding.value
    if value is None:
        return ber.write(ber.NULL, b"")
    if isinstance(value, int):
        return ber.write_number(value, TAGS.get(binding.kind, ber.INTEGER))
    if isinstance(value, bytes):
        return ber.write(TAGS.get(binding.kind, ber.OCTETS), value)
    if binding.kind == "IpAddress":
        return ber.write(ber.ADDRESS, ipaddress.IPv4Address(value).packed)
    return ber.write_oid(ber.parse_oid(value))
