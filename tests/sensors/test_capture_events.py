from __future__ import annotations

import struct
from collections.abc import Sequence

from whence.sensors.capture_events import Events, Memory
from whence.world.packet_ring import Block

SECOND = 1_000_000_000


def block(*seconds: int) -> Block:
    """A block as the kernel lays it out: its header, then a packet for each time."""
    packets = b""
    for at in seconds:
        packets += struct.pack(
            "=IIIIIIHHIIH10xHHiHBB8s4x", 72, at, 0, 0, 0, 0, 72, 72, 0, 0, 0, 17, 8, 2, 1, 0, 6, b""
        )
    data = struct.pack("=16xI28x", 48) + packets
    return Block(seconds[0] * SECOND, seconds[-1] * SECOND, len(seconds), data)


def memory(*blocks: Block, most: int = 1 << 20) -> Memory:
    kept = Memory(most)
    for one in blocks:
        kept.add(one, 0)
    return kept


def taken(kept: Memory, since: int, until: int) -> Sequence[int]:
    return [packet.time // SECOND for packet in kept.take(since * SECOND, until * SECOND)]


def test_the_time_before_is_there_and_no_more_than_it() -> None:
    kept = memory(block(1, 2, 3), block(4, 5), block(6, 7, 8))
    assert taken(kept, 2, 6) == [2, 3, 4, 5, 6]
    assert taken(kept, 2, 6) == []
    assert taken(kept, 2, 7) == [7]
    assert taken(kept, 8, 9) == [8]
    assert taken(kept, 0, 9) == []


def test_what_is_older_is_forgotten() -> None:
    kept = memory(block(1, 2), block(3, 4), block(5, 6))
    kept.forget(4 * SECOND)
    kept.add(block(7), 4 * SECOND)
    assert taken(kept, 0, 9) == [3, 4, 5, 6, 7]
    kept.add(block(8), 9 * SECOND)
    assert (taken(kept, 0, 9), kept.pushed_out) == ([], 0)


def test_memory_is_bounded_and_what_is_pushed_out_is_counted() -> None:
    kept = memory(block(1, 2), block(3, 4), block(5), most=400)
    assert kept.size <= 400
    assert kept.pushed_out == 2


def test_events_that_come_close_together_share_a_span() -> None:
    events = Events(before=10 * SECOND, after=30 * SECOND)
    assert events.needed_since(50 * SECOND) == 40 * SECOND
    events.happened([100 * SECOND, 110 * SECOND])
    assert (events.since, events.until) == (90 * SECOND, 140 * SECOND)
    assert events.seen == 1
    assert not events.is_over(140 * SECOND)
    assert events.is_over(141 * SECOND)


def test_nothing_is_written_twice() -> None:
    events = Events(before=10 * SECOND, after=30 * SECOND)
    events.happened([100 * SECOND])
    events.end()
    assert not events.is_over(200 * SECOND)
    events.happened([135 * SECOND])
    assert events.since == 130 * SECOND + 1
    assert events.seen == 2
