"""The variables in an answer of an agent: by the native part, which is ten times as fast, or here.

What is here is used where there is no native part; tests hold the two together.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NamedTuple

from whence.world import ber
from whence.world.ber import Malformed, Oid

_natively: Callable[[bytes], Iterable[tuple[Oid, int | bytes | str | None, str]]] | None = None
with suppress(ImportError):  # not built for this machine
    from whence._native import snmp_variables

    _natively = snmp_variables

NOTHING = frozenset({0x80, 0x81, 0x82})  # noSuchObject, noSuchInstance, endOfMibView

KINDS = {
    ber.INTEGER: "INTEGER",
    ber.OCTETS: "STRING",
    ber.NULL: "NULL",
    ber.OBJECT: "OID",
    ber.ADDRESS: "IpAddress",
    ber.COUNTER: "Counter32",
    ber.UNSIGNED: "Gauge32",
    ber.TICKS: "Timeticks",
    ber.OPAQUE: "Opaque",
    ber.COUNTER64: "Counter64",
}
TAGS = {kind: tag for tag, kind in KINDS.items()}
UNSIGNED = frozenset({ber.COUNTER, ber.UNSIGNED, ber.TICKS, ber.COUNTER64})


class Binding(NamedTuple):
    """A variable of an agent and its value; None where the agent has none.

    Numbers are int, OCTET STRING and Opaque bytes, object identifiers and IP addresses str.
    ``kind`` names the type on the wire; where it is empty, the type of the value decides.
    """

    oid: Oid
    value: int | bytes | str | None = None
    kind: str = ""


def read_variables(content: bytes) -> tuple[Binding, ...]:
    """Read the content of a variable-bindings list, RFC 3416 section 3.

    Raises
    ------
    Malformed
        If it is none.

    """
    if _natively is None:
        return read_slowly(content)
    try:
        return tuple(map(Binding._make, _natively(content)))
    except ValueError as e:
        raise Malformed(str(e)) from e


def read_slowly(content: bytes) -> tuple[Binding, ...]:
    """Do the same without the native part."""
    found: list[Binding] = []
    element, at, end = ber.element, 0, len(content)
    while at < end:
        outer, name, stop = element(content, at, end)
        inner, start, middle = element(content, name, stop)
        tag, value, last = element(content, middle, stop)
        if outer != ber.SEQUENCE or inner != ber.OBJECT or last != stop:
            raise Malformed("a variable is not a name and a value")
        oid = ber.object_identifier(content, start, middle)
        found.append(Binding(oid, *_value(tag, content, value, last)))
        at = stop
    return tuple(found)


def _value(tag: int, data: bytes, start: int, stop: int) -> tuple[int | bytes | str | None, str]:
    if tag == ber.INTEGER:
        return ber.number(data, start, stop), "INTEGER"
    if tag == ber.OCTETS:
        return data[start:stop], "STRING"
    if tag in UNSIGNED:
        return ber.number(data, start, stop, signed=False), KINDS[tag]
    if tag in NOTHING or tag == ber.NULL:
        return None, "NULL"
    if tag == ber.OBJECT:
        # Some agents send no octets for 0.0, zeroDotZero.
        text = ber.oid_text(ber.object_identifier(data, start, stop)) if stop > start else "0.0"
        return text, "OID"
    if tag == ber.ADDRESS:
        return _address(data[start:stop]), "IpAddress"
    return data[start:stop], KINDS.get(tag, "Opaque")


def _address(octets: bytes) -> str:
    if len(octets) != 4:
        raise Malformed("an IP address is not of four octets")
    return str(ipaddress.IPv4Address(octets))
