"""Clocks that were set, as far as the order of a host's lines in a file shows it.

What such a host wrote before and after stands at the same times, or leaves some out: that looks
like an increase, or like a silence. Its lines of the wrong times can be put where they belong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from whence.analysis._log_interval import Interval, quoted
from whence.analysis._log_jumps import LEAST, Jump, Others, jumps
from whence.model.log_tables import PIECE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST = timedelta(hours=25)  # that is believed without others; more is a file behind another
FEWEST = 10  # lines before, and after, that stand at the same times
ALIKE = 0.15  # by which the time that was left out may differ from the one that was told twice
FILES = '("position" >> 48)'  # how the file of a line is told, where files are read
END = (1 << 64) - 1  # behind all positions


@dataclass(frozen=True, slots=True)
class ClockStep:
    """Lines of a host whose clock had been set: it was wrong, and was put right, or the reverse."""

    host: str | None  # None: of all hosts, so that it was the clock of who wrote the file
    back: timedelta  # from its last line before to its first after; less than nothing: forward
    again: Interval  # the times that it told twice, or left out
    before: int  # lines of these times, before it was set
    after: int
    begin: int  # the position of the first line that is corrected, and the one behind the last
    end: int
    off: timedelta  # by which these are wrong; less than nothing: they are too early
    said: Interval  # the times that they state
    corrects_what_follows: bool  # that it was set; else what was before


def clock_steps(
    tables: DuckDBPyConnection,
    window: Interval | None = None,
    *,
    file: str = FILES,
    lines: str = "count(*)",
) -> tuple[ClockStep, ...]:
    """Find hosts whose clocks were set, so that a part of the window was told twice or left out.

    ``lines`` is what counts the lines of rows of ``logs``, where a row stands for several. Which
    times are wrong is told by the other hosts of the file; else those between a jump and its
    reverse; else those before it. Of a host whose lines are out of order often, nothing is told.
    """
    found = jumps(tables, file)
    known = _Rows(tables, file, lines)
    steps = [
        *_shown_by_others([jump for jump in found if jump.others is Others.GO_ON], known),
        *_alone([jump for jump in found if jump.others is Others.SILENT], known),
        *_of_all([jump for jump in found if jump.others is Others.JUMP], known),
    ]
    steps.sort(key=lambda step: (step.said.begin, step.host or ""))
    return tuple(steps) if window is None else of_window(steps, window)


def corrected(steps: Sequence[ClockStep], column: str = "received") -> str:
    """Write the time of a line, as it would be if no clock had been set."""
    cases = "".join(
        f' WHEN "position" >= {step.begin}::UBIGINT AND "position" < {step.end}::UBIGINT'
        f" AND {_of_host(step.host)} THEN {column} - to_seconds({round(step.off.total_seconds())})"
        for step in steps
    )
    return f"CASE{cases} ELSE {column} END" if cases else column


def of_window(steps: Iterable[ClockStep], window: Interval) -> tuple[ClockStep, ...]:
    """Give those that matter in a window: lines of it are corrected, or would be in it if not."""
    return tuple(
        step for step in steps
        if any(each.begin < window.end and window.begin < each.end
               for each in (step.again, step.said, step.said.moved(-step.off)))
    )  # fmt: skip


def _shown_by_others(found: Sequence[Jump], known: _Rows) -> Iterator[ClockStep]:
    """Give what is wrong of hosts beside others, whose times go on where these jump."""
    for (number, host), each in groupby(_by_host(found), lambda one: (one.file, one.host)):
        own = [*each]
        ends = [known.first(number), *(jump.place for jump in own), known.behind(number)]
        offsets = [timedelta()]
        for jump in own:
            offsets.append(offsets[-1] + jump.by)
        right = offsets[0 if own[0].was_right else 1]
        for place in range(len(offsets)):
            off = offsets[place] - right
            if abs(off) < LEAST:
                continue
            edges = [own[edge] for edge in (place - 1, place) if 0 <= edge < len(own)]
            jump = min(edges, key=lambda one: one.by)  # one back tells times twice
            yield from known.step(jump, host, ends[place], ends[place + 1], off, sure=True)


def _alone(found: Sequence[Jump], known: _Rows) -> Iterator[ClockStep]:
    for (_, host), each in groupby(_by_host(found), lambda one: (one.file, one.host)):
        yield from _with_reverse([*each], host, known)


def _of_all(found: Sequence[Jump], known: _Rows) -> Iterator[ClockStep]:
    """Give what is wrong where all hosts of a file jump alike."""
    places: list[Jump] = []
    for jump in found:  # of one place, if it lies between the two lines of each host
        alike = places and places[-1].file == jump.file and jump.previous < places[-1].place
        if not alike:
            places.append(jump)
    for _, each in groupby(places, lambda one: one.file):
        yield from _with_reverse([*each], None, known)


def _with_reverse(found: Sequence[Jump], host: str | None, known: _Rows) -> Iterator[ClockStep]:
    """Give what is wrong between jumps back and those forward that make up for them.

    Of one that has none, what was before; of several such, nothing.
    """
    without: list[Jump] = []
    for number, jump in enumerate(found):
        low = found[number - 1].place if number else known.first(jump.file)
        high = found[number + 1].place if number + 1 < len(found) else known.behind(jump.file)
        back = -jump.by
        if (hole := known.hole(jump.file, host, low, high, back, jump.place)) is None:
            without.append(jump)
        elif hole < jump.place:
            yield from known.step(jump, host, hole, jump.place, back)
        else:
            yield from known.step(jump, host, jump.place, hole, -back)
    if len(without) == 1:
        [jump] = without
        yield from known.step(jump, host, known.first(jump.file), jump.place, -jump.by)


def _by_host(found: Sequence[Jump]) -> list[Jump]:
    return sorted(found, key=lambda one: (one.file, one.host, one.place))


class _Rows:
    """The rows of ``logs``, in the order of their files."""

    def __init__(self, tables: DuckDBPyConnection, file: str, lines: str) -> None:
        self._tables = tables
        self._file = file
        self._lines = lines
        self._ends: dict[int, tuple[int, int]] = {}

    def first(self, number: int) -> int:
        """Give the position of the first line of a file."""
        return self._range(number)[0]

    def behind(self, number: int) -> int:
        """Give the position behind the last line of a file."""
        return self._range(number)[1]

    def _range(self, number: int) -> tuple[int, int]:
        if number not in self._ends:
            [(first, last)] = self._tables.execute(
                f"""SELECT min("position"), max("position") FROM logs
                WHERE {self._file} = {number}"""
            ).fetchall()
            self._ends[number] = first, min(last + (1 << PIECE), END)
        return self._ends[number]

    def hole(
        self, number: int, host: str | None, low: int, high: int, size: timedelta, place: int
    ) -> int | None:
        """Find where a time of this size is left out; the one that is likest to it."""
        rows = self._tables.execute(
            f"""SELECT "position" FROM (
                SELECT "position", received - lag(received) OVER (ORDER BY "position") AS gap
                FROM logs WHERE received IS NOT NULL AND {self._of(number, host)}
                    AND "position" BETWEEN {low} AND {high}
            ) WHERE gap >= $low AND gap <= $high AND "position" <> {place}
            ORDER BY abs(epoch(gap) - {size.total_seconds()}), "position" LIMIT 1""",
            {"low": size * (1 - ALIKE), "high": size * (1 + ALIKE)},
        ).fetchall()
        return rows[0][0] if rows else None

    def step(
        self,
        jump: Jump,
        host: str | None,
        begin: int,
        end: int,
        off: timedelta,
        *,
        sure: bool = False,
    ) -> Iterator[ClockStep]:
        """Give the step if there are enough lines that it makes wrong, and that it repeats."""
        own = self._of(jump.file, host)
        if jump.by < timedelta():
            [(reached, earliest)] = self._tables.execute(
                f"""SELECT max(received) FILTER ("position" >= {jump.place}),
                    min(received) FILTER ("position" < {jump.place})
                FROM logs WHERE {own}"""
            ).fetchall()
            again = _interval(jump.after, min(jump.before, reached))
            if not sure and (-jump.by > MOST or jump.after - earliest < LEAST):
                return  # another file behind the first, maybe of the same times
        else:
            again = _interval(jump.before, jump.after)
        [(before, after, first, last, wrong)] = self._tables.execute(
            f"""SELECT {self._lines} FILTER ({again.sql()} AND "position" < {jump.place}),
                {self._lines} FILTER ({again.sql()} AND "position" >= {jump.place}),
                min(received) FILTER ({_between(begin, end)}),
                max(received) FILTER ({_between(begin, end)}),
                {self._lines} FILTER ({_between(begin, end)})
            FROM logs WHERE received IS NOT NULL AND {own}"""
        ).fetchall()
        if (wrong or 0) < FEWEST or (not sure and min(before or 0, after or 0) < FEWEST):
            return
        back, follows = jump.before - jump.after, begin >= jump.place
        yield ClockStep(
            host, back, again, int(before or 0), int(after or 0), begin, end, off,
            _interval(first, last), follows,
        )  # fmt: skip

    def _of(self, number: int, host: str | None) -> str:
        return f"{self._file} = {number} AND {_of_host(host)}"


def _of_host(host: str | None) -> str:
    return "TRUE" if host is None else f"coalesce(host, '') = {quoted(host)}"


def _between(begin: int, end: int) -> str:
    return f'"position" >= {begin}::UBIGINT AND "position" < {end}::UBIGINT'


def _interval(begin: datetime, last: datetime) -> Interval:
    """Give the time from one moment to another, which is in it."""
    return Interval(begin.replace(tzinfo=UTC), last.replace(tzinfo=UTC) + timedelta(microseconds=1))
