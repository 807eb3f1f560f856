"""Bytes that were changed by chance, always the same ones."""

from __future__ import annotations

import random
from collections.abc import Iterator


def damaged(good: bytes, count: int = 2000) -> Iterator[bytes]:
    """Flip, cut, repeat and insert, a few times each."""
    chance = random.Random(7)
    yield from (good[:size] for size in range(len(good)))
    for _ in range(count):
        data = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data) + 1)
            match chance.randrange(4):
                case 0 if at < len(data):
                    data[at] = chance.choice((0, 0xFF, 0xC0, chance.randrange(256)))
                case 1:
                    del data[at : at + chance.randint(1, 8)]
                case 2:
                    data[at:at] = data[at : at + 16]
                case _:
                    data[at:at] = chance.randbytes(chance.randint(1, 8))
        yield bytes(data)
