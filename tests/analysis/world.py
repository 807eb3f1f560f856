"""A network made of rows: what the analysis tests look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from whence.analysis._tables import COLUMNS, ready
from whence.analysis.talkers import COLUMNS as OF_TALKERS
from whence.store.flow_tables import empty_tables, put_rows

NOON = datetime(2026, 11, 17, 12, tzinfo=UTC)
SITE = "192.0.2.0/24"
PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "gre": 47, "ipv6-icmp": 58}

# A question that asks for more fails; what captures tell of one machine is asked of all columns.
READ = {*COLUMNS, *OF_TALKERS, "destination_ttl_max"}

Row = dict[str, Any]


def at(seconds: float) -> datetime:
    """Give a moment after noon, as the tables hold it."""
    return (NOON + timedelta(seconds=seconds)).replace(tzinfo=None)


def flow(
    source: str = "192.0.2.9",
    destination: str = "198.51.100.7",
    port: int = 443,
    *,
    seconds: float = 0,
    lasts: float = 0,
    transport: str = "tcp",
    sent: int = 1,
    received: int = 1,
    **more: Any,
) -> Row:
    """Describe a flow; ``more`` are columns of the table."""
    size = 100
    return {
        "file": "office.pcapng",
        "interface": "eth0",
        "first": at(seconds),
        "last": at(seconds + lasts),
        "vlan": "",
        "tunnel": "",
        "source_ip": source,
        "destination_ip": destination,
        "source_port": 8 if "icmp" in transport else 40000,
        "destination_port": 0 if "icmp" in transport else port,
        "protocol": PROTOCOLS[transport],
        "transport": transport,
        "state": ("SF" if received else "S0") if transport == "tcp" else "OTH",
        "history": "",
        "source_packets": sent,
        "source_bytes": sent * size,
        "source_payload": sent * 60,
        "source_wire_bytes": sent * (size + 14),
        "destination_packets": received,
        "destination_bytes": received * size,
        "destination_payload": received * 60,
        "destination_wire_bytes": received * (size + 14),
        "syns": sent if transport == "tcp" and not received else int(transport == "tcp"),
        "answers": int(transport == "tcp" and received > 0),
        "resets": 0,
        "fins": 0,
        "source_retransmissions": 0,
        "destination_retransmissions": 0,
        "direction_in": "",
    } | more


def arp(
    sender_ip: str,
    sender_mac: str,
    target_ip: str,
    operation: str = "request",
    *,
    seconds: float = 0,
    lasts: float = 0,
    count: int = 1,
    **more: Any,
) -> Row:
    """Describe what was asked or answered by ARP."""
    return {
        "first": at(seconds),
        "last": at(seconds + lasts),
        "count": count,
        "file": "office.pcapng",
        "packet": 1,
        "interface": "eth0",
        "vlan": "",
        "operation": operation,
        "sender_mac": sender_mac,
        "sender_ip": sender_ip,
        "target_mac": "00:00:00:00:00:00",
        "target_ip": target_ip,
    } | more


def name(ip: str, value: str, relation: str = "resolves-to", **more: Any) -> Row:
    """Describe a name that was seen."""
    return {
        "time": at(0),
        "file": "office.pcapng",
        "packet": 1,
        "interface": "eth0",
        "subject_ip": ip,
        "relation": relation,
        "value": value,
        "source": "dns",
        "detail": "",
    } | more


def tables(
    *flows: Row, arps: Sequence[Row] = (), names: Sequence[Row] = (), internal: str = SITE
) -> duckdb.DuckDBPyConnection:
    """Make the tables ready."""
    connection = empty_tables([*READ])
    known = ({"flow": n} | row for n, row in enumerate(flows))
    fill(connection, "flows", ({name: row[name] for name in row if name in READ} for row in known))
    fill(connection, "arp", arps)
    fill(connection, "names", names)
    ready(connection, [internal])
    return connection


def fill(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Row]) -> None:
    """Put rows into a table; columns that are not named stay empty."""
    put_rows(connection, table, [*rows])
