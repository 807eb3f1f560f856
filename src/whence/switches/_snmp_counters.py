"""Counters of interfaces by SNMP: those of 64 bits where there are any, RFC 2863 section 3.1.6."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from whence.model.switching import Counters, Port
from whence.switches._snmp_ports import IF, IF_X
from whence.switches._tables import Column, Tables, evidence_of, number_at

# The columns of each counter, the wide one first.
COLUMNS = {
    "octets_in": (f"{IF_X}.6", f"{IF}.10"),
    "octets_out": (f"{IF_X}.10", f"{IF}.16"),
    "unicast_in": (f"{IF_X}.7", f"{IF}.11"),
    "unicast_out": (f"{IF_X}.11", f"{IF}.17"),
    "multicast_in": (f"{IF_X}.8", f"{IF_X}.2"),
    "multicast_out": (f"{IF_X}.12", f"{IF_X}.4"),
    "broadcast_in": (f"{IF_X}.9", f"{IF_X}.3"),
    "broadcast_out": (f"{IF_X}.13", f"{IF_X}.5"),
    "errors_in": (f"{IF}.14",),
    "errors_out": (f"{IF}.20",),
    "discards_in": (f"{IF}.13",),
    "discards_out": (f"{IF}.19",),
}


def counters(tables: Tables, known: dict[int, Port]) -> Iterator[Counters]:
    """Yield the counters of each interface that has any."""
    columns = {name: _first(tables, oids) for name, oids in COLUMNS.items()}
    wide = bool(tables.perhaps(COLUMNS["octets_in"][0]))
    octets = columns["octets_in"], columns["octets_out"]
    for index, port in known.items():
        values = {name: number_at(column, (index,)) for name, column in columns.items()}
        if any(value is not None for value in values.values()):
            counted = Counters(
                port.name,
                index,
                bits=64 if wide else 32,
                evidence=evidence_of(*(column.get((index,)) for column in octets)),
            )
            yield replace(counted, **values)  # type: ignore[arg-type]  # mypy: one type for all


def _first(tables: Tables, oids: tuple[str, ...]) -> Column:
    """Give the first column that the device has."""
    found: Column = {}
    for oid in oids:
        found = found or tables.perhaps(oid)
    return found
