"""The tables that packets.bpf.c fills, as Python reads them: the layouts are the same."""

from __future__ import annotations

import ipaddress
import struct
from functools import lru_cache
from typing import NamedTuple

FROM_SOCKET, FROM_KERNEL, FORWARDED, ARRIVED = 1, 2, 4, 8  # enum origin
INCOMING, OUTGOING = 0, 1  # enum hook

_KEY = struct.Struct("=16s16sHHIHHB3x")
_SIDE = struct.Struct("=4Q4IBBB5x")
_FLOW = struct.Struct(f"=3Q{_SIDE.size}s{_SIDE.size}s6s6sBBBB")
KEY_SIZE, FLOW_SIZE = _KEY.size, _FLOW.size
_MAPPED = b"\0" * 10 + b"\xff\xff"


class PacketKey(NamedTuple):
    """What struct flow_key holds: two ends in the order of their bytes."""

    ends: tuple[bytes, bytes]
    ports: tuple[int, int]
    interface: int
    vlan: int
    inner_vlan: int
    protocol: int


class Side(NamedTuple):
    """What struct side holds: what one end sent."""

    packets: int = 0
    bytes: int = 0
    payload: int = 0
    wire_bytes: int = 0
    syns: int = 0
    answers: int = 0
    resets: int = 0
    fins: int = 0
    flags: int = 0
    ttl_min: int = 0
    ttl_max: int = 0


class PacketFlow(NamedTuple):
    """What struct flow holds; the times are ns of CLOCK_BOOTTIME."""

    first: int
    last: int
    cookie: int
    sides: tuple[Side, Side]
    source_mac: bytes
    destination_mac: bytes
    first_side: int
    first_flags: int
    first_hook: int
    origin: int


def read_key(data: bytes) -> PacketKey:
    """Read a struct flow_key."""
    one, other, port, other_port, *rest = _KEY.unpack(data)
    return PacketKey((one, other), (port, other_port), *rest)


def read_flow(data: bytes) -> PacketFlow:
    """Read a struct flow."""
    first, last, cookie, one, other, *rest = _FLOW.unpack(data)
    sides = Side._make(_SIDE.unpack(one)), Side._make(_SIDE.unpack(other))
    return PacketFlow(first, last, cookie, sides, *rest)


def joined(one: PacketFlow, later: PacketFlow) -> PacketFlow:
    """Add up what was counted of a flow in two spans of time."""
    return one._replace(
        last=max(one.last, later.last),
        cookie=later.cookie or one.cookie,
        origin=one.origin | later.origin,
        sides=(_added(one.sides[0], later.sides[0]), _added(one.sides[1], later.sides[1])),
    )


def _added(one: Side, other: Side) -> Side:
    if not other.packets:
        return one
    if not one.packets:
        return other
    sums = Side._make(a + b for a, b in zip(one, other, strict=True))
    return sums._replace(
        flags=one.flags | other.flags,
        ttl_min=min(one.ttl_min, other.ttl_min),
        ttl_max=max(one.ttl_max, other.ttl_max),
    )


@lru_cache(maxsize=65536)
def address(data: bytes) -> str:
    """Write an address; IPv4 as such."""
    if data.startswith(_MAPPED):
        return str(ipaddress.IPv4Address(data[12:]))
    return str(ipaddress.IPv6Address(data))


def mac(data: bytes) -> str | None:
    """Write a MAC address; none where the interface has no such header."""
    return data.hex(":") if any(data) else None
