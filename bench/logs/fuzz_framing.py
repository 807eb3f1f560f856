"""Streams of log messages that were changed by chance: however they are cut, nothing is lost.

``python bench/logs/fuzz_framing.py N [SEED]``. Each stream is fed twice, cut in different ways;
messages must be the same, within the length that is allowed, and hold all bytes but those that
tell messages apart.
"""

from __future__ import annotations

import random
import sys
import time

from whence.sensors.log_framing import BETWEEN, Framing, Way

PARTS = (
    b"<13>app: hello", b"<165>1 2026-11-26T03:17:00Z h a - - - x", b"\n", b"\r\n", b"\0", b"\n\0",
    b"14 <13>app: hello", b"5 <1>a", b"0 <1>", b"007 <1>", b"99999999 <1>", b"9999999 <1>",
    b"12 ", b"<", b" ", b"\xff\xfe", b"%ASA-4-419002: Duplicate TCP SYN", b"2026 Jun 25 nx : x",
)  # fmt: skip


def stream(chance: random.Random) -> bytes:
    """Make a stream of parts that may belong together, and change bytes of it."""
    first = chance.choice(PARTS)
    made = bytearray(first + b"".join(chance.choices(PARTS, k=chance.randrange(8))))
    for _ in range(chance.randrange(4)):
        made[chance.randrange(len(made))] = chance.randrange(256)
    return bytes(made)


def fed(data: bytes, longest: int, sizes: list[int]) -> tuple[Framing, list[bytes]]:
    """Feed a stream in pieces of these sizes, in turn."""
    framing = Framing(longest)
    found: list[bytes] = []
    at = turn = 0
    while at < len(data):
        found += framing.feed(data[at : at + sizes[turn % len(sizes)]])
        at += sizes[turn % len(sizes)]
        turn += 1
    return framing, [*found, framing.end()]


def check(data: bytes, chance: random.Random) -> None:
    """Feed one stream."""
    longest = chance.choice((4, 16, 1 << 18))
    whole, found = fed(data, longest, [len(data)])
    cut, again = fed(data, longest, [chance.randrange(1, 9), chance.randrange(1, 30)])
    assert found == again, (data, longest, found, again)
    assert (whole.way, whole.split, whole.misframed) == (cut.way, cut.split, cut.misframed), data
    assert all(len(one) <= longest for one in found[:-1]), (data, longest, found)
    if whole.way in (Way.LINES, Way.NULS, Way.UNKNOWN) and not whole.misframed:
        kept = b"".join(found).translate(None, BETWEEN)
        assert kept == data.translate(None, BETWEEN), (data, longest, found)


def main() -> None:
    count = int(sys.argv[1])
    chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    begun = time.perf_counter()
    for _ in range(count):
        check(stream(chance), chance)
    print(f"framing: {count:,} streams in {time.perf_counter() - begun:.0f} s, nothing lost")


if __name__ == "__main__":
    main()
