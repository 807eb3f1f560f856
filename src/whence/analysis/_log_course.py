"""When a kind of line began to be more than usual, whether it goes on, and whether it pulses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from whence.analysis._log_combos import line_number
from whence.analysis._log_interval import Interval
from whence.analysis._log_search import NOTHING
from whence.analysis._period import period_of
from whence.analysis.log_increase import Part

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROUNDS = 3  # of guessing the rate from the time, and the time from the rate
ALWAYS_KEPT = 'hash("position") % 64 = 0'  # lines that are kept as written, of a long file
STILL = 15.0  # seconds without a line, after which something is over if it was never slower
GAPS = 6.0  # usual gaps without a line, after which it is over
LEAST_BURSTS = 5
APART = 5.0  # seconds of silence, at least, between bursts
PACKED = 0.2  # of the time is in bursts, at most


@dataclass(frozen=True, slots=True)
class Course:
    """When a part was more than usual."""

    onset: datetime  # the second of its first line
    last: datetime  # the second of its last line
    goes_on: bool  # until the end of the log
    events: float  # from onset to last
    burst_seconds: float | None = None  # from one burst to the next, where it pulses
    burst_events: float | None = None

    @property
    def per_second(self) -> float:
        """Say how many events a second it is."""
        return self.events / ((self.last - self.onset).total_seconds() + 1)


@dataclass(frozen=True, slots=True)
class After:
    """What the log has of a part since it ended."""

    late: float  # events that came at a lower rate: connections that time out, say
    last: datetime  # the second of the last of all
    seconds: float  # of log since then, in which there is none
    expected: float  # events in these, if it had gone on as it was


def label_lines(tables: DuckDBPyConnection, parts: Sequence[Part], window: Interval) -> None:
    """Make the table ``log_parts``: what each part has in each second of the window, and of the
    time shortly before; and where its first line is, and the first that was kept in any case.
    """
    wider = Interval(window.before().begin, window.end)
    label = "CASE" + "".join(f" WHEN {part.combos_where} THEN {n}" for n, part in enumerate(parts))
    tables.execute(
        f"""CREATE OR REPLACE TEMP TABLE log_part_numbers AS
        SELECT DISTINCT number, {label} END AS part FROM log_combos WHERE part IS NOT NULL"""
    )
    tables.execute(
        f"""CREATE OR REPLACE TEMP TABLE log_parts AS
        SELECT part, epoch_us(received) // 1000000 AS second, {window.sql()} AS inside,
            sum(coalesce(weight, 1))::DOUBLE AS events, sum(size)::DOUBLE AS bytes,
            min("position") AS first, min("position") FILTER ({ALWAYS_KEPT}) AS kept
        FROM logs JOIN log_part_numbers ON number = {line_number()}
        WHERE {wider.sql()} GROUP BY ALL"""
    )


def courses(
    tables: DuckDBPyConnection, parts: Sequence[Part], window: Interval, end: datetime
) -> list[Course | None]:
    """Find the course of each part; ``end`` is the moment of the last line of the log.

    The onset is the second from which on, to a Poisson process, a higher rate is likeliest.
    """
    rows = tables.execute(
        f"""SELECT part, second, sum(events) FROM log_parts WHERE part < {len(parts)}
        GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    seconds: dict[int, list[tuple[int, float]]] = {n: [] for n in range(len(parts))}
    for part, second, count in rows:
        seconds[part].append((second, count))
    length = window.length.total_seconds()
    return [
        course(seconds[n], part.usual / length, part.now / length, end)
        for n, part in enumerate(parts)
    ]


def course(
    seconds: Sequence[tuple[int, float]], usual: float, now: float, end: datetime
) -> Course | None:
    """Find the course of counts by second (ascending), at rates in events a second."""
    if not seconds or now <= usual:
        return None
    span = seconds[-1][0] - seconds[0][0] + 1
    usual = max(usual, NOTHING / span)
    low, high = 0, len(seconds) - 1
    for _ in range(ROUNDS):
        if now <= usual:
            break
        gain = math.log(now / usual)
        low, high = likeliest([(at, count * gain) for at, count in seconds], now - usual)
        events = sum(count for _, count in seconds[low : high + 1])
        before, now = now, events / (seconds[high][0] - seconds[low][0] + 1)
        if now == before:
            break
    active = seconds[low : high + 1]
    events = sum(count for _, count in active)
    quiet = end.timestamp() - active[-1][0]
    slowest = sorted(b - a for (a, _), (b, _) in pairwise(active))
    usual_gap = slowest[len(slowest) * 95 // 100] if slowest else 0
    burst = _bursts(active)
    return Course(
        datetime.fromtimestamp(active[0][0], UTC),
        datetime.fromtimestamp(active[-1][0], UTC),
        quiet <= max(STILL, GAPS * usual_gap),
        events,
        *(burst or (None, None)),
    )


def afterwards(
    tables: DuckDBPyConnection, part: Part, course: Course | None, until: datetime
) -> After | None:
    """Look what ``logs`` has of a part that ended, from then on; None of one that goes on."""
    if course is None or course.goes_on:
        return None
    rest = Interval(course.last + timedelta(seconds=1), until)
    [(late, last)] = tables.execute(
        f"""SELECT coalesce(sum(coalesce(weight, 1)), 0)::DOUBLE, epoch_us(max(received)) // 1000000
        FROM logs WHERE {rest.sql()} AND {part.where}"""
    ).fetchall()
    latest = course.last if last is None else datetime.fromtimestamp(last, UTC)
    seconds = (until - latest).total_seconds() - 1
    if seconds < 1:
        return None
    return After(late, latest, seconds, course.per_second * seconds)


def likeliest(gains: Sequence[tuple[int, float]], cost: float) -> tuple[int, int]:
    """Give the first and the last index of the time that is likeliest to be the unusual one.

    ``gains`` are of seconds, ascending: by how much the events of each make a higher rate likelier;
    each second without any makes it less likely, by ``cost``. The maximum of the log likelihood
    ratio over all intervals, found in one pass.
    """
    best, span, run, begin = -math.inf, (0, 0), 0.0, 0
    previous = gains[0][0] - 1
    for number, (second, gain) in enumerate(gains):
        run -= cost * (second - previous - 1)
        if run <= 0:
            run, begin = 0.0, number
        run += gain - cost
        previous = second
        if run > best:
            best, span = run, (begin, number)
    return span


def _bursts(seconds: Sequence[tuple[int, float]]) -> tuple[float, float] | None:
    """Say how far apart bursts are and how many events each has, where there are such."""
    span = seconds[-1][0] - seconds[0][0] + 1
    if len(seconds) < LEAST_BURSTS or len(seconds) > PACKED * span:
        return None
    starts = [float(seconds[0][0])]
    for (before, _), (after, _) in pairwise(seconds):
        if after - before >= APART:
            starts.append(float(after))
    if len(starts) < LEAST_BURSTS:
        return None
    period = period_of(starts)
    if period is None:
        return None
    events = sum(count for _, count in seconds)
    return period.seconds, events / len(starts)
