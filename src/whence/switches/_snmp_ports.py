"""Interfaces by SNMP: IF-MIB (RFC 2863), EtherLike-MIB (RFC 3635), and which are bundled."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.model.switching import Duplex, Port, PortKind
from whence.switches._tables import Cell, Tables, evidence_of, mac_of, number_at, text_at

IF = "1.3.6.1.2.1.2.2.1"  # ifTable
IF_X = "1.3.6.1.2.1.31.1.1.1"  # ifXTable
DUPLEX = "1.3.6.1.2.1.10.7.2.1.19"  # dot3StatsDuplexStatus
ATTACHED = "1.2.840.10006.300.43.1.2.1.1.13"  # dot3adAggPortAttachedAggID, IEEE8023-LAG-MIB
STACK = "1.3.6.1.2.1.31.1.2.1.3"  # ifStackStatus: of a higher and a lower interface
PAGP = "1.3.6.1.4.1.9.9.98.1.1.1.1.8"  # pagpGroupIfIndex, CISCO-PAGP-MIB

UNKNOWN_SPEED = (1 << 32) - 1  # ifSpeed of what is faster than it can say
ACTIVE = 1  # RowStatus
MIXED_TYPES = frozenset({1, 6, 53})  # other, ethernetCsmacd, propVirtual: said of many things

# IANAifType-MIB. propMultiplexor is what ProCurve calls a trunk, virtualTg a trunk group.
PHYSICAL_TYPES = frozenset({6, 7, 26, 62, 69, 71, 117, 209, 250})
AGGREGATE_TYPES = frozenset({54, 161, 202})
_AGGREGATE = re.compile(
    r"(?i)(po|port-?channel|trk|lag|ae|bond|bridge-aggregation|bagg|eth-trunk|be|bundle|aggregat"
    r"|trunk|team|mlag|ch|lacp|link ?agg)[ -]?[a-z]?\d"
)
_VIRTUAL = re.compile(
    r"(?i)(vlan|vl\d|v\d+$|lo\d*$|loopback|null|nu\d|tun|nve|nvi|irb|bridge|br\d+$|br-|bdi|vrrp"
    r"|stack\d*$|inloop|register|mgmt-?vl|default_vlan|system$|rif|sit\d+$|ip6|gre\d*$|gretap"
    r"|dummy|ppp|veth|wg\d)"
)
_SLOTTED = re.compile(
    r"(?i)[a-z][a-z -]*\d+(/\d+)+$"
)  # epon0/1, but neither ge-0/0/1.0 nor epon0/1:2
_CPU = re.compile(r"(?i)cpu\b|in-?band")


def ports(tables: Tables) -> dict[int, Port]:
    """Give the interfaces by ifIndex."""
    descriptions, names = tables.column(f"{IF}.2"), tables.perhaps(f"{IF_X}.1")
    types, states = tables.perhaps(f"{IF}.3"), tables.perhaps(f"{IF}.8")
    aliases, macs = tables.perhaps(f"{IF_X}.18"), tables.perhaps(f"{IF}.6")
    duplexes = tables.perhaps(DUPLEX)
    found: dict[int, Port] = {}
    for index in sorted({*descriptions, *names, *types}):
        if len(index) != 1:
            continue
        description, name = text_at(descriptions, index), text_at(names, index)
        state = number_at(states, index)
        found[index[0]] = Port(
            index[0],
            name or description or f"ifIndex {index[0]}",
            description,
            text_at(aliases, index),
            kind_of(number_at(types, index), name or description, description),
            None if state is None else state == 1,
            _speed(tables, index[0]),
            _duplex(duplexes.get(index)),
            mac_of(macs[index].octets) if index in macs else "",
            "",
            evidence_of(names.get(index) or descriptions.get(index), states.get(index)),
        )
    return found


def kind_of(number: int | None, name: str, description: str = "") -> PortKind:
    """Say what an interface is, by its ifType, and by its name where that says little."""
    if _CPU.match(name) or _CPU.match(description):  # “1/5/1”, “CPU Interface for …”: FASTPATH
        return PortKind.CPU
    if number in AGGREGATE_TYPES or (number in MIXED_TYPES and _AGGREGATE.match(name)):
        return PortKind.AGGREGATE
    if number is None or number in PHYSICAL_TYPES:
        return PortKind.VIRTUAL if _VIRTUAL.match(name) else PortKind.PHYSICAL
    if number in MIXED_TYPES and _SLOTTED.match(name) and not _VIRTUAL.match(name):
        return PortKind.PHYSICAL
    return PortKind.VIRTUAL


def aggregates(tables: Tables, known: dict[int, Port]) -> dict[int, int]:
    """Say which interface each member of an aggregate belongs to, both by ifIndex."""
    found: dict[int, int] = {}
    for oid in (PAGP, ATTACHED):
        for index, cell in tables.perhaps(oid).items():
            if cell.number in known and cell.number != index[-1] and cell.number:
                found[index[-1]] = cell.number
    for higher, lower in _stacked(tables):
        above, below = known.get(higher), known.get(lower)
        if above and below and above.kind is PortKind.AGGREGATE and below is not above:
            found.setdefault(lower, higher)
    return {member: whole for member, whole in found.items() if member in known}


def _stacked(tables: Tables) -> Iterator[tuple[int, int]]:
    for index, cell in tables.perhaps(STACK).items():
        if len(index) == 2 and all(index) and cell.number == ACTIVE:
            yield index[0], index[1]


def _speed(tables: Tables, index: int) -> int | None:
    high = number_at(tables.perhaps(f"{IF_X}.15"), (index,))  # ifHighSpeed, Mbit/s
    if high:
        return high * 1_000_000
    low = number_at(tables.perhaps(f"{IF}.5"), (index,))
    return low if low and low != UNKNOWN_SPEED else None


def _duplex(cell: Cell | None) -> Duplex:
    number = cell.number if cell else None
    return {2: Duplex.HALF, 3: Duplex.FULL}.get(number or 0, Duplex.UNKNOWN)
