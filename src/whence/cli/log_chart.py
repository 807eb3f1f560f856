"""A rate as a chart of text: bars of blocks, a line for what is usual, marks for what is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from whence.analysis.log_baseline import Bucket, Judgement
from whence.cli.columns import BARS, size

HEIGHT = 8
NARROWEST, LABEL = 24, 9
MARKS = {Judgement.HIGH: "▲", Judgement.LOW: "▼"}


def chart(
    buckets: Sequence[Bucket],
    every: timedelta,
    width: int,
    zone: tzinfo,
    *,
    in_bytes: bool = False,
    height: int = HEIGHT,
) -> Iterator[str]:
    """Draw buckets, several in a column where there are more than columns; the largest counts.

    A dot is where the usual is, if it is above the bar. Below the bars, ▲ marks what is more than
    usual, ▼ what is less.
    """
    if not buckets:
        return
    columns = max(NARROWEST, width - LABEL - 2)
    each = -(-len(buckets) // columns)
    groups = [buckets[at : at + each] for at in range(0, len(buckets), each)]
    values = [max(one.value for one in group) for group in groups]
    usual = [max(one.expected for one in group) for group in groups]
    most = max([*values, *usual, 1.0])
    for row in range(height, 0, -1):
        label = _amount(most, in_bytes=in_bytes) if row == height else "0" if row == 1 else ""
        cells = "".join(_cell(value / most * height, expected / most * height, row)
                        for value, expected in zip(values, usual, strict=True))  # fmt: skip
        yield f"{label:>{LABEL}} │{cells}".rstrip()
    marks = "".join(_mark(group) for group in groups)
    yield f"{'':{LABEL}} └{'─' * len(groups)}"
    if marks.strip():
        yield f"{'':{LABEL}}  {marks}".rstrip()
    yield f"{'':{LABEL}}  {_times(groups, zone)}".rstrip()
    if each > 1:
        span = each * every
        yield f"{'':{LABEL}}  a column is the largest of {span.total_seconds() / 3600:g} h"


def _cell(value: float, usual: float, row: int) -> str:
    """Draw a cell of a bar: eighths of it are filled; what is not nothing is never drawn so."""
    filled = value - (row - 1)
    if filled >= 1:
        return BARS[-1]
    if filled > 0 or (row == 1 and value > 0):
        return BARS[max(0, min(7, int(filled * 8)))]
    return "·" if row - 1 < usual <= row else " "


def _mark(group: Sequence[Bucket]) -> str:
    found = [MARKS[one.judgement] for one in group if one.judgement in MARKS]
    return found[0] if found else " "


def _times(groups: Sequence[Sequence[Bucket]], zone: tzinfo) -> str:
    """Write the first moment, and those of midnights for which there is room."""
    text = f"{_local(groups[0][0].begin, zone):%m-%d %H:%M}"
    for number, group in enumerate(groups):
        moment = _local(group[0].begin, zone)
        before = _local(groups[number - 1][0].begin, zone) if number else moment
        if moment.date() != before.date() and number >= len(text) + 2:
            text = f"{text.ljust(number)}{moment:%m-%d}"
    return text


def _local(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone)


def _amount(value: float, *, in_bytes: bool) -> str:
    return size(value) if in_bytes else f"{value:,.0f}"
