"""Datagrams as exporters send them, and reading back what became of them."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import pytest

from whence.world.flow_exports import FlowExports

duckdb = pytest.importorskip("duckdb")


@dataclass(frozen=True)
class OneWay:
    """What NetFlow v5 says of one direction of a flow; times are milliseconds of uptime."""

    source: str = "10.0.0.1"
    destination: str = "198.51.100.7"
    ports: tuple[int, int] = (40000, 443)
    protocol: int = socket.IPPROTO_TCP
    flags: int = 0x1B
    packets: int = 5
    bytes: int = 500
    interfaces: tuple[int, int] = (3, 4)
    times: tuple[int, int] = (1000, 4000)

    def back(self, **changed: Any) -> OneWay:
        """Give the other way of the same flow."""
        return OneWay(
            **{
                "source": self.destination,
                "destination": self.source,
                "ports": self.ports[::-1],
                "interfaces": self.interfaces[::-1],
                "times": (self.times[0] + 20, self.times[1] + 10),
                **changed,
            }
        )


def netflow5(*flows: OneWay, sequence: int = 0, exported: int = 1_700_000_000) -> bytes:
    """Make a datagram, exported at an uptime of ten seconds."""
    header = struct.pack("!HHIIIIBBH", 5, len(flows), 10_000, exported, 0, sequence, 0, 0, 0)
    return header + b"".join(
        ip_address(flow.source).packed
        + ip_address(flow.destination).packed
        + bytes(4)
        + struct.pack("!HHIIII", *flow.interfaces, flow.packets, flow.bytes, *flow.times)
        + struct.pack("!HHBBBBHHBBH", *flow.ports, 0, flow.flags, flow.protocol, 0, 0, 0, 0, 0, 0)
        for flow in flows
    )


def rows(stream: object) -> list[dict[str, Any]]:
    """Read a stream as DuckDB sees it."""
    with duckdb.connect() as connection:
        found = connection.from_arrow(stream)
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def ended(exports: FlowExports) -> list[dict[str, Any]]:
    """End all flows and read them."""
    exports.native.end_all()
    return rows(exports.flows())
