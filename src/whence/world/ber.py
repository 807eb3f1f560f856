"""The part of ASN.1 BER that SNMP uses (ITU-T X.690; RFC 3417 section 8), read and written.

What is read comes from strangers: a length never reaches beyond its surroundings, and a number or
an identifier is never longer than SNMP allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

Oid = tuple[int, ...]

INTEGER = 0x02
OCTETS = 0x04
NULL = 0x05
OBJECT = 0x06
SEQUENCE = 0x30
ADDRESS = 0x40  # IpAddress; this and what follows: RFC 2578 section 7.1
COUNTER = 0x41
UNSIGNED = 0x42  # Gauge32, Unsigned32
TICKS = 0x43
OPAQUE = 0x44
COUNTER64 = 0x46

LONGEST_OID = 128  # sub-identifiers, RFC 2578 section 3.5
LARGEST_ARC = (1 << 32) - 1
_SHORT = re.compile(rb"[\x00-\x7f]*")
LONGEST_NUMBER = 9  # octets: an unsigned number of 64 bits with a leading zero


class Malformed(ValueError):
    """Bytes that are not what BER, or SNMP, would have there."""


def element(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Give the tag of the element at ``at``, and where its content starts and stops.

    Raises
    ------
    Malformed
        If it reaches beyond ``end``, or has a form of length that SNMP does not use.

    """
    start = at + 2
    if start > end:
        raise Malformed("an element is cut off")
    length = data[at + 1]
    if length & 0x80:
        size = length & 0x7F
        if not 0 < size <= 4 or start + size > end:
            raise Malformed("a length is cut off, or of a form that SNMP has not")
        length = int.from_bytes(data[start : start + size], "big")
        start += size
    stop = start + length
    if stop > end:
        raise Malformed("an element reaches beyond what is around it")
    return data[at], start, stop


def expect(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Give where the content of an element of a certain tag starts and stops."""
    found, start, stop = element(data, at, end)
    if found != tag:
        raise Malformed(f"tag {found:#04x} stands where {tag:#04x} should")
    return start, stop


def number(data: bytes, start: int, stop: int, *, signed: bool = True) -> int:
    """Read the content of a number."""
    if not 0 < stop - start <= LONGEST_NUMBER:
        raise Malformed("a number has no octets, or too many")
    return int.from_bytes(data[start:stop], "big", signed=signed)


def object_identifier(data: bytes, start: int, stop: int) -> Oid:
    """Read the content of an object identifier."""
    content = data[start:stop]
    if not content or len(content) > 5 * LONGEST_OID:
        raise Malformed("an object identifier is empty, or too long")
    arcs = tuple(content) if content.isascii() else _arcs(content)
    if len(arcs) >= LONGEST_OID:
        raise Malformed("an object identifier is too long")
    if arcs[0] < 80:
        return divmod(arcs[0], 40) + arcs[1:]
    return (2, arcs[0] - 80, *arcs[1:])


def _arcs(content: bytes) -> Oid:
    """Read sub-identifiers; those of one octet, as most are, in one go."""
    if content[-1] & 0x80:
        raise Malformed("an object identifier is cut off")
    short = _SHORT.match(content)
    begin = short.end() if short else 0
    arcs = [*content[:begin]]
    arc = 0
    for octet in content[begin:]:
        arc = arc << 7 | octet & 0x7F
        if arc > LARGEST_ARC:
            raise Malformed("a sub-identifier is too large")
        if octet < 0x80:
            arcs.append(arc)
            arc = 0
    return tuple(arcs)


def write(tag: int, content: bytes) -> bytes:
    """Write an element."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def write_sequence(*elements: bytes, tag: int = SEQUENCE) -> bytes:
    """Write elements as the content of another."""
    return write(tag, b"".join(elements))


def write_number(value: int, tag: int = INTEGER) -> bytes:
    """Write a number, in as few octets as it takes."""
    return write(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def write_oid(oid: Oid) -> bytes:
    """Write an object identifier of at least two sub-identifiers."""
    content = b"".join(_octets(arc) for arc in (40 * oid[0] + oid[1], *oid[2:]))
    return write(OBJECT, content)


def _octets(arc: int) -> bytes:
    octets = bytearray([arc & 0x7F])
    while arc := arc >> 7:
        octets.append(0x80 | arc & 0x7F)
    return bytes(reversed(octets))


def oid_text(oid: Iterable[int]) -> str:
    """Write an object identifier as people do: 1.3.6.1."""
    return ".".join(map(str, oid))


def parse_oid(text: str) -> Oid:
    """Read an object identifier that a person or a table wrote.

    Raises
    ------
    ValueError
        If it is not two or more numbers with dots between them.

    """
    arcs = tuple(int(part) for part in text.strip().lstrip(".").split("."))
    if not 2 <= len(arcs) <= LONGEST_OID or not all(0 <= arc <= LARGEST_ARC for arc in arcs):
        raise ValueError(f"{text!r} is not an object identifier")
    return arcs
