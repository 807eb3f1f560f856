"""Regular contacts: somebody calls home."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, ClassVar

from whence.analysis._declare import Context, analysis
from whence.analysis._period import Period, period_of
from whence.analysis._words import end, percent, span
from whence.model.facts import Confidence
from whence.model.findings import Finding
from whence.model.plural import many

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEAST_EVENTS = 8
ONE_EVENT = 10.0  # seconds; what follows sooner is a retry, or part of the same,
SOONER = 4  # unless the others come so fast that a part of their distance is less than that
TIME = (123, "udp")  # NTP (RFC 5905)
MOST_EVENTS = 5000  # of one series, the newest; a day of one every 17 s


@dataclass(frozen=True, slots=True, kw_only=True)
class Beacon(Finding):
    """Contacts that come at even times."""

    kind: ClassVar[str] = "beacon"
    period: timedelta
    jitter: float  # standard deviation of a step, as a share of the period
    hits: int
    expected: int
    missing: float  # share of the expected
    strangers: int  # contacts at other times
    next: datetime
    score: float  # 1 is the threshold
    test: str


@analysis
def beacons(tables: DuckDBPyConnection, context: Context) -> Iterator[Beacon]:
    """Which contacts come at regular times?

    Judged by when flows begin, for each source, destination and port; contacts less than 10 s
    apart are one, and where contacts come faster than every 40 s, those less than a quarter of
    their usual distance apart. So a period below 10 s is not seen, nor what repeats inside one
    long flow. Time synchronisation, updates and monitoring are regular too: that something is a
    beacon says how it comes, not why. Time synchronisation (port 123/udp) is told last.
    """
    rows = tables.execute(
        """WITH begins AS (
            SELECT source_ip, destination_ip,
                CASE WHEN transport LIKE '%icmp' THEN NULL ELSE destination_port END AS port,
                transport, epoch_us("first") / 1e6 AS begin
            FROM counted WHERE source_packets > 0
        ), spaced AS (
            SELECT *, coalesce(begin - lag(begin) OVER (PARTITION BY source_ip, destination_ip,
                port, transport ORDER BY begin), 'infinity'::DOUBLE) AS gap
            FROM begins
        )
        SELECT source_ip, destination_ip, port, transport,
            list(begin ORDER BY begin) FILTER (gap >= $shortest) AS begins,
            list(gap ORDER BY begin) FILTER (gap >= $shortest) AS gaps, count(*)
        FROM spaced GROUP BY ALL HAVING count_if(gap >= $one_event) >= $least
        ORDER BY source_ip, destination_ip, port, transport""",
        {"one_event": ONE_EVENT, "shortest": ONE_EVENT / SOONER, "least": LEAST_EVENTS},
    ).fetchall()
    found = [
        _beacon(source, destination, port, transport, *regular, flows)
        for source, destination, port, transport, begins, gaps, flows in rows
        if (regular := _regular(begins, gaps, len(rows)))
    ]
    yield from sorted(found, key=_order)


def _order(beacon: Beacon) -> tuple[bool, float, str]:
    """Put first what is sure; clocks are set regularly everywhere, and would hide the others."""
    sets_clock = (beacon.destination_port, beacon.transport) == TIME
    return sets_clock, -beacon.score, beacon.sentence


def regularity(begins: Sequence[float], among: int = 1) -> tuple[Period, list[float]] | None:
    """Find the period of contacts, and which of them count; None if they have none.

    ``begins`` are ascending seconds. ``among`` is how many series are judged: the more, the more
    of them are regular by chance.
    """
    gaps = [begin - before for begin, before in zip(begins, [-math.inf, *begins], strict=False)]
    return _regular(begins, gaps, among)


def merged(begins: Sequence[float]) -> list[float]:
    """Take what comes less than 10 s after the one before as part of it."""
    pairs = zip(begins, [-math.inf, *begins], strict=False)
    return [begin for begin, before in pairs if begin - before >= ONE_EVENT]


def _regular(
    begins: Sequence[float], gaps: Sequence[float], among: int
) -> tuple[Period, list[float]] | None:
    """Judge contacts that are 10 s apart; if they have no period, those that are almost."""
    apart = [gap for gap in gaps if ONE_EVENT <= gap < math.inf]
    if len(apart) < LEAST_EVENTS - 1:
        return None
    shortest = min(ONE_EVENT, median(apart) / SOONER)
    series = {
        least: [begin for begin, gap in zip(begins, gaps, strict=True) if gap >= least]
        for least in (ONE_EVENT, shortest)
    }
    two = 2 if len(series[shortest]) > len(series[ONE_EVENT]) else 1  # chance has two chances
    found = (
        (period, events)
        for least, events in [*series.items()][:two]
        if (period := _period(events[-MOST_EVENTS:], among * two, least))
    )
    return next(found, None)


def _period(events: Sequence[float], among: int, least: float) -> Period | None:
    period = period_of(events, among, least)
    return period if period and period.hits >= LEAST_EVENTS * 3 // 4 else None


def _beacon(
    source: str,
    destination: str,
    port: int | None,
    transport: str,
    period: Period,
    events: Sequence[float],
    flows: int,
) -> Beacon:
    sure = Confidence.LIKELY if period.score >= 1.5 else Confidence.POSSIBLE
    missing = f", {percent(period.missing, 1)} missing" if period.missing >= 0.005 else ""
    return Beacon(
        sentence=f"{source} calls {end(destination, port, transport)} every "
        f"{span(period.seconds)} (± {percent(period.jitter, 1)}): {period.hits:,} of "
        f"{many(period.expected, 'expected contact')}{missing}.",
        confidence=sure,
        first=_moment(events[0]),
        last=_moment(events[-1]),
        count=flows,
        source=source,
        destination=destination,
        destination_port=port,
        transport=transport,
        evidence=(
            f"{many(len(events), 'contact')} in {span(events[-1] - events[0])}, "
            f"{period.strangers:,} of them at other times",
            f"the next one is expected at {_moment(period.next):%Y-%m-%d %H:%M:%S} UTC",
        ),
        period=timedelta(seconds=period.seconds),
        jitter=period.jitter,
        hits=period.hits,
        expected=period.expected,
        missing=period.missing,
        strangers=period.strangers,
        next=_moment(period.next),
        score=period.score,
        test=period.test,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
