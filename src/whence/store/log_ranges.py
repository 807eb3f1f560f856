"""Segments of the lake of log lines: what their names say, and which of them count. Pure.

A name tells what a file holds (``rows``, ``sums`` or ``loudest``), which positions it answers
for, from the first to the one behind the last, and when its lines were received::

    rows-00000000004294967312-00000000004299161600-20261124T031700-20261124T031800.parquet

Who reads needs no list of files beside the folder: of files that hold the same positions, the
one of the wider range counts, since it was made of the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

Kind = Literal["rows", "sums", "loudest"]
Range = tuple[int, int]  # positions, the second is not in it

SUFFIX = ".parquet"
_TIME = "%Y%m%dT%H%M%S"
_NAME = re.compile(
    r"(rows|sums|loudest)-(\d{20})-(\d{20})-(\d{8}T\d{6}|none)-(\d{8}T\d{6}|none)\.parquet"
)
LARGEST_TO_MERGE = 32 << 20  # bytes; a larger segment stays as it is
FEWEST_TO_MERGE = 8


@dataclass(frozen=True, slots=True)
class Segment:
    """The name of a file of the lake."""

    begin: int
    end: int  # the position behind the last
    first: datetime | None  # when its lines were received, to the second; None: not known
    last: datetime | None
    kind: Kind = "rows"

    @classmethod
    def of(cls, name: str) -> Segment | None:
        """Read the name of a file; None if it is none of the lake's."""
        if not (match := _NAME.fullmatch(name)):
            return None
        kind, begin, end, first, last = match.groups()
        try:
            return cls(int(begin), int(end), _read(first), _read(last), kind)  # type: ignore[arg-type]
        except ValueError:  # the 31st of February
            return None

    @property
    def range(self) -> Range:
        """The positions that it answers for."""
        return self.begin, self.end

    def overlaps(self, start: datetime | None, end: datetime | None) -> bool:
        """Say whether lines of it may lie in a span; one that knows no times may."""
        if self.first is None or self.last is None:
            return start is None and end is None
        return (end is None or self.first < end) and (start is None or self.last >= start)

    def __lt__(self, other: Segment) -> bool:
        return (self.begin, self.end, str(self)) < (other.begin, other.end, str(other))

    def __str__(self) -> str:
        times = f"{_written(self.first)}-{_written(self.last)}"
        return f"{self.kind}-{self.begin:020}-{self.end:020}-{times}{SUFFIX}"


def segment(
    span: Range, first: datetime | None, last: datetime | None, kind: Kind = "rows"
) -> Segment:
    """Name a segment; the end of its time is rounded up to a second."""
    if first is None or last is None:
        return Segment(*span, None, None, kind)
    if last.microsecond:
        last = last.replace(microsecond=0) + timedelta(seconds=1)
    return Segment(*span, first.replace(microsecond=0), last, kind)


def that_count(segments: Iterable[Segment]) -> tuple[list[Segment], list[Segment]]:
    """Part segments of one kind, in order of their positions, into those that count and others.

    Those that lie wholly in another one do not count: it was made of them.
    """
    counted: list[Segment] = []
    covered: list[Segment] = []
    for one in sorted(segments, key=lambda one: (one.begin, -one.end)):
        (covered if counted and one.end <= counted[-1].end else counted).append(one)
    return counted, covered


def not_in(span: Range, taken: Iterable[Range]) -> list[Range]:
    """Give the parts of a range that no other range has taken."""
    begin, end = span
    left = []
    for other_begin, other_end in sorted(taken):
        if other_end <= begin:
            continue
        if other_begin >= end:
            break
        if other_begin > begin:
            left.append((begin, other_begin))
        begin = max(begin, other_end)
    return [*left, (begin, end)] if begin < end else left


def to_merge(
    sizes: Sequence[tuple[Segment, int]],
    fewest: int = FEWEST_TO_MERGE,
    largest: int = LARGEST_TO_MERGE,
) -> Iterator[list[Segment]]:
    """Choose runs of small segments that follow one another without a gap.

    A segment that outweighs all that follow it in its run is left for later, so that the same
    lines are not written anew every hour.
    """
    run: list[tuple[Segment, int]] = []
    for one, size in [*sorted(sizes), (None, 0)]:
        joins = one is not None and size < largest and (not run or run[-1][0].end == one.begin)
        if joins and sum(size for _, size in run) + size <= 8 * largest:
            assert one is not None
            run.append((one, size))
            continue
        while len(run) > 1 and run[0][1] > sum(size for _, size in run[1:]):
            run = run[1:]
        if len(run) >= max(2, fewest):
            yield [segment for segment, _ in run]
        run = [(one, size)] if one is not None and size < largest else []


def past(segments: Iterable[Segment], today: date, keep: timedelta) -> list[Segment]:
    """Choose the segments whose lines are all older than ``keep``.

    Time is counted from the last day but one that was received, so that a clock that jumps ahead
    and is put right within a day drops nothing; days in the future are a clock's mistake.
    """
    all_ = [*segments]
    believed = sorted({one.last.date() for one in all_ if one.last and one.last.date() <= today})
    if len(believed) < 2:
        return []
    oldest = believed[-2] - keep
    return [one for one in all_ if one.last and one.last.date() < oldest]


def _read(text: str) -> datetime | None:
    return None if text == "none" else datetime.strptime(text, _TIME).replace(tzinfo=UTC)


def _written(moment: datetime | None) -> str:
    return "none" if moment is None else f"{moment:{_TIME}}"
