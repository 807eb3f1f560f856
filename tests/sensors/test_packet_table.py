"""From what the kernel counted to rows: the bytes here are as packets.bpf.c lays them out."""

from __future__ import annotations

import struct

from whence.model.counted_flows import CountedFlow
from whence.sensors.packet_records import FLOW_SIZE, KEY_SIZE
from whence.sensors.packet_table import PacketTable
from whence.world.packet_counts import Counts

A, B = bytes(10) + b"\xff\xff\xc0\x00\x02\x01", bytes(10) + b"\xff\xff\xc0\x00\x02\x02"
SECOND = 1_000_000_000
BOOT = 1_700_000_000 * SECOND
NONE = bytes(56)


def key(ports: tuple[int, int] = (443, 40000), vlans: tuple[int, int] = (0, 0)) -> bytes:
    return struct.pack("=16s16sHHIHHB3x", A, B, *ports, 3, *vlans, 6)


def side(packets: int, syns: int = 0, answers: int = 0, ttl: int = 64) -> bytes:
    return struct.pack(
        "=4Q4IBBB5x", packets, packets * 40, packets * 10, packets * 54, syns, answers, 0, 0, 0,
        ttl, ttl,
    )  # fmt: skip


def flow(
    sides: tuple[bytes, bytes], first_side: int, flags: int, origin: int, last: int = 9
) -> bytes:
    return struct.pack(
        "=3Q56s56s6s6sBBBB", 5 * SECOND, last * SECOND, 0, *sides, b"\2\0\0\0\0\1", b"\2\0\0\0\0\2",
        first_side, flags, 0, origin,
    )  # fmt: skip


def counts(*records: bytes) -> Counts:
    wall = BOOT + 100 * SECOND
    return Counts(b"".join(records), wall, 100 * SECOND, {3: "eth0"}, "tcx", 0, 0, 2, 120)


def rows(*each: Counts, most: int = 1000) -> tuple[CountedFlow, ...]:
    table = PacketTable(most)
    for one in each:
        table.add(one)
    return table.counted(each[-1]).flows


def test_sizes() -> None:
    assert (KEY_SIZE, FLOW_SIZE) == (48, 152)


def test_the_source_is_who_began() -> None:
    (seen,) = rows(counts(key(), flow((side(2, answers=1), side(3, syns=1)), 1, 2, 8)))
    assert (seen.source_ip, seen.source_port) == ("192.0.2.2", 40000)
    assert (seen.destination_ip, seen.destination_port) == ("192.0.2.1", 443)
    assert (seen.source_packets, seen.destination_packets) == (3, 2)
    assert (seen.state, seen.syns, seen.answers) == ("S1", 1, 1)
    assert seen.source_mac == "02:00:00:00:00:01"
    assert (seen.interface, seen.origin, seen.transport) == ("eth0", "elsewhere", "tcp")
    assert seen.first.timestamp() == 1_700_000_005


def test_an_answer_that_came_first_turns_the_flow() -> None:
    (seen,) = rows(counts(key(), flow((side(1, answers=1), NONE), 0, 18, 8)))
    assert (seen.source_port, seen.destination_port) == (40000, 443)
    assert (seen.source_mac, seen.destination_packets) == ("02:00:00:00:00:02", 1)
    assert seen.direction_in == "outgoing"  # what came in is the answer
    assert (seen.source_ttl_min, seen.destination_ttl_min) == (None, 64)


def test_spans_add_up() -> None:
    one = counts(key(), flow((NONE, side(3, syns=1, ttl=60)), 1, 2, 8))
    two = counts(key(), flow((side(2), side(4, ttl=70)), 0, 16, 1, last=20))
    (seen,) = rows(one, two)
    assert (seen.source_packets, seen.source_bytes, seen.destination_packets) == (7, 280, 2)
    assert (seen.source_ttl_min, seen.source_ttl_max, seen.origin) == (60, 70, "here")
    assert seen.last.timestamp() == 1_700_000_020


def test_tags_and_origin() -> None:
    (seen,) = rows(counts(key(vlans=(100, 20)), flow((side(1), NONE), 0, 2, 4)))
    assert (seen.vlan, seen.origin) == ("100.20", "passes through")


def test_what_is_forgotten_is_counted() -> None:
    table = PacketTable(most=10)
    for port in range(20):
        record = key((port, 40000)) + flow((side(5), NONE), 0, 2, 8, last=port + 6)
        table.add(counts(record))
    told = table.counted(counts())
    assert told.packets == 20 * 5 + 2
    assert told.lost == (20 - len(told.flows)) * 5 > 0
    assert max(flow.source_port for flow in told.flows) == 19
