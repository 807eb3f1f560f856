"""The rows of a switch, as columns for people and as documents for machines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from whence.model.json_text import Document
from whence.model.switching import Counters, Learned, Neighbour, Port

Row = Port | Learned | Neighbour | Counters
Size = Callable[[float], str]

HEADS = {
    "ports": ("port", "kind", "link", "speed", "duplex", "member of", "address", "called"),
    "learned": ("address", "port", "VLAN", "status", "table"),
    "neighbours": ("port", "by", "name", "its port", "is", "address", "chassis"),
    "counters": ("port", "in", "out", "packets in", "packets out", "errors", "discards"),
}


def heads_of(question: str) -> tuple[str, ...]:
    """Give what stands above the columns."""
    return HEADS[question]


def row_of(row: Row, size: Size) -> tuple[str, ...]:
    """Write a row as columns."""
    if isinstance(row, Port):
        link = {True: "up", False: "down", None: "?"}[row.up]
        speed = f"{row.speed / 1e6:g} Mbit/s" if row.speed else ""
        duplex = "" if row.duplex == "unknown" else str(row.duplex)
        return (row.name, str(row.kind), link, speed, duplex, row.aggregate, row.mac, row.alias)
    if isinstance(row, Learned):
        vlans = ",".join(map(str, row.vlans))
        return (row.mac, row.port, vlans, str(row.status), str(row.fdb_id))
    if isinstance(row, Neighbour):
        able = ", ".join(sorted(row.capabilities))
        addresses = ", ".join(row.addresses)
        return (
            row.port, row.protocol, row.system_name, row.remote_port, able, addresses, row.chassis
        )  # fmt: skip
    return (
        row.port,
        *("" if octets is None else size(octets) for octets in (row.octets_in, row.octets_out)),
        *("" if count is None else f"{count:,}" for count in _packets(row)),
        *(
            "" if count is None else f"{count:,}"
            for count in (
                _sum(row.errors_in, row.errors_out),
                _sum(row.discards_in, row.discards_out),
            )
        ),
    )


def _packets(row: Counters) -> tuple[int | None, int | None]:
    return (
        _sum(row.unicast_in, row.multicast_in, row.broadcast_in),
        _sum(row.unicast_out, row.multicast_out, row.broadcast_out),
    )


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def document(switch: str, row: Row) -> Document:
    """Write a row as an ECS document; what ECS has no name for is under ``whence``."""
    interface: Document = {"name": row.port if not isinstance(row, Port) else row.name}
    if row.index is not None:
        interface["id"] = str(row.index)
    if isinstance(row, Port) and row.alias:
        interface["alias"] = row.alias
    found: Document = {"observer": {"name": switch, "ingress": {"interface": interface}}}
    if isinstance(row, Learned):
        found["source"] = {"mac": _ecs_mac(row.mac)}
        found["whence"] = {
            "mac": row.mac,
            "fdb_id": row.fdb_id,
            "vlans": list(row.vlans),
            "ifIndex": row.index,
            "ifName": row.port,
            "status": str(row.status),
            "age": row.age,
        }
        if len(row.vlans) == 1:
            found["network"] = {"vlan": {"id": str(row.vlans[0])}}
        return found
    found["whence"] = {"port": _plain(row)}
    return found


def _plain(row: Port | Neighbour | Counters) -> Document:
    """Give the fields of a row, in the words of its kind; the evidence is for cases."""
    values: dict[str, Any] = {name: getattr(row, name) for name in row.__dataclass_fields__}
    del values["evidence"]
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in values.items()
    }


def _ecs_mac(mac: str) -> str:
    """Write an address as ECS wants it, RFC 7042: upper case, hyphens."""
    return mac.upper().replace(":", "-")
