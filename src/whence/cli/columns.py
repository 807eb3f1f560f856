"""Tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from whence.cli.say import safe
from whence.model.digits import three_digits

BARS = "▁▂▃▄▅▆▇█"


def lines(heads: Sequence[str], rows: Sequence[Sequence[str]], right: str = "") -> Iterator[str]:
    """Lay out rows below their heads; ``right`` names, by letter, how each column is aligned.

    A letter for each column: “l” left, “r” right; the last column is not padded.
    """
    cells = [[*map(safe, row)] for row in rows]
    widths = [max(len(row[n]) for row in (heads, *cells)) for n in range(len(heads))]
    for row in (heads, *cells):
        parts = [
            text.rjust(width) if side == "r" else text.ljust(width)
            for text, width, side in zip(row, widths, right.ljust(len(heads), "l"), strict=True)
        ]
        yield "  ".join(parts).rstrip()


def size(count: float) -> str:
    """Write a number of bytes: 512 B, 1.5 kB, 2.4 GB."""
    for unit in ("B", "kB", "MB", "GB"):
        if round(count) < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{three_digits(count)} {unit}"
        count /= 1000
    return f"{three_digits(count)} TB"


def sparkline(values: Sequence[float]) -> str:
    """Draw a course of numbers in one line; what is not nothing is never drawn as nothing."""
    most = max(values, default=0)
    if not most:
        return " " * len(values)
    return "".join(
        " " if not value else BARS[min(len(BARS) - 1, int(value / most * len(BARS)))]
        for value in values
    )
