"""What a line of ``whence flows`` has to say: the rule that the native part is held to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from whence.model.flow_documents import mac_text, time_text, without_empty

Document = dict[str, Any]
Row = Mapping[str, Any]

# What ECS has no name for; the names are those of the flow table.
OWN = (
    "flow", "file", "tunnel", "state", "history", "source_payload", "destination_payload",
    "source_wire_bytes", "destination_wire_bytes", "syns", "answers", "resets", "fins",
    "source_retransmissions", "destination_retransmissions", "source_ttl_min", "source_ttl_max",
    "destination_ttl_min", "destination_ttl_max", "direction_in",
)  # fmt: skip

# What only flow exporters tell.
OF_EXPORTERS = ("exporter", "next_hop", "sampling", "records")


def from_flow(row: Row, names: Mapping[str, str]) -> Document:
    """Write a row of the flow table as an ECS document."""
    first, last = row["first"], row["last"]
    start = time_text(first)
    document: Document = {
        "@timestamp": start,
        "event": {
            "kind": "event",
            "category": ["network"],
            "type": ["connection"],
            "start": start,
            "end": time_text(last),
            "duration": round((last - first).total_seconds() * 1e9),
        },
        "source": _end(row, "source", names),
        "destination": _end(row, "destination", names),
        "network": _network(row),
        "whence": without_empty(**{name: row.get(name) for name in (*OWN, *OF_EXPORTERS)}),
    }
    if row["interface"]:
        where = "egress" if row["direction_in"] == "outgoing" else "ingress"
        document["observer"] = {where: {"interface": {"name": row["interface"]}}}
    if row["ja4"] or row["server_name"]:
        document["tls"] = {"client": without_empty(ja4=row["ja4"], server_name=row["server_name"])}
    return document


def _network(row: Row) -> Document:
    network = without_empty(
        transport=row["transport"],
        iana_number=str(row["protocol"]),
        type="ipv6" if ":" in row["source_ip"] else "ipv4",
        packets=row["source_packets"] + row["destination_packets"],
        bytes=row["source_bytes"] + row["destination_bytes"],
        community_id=row["community_id"],
    )
    outer, *inner = (row["vlan"] or "").split(".")
    if outer:
        network["vlan"] = {"id": outer}
    if inner:
        network["inner"] = {"vlan": {"id": inner[-1]}}
    return network


def _end(row: Row, end: str, names: Mapping[str, str]) -> Document:
    ip, mac = row[f"{end}_ip"], row[f"{end}_mac"]
    return without_empty(
        address=ip,
        ip=ip,
        port=row[f"{end}_port"],
        mac=mac_text(mac) if mac else None,
        domain=names.get(ip),
        packets=row[f"{end}_packets"],
        bytes=row[f"{end}_bytes"],
    )
