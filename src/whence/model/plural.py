"""How many of something, in words: 1 packet, 9,998 packets."""

from __future__ import annotations


def many(count: int, one: str, several: str = "") -> str:
    """Write a number of things: 1 packet, 9,998 packets; ``several`` where no s makes it many."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"
