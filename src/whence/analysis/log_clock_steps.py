"""Clocks that were set back, as far as the order of a host's lines in a file shows it.

What such a host wrote before and after stands at the same times: that looks like an increase.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from whence.analysis._log_interval import Interval

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEAST = timedelta(minutes=5)  # that a clock is set back; lines wait for less
MOST = timedelta(hours=14)  # … what is more is another file behind the first
FEWEST = 10  # lines before, and after, that stand at the same times


@dataclass(frozen=True, slots=True)
class ClockStep:
    """A host's clock that was set back."""

    host: str
    back: timedelta
    again: Interval  # the times that it told twice
    before: int  # lines of these times, before it was set back
    after: int


def clock_steps(tables: DuckDBPyConnection, window: Interval) -> tuple[ClockStep, ...]:
    """Find hosts whose clocks were set back once, so that a part of the window was told twice.

    Of a host whose lines are out of order more often, nothing is told: several machines may have
    its name, or lines of several zones.
    """
    rows = tables.execute(
        """WITH stepping AS (
            SELECT host, "position", received,
                lag(received) OVER (PARTITION BY host, "position" >> 48 ORDER BY "position")
                    AS latest
            FROM logs WHERE host IS NOT NULL AND received IS NOT NULL
        ), steps AS (
            SELECT host, any_value("position") AS place, any_value(received) AS "begin",
                any_value(latest) AS until
            FROM stepping WHERE latest - received >= $least GROUP BY host HAVING count(*) = 1
        ), reached AS (
            SELECT steps.host, place, steps."begin", until - steps."begin" AS back,
                least(until, max(received)) AS "end"
            FROM steps JOIN logs ON logs.host = steps.host AND "position" >= place
                AND "position" >> 48 = place >> 48
            GROUP BY steps.host, place, steps."begin", until
        )
        SELECT reached.host, back, "begin", "end", count(*) FILTER ("position" < place),
            count(*) FILTER ("position" >= place)
        FROM reached JOIN logs ON logs.host = reached.host
            AND received BETWEEN "begin" AND "end" AND "position" >> 48 = place >> 48
        WHERE back <= $most GROUP BY reached.host, back, "begin", "end" ORDER BY 1""",
        {"least": LEAST, "most": MOST},
    ).fetchall()
    steps = (
        ClockStep(host, back, Interval(begin.replace(tzinfo=UTC), _after(end)), before, after)
        for host, back, begin, end, before, after in rows
        if begin < end and min(before, after) >= FEWEST
    )
    return tuple(
        step for step in steps
        if step.again.begin < window.end and window.begin < step.again.end
    )  # fmt: skip


def _after(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) + timedelta(microseconds=1)
