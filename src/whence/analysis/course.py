"""When stations sent how much: a course, with as many stretches as the clock had."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from whence.analysis._words import utc
from whence.model.flow_tables import FIRST_PACKET

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from whence.world.capture_times import CaptureTimes

BUCKETS = 60  # at most, over the whole time
WIDTHS = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 6 * 3600, 86400)  # seconds; then whole days


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which the clock went on, and was not set back."""

    begin: datetime
    buckets: int


@dataclass(frozen=True, slots=True)
class Course:
    """How much some stations sent, from moment to moment."""

    begin: datetime
    width: timedelta  # of one bucket
    sent: Mapping[str, tuple[float, ...]]  # by station, a number for each bucket
    stretches: tuple[Stretch, ...]  # one after the other, in the order of capture


def course(
    tables: DuckDBPyConnection,
    stations: Sequence[str],
    measure: str = "packets",
    times: Sequence[CaptureTimes] = (),
) -> Course | None:
    """Say when stations sent. What a flow sent is spread evenly from its first to its last packet.

    A flow table does not keep the time of each packet; long flows are smoother here than they
    were. ``times`` say where the clock of a capture was set back. What stands behind such a place
    is a stretch of its own, which is not laid over the time before it, and a flow that goes on
    behind it is in the stretch where it began. Packets dated too early by themselves are nowhere.
    """
    _note_stretches(tables, times)
    found = tables.execute(
        """SELECT stretch, min("first"), max("last") FROM placed
        WHERE tunnel = '' GROUP BY stretch ORDER BY stretch"""
    ).fetchall()
    if not found:
        return None
    lengths = [(last - first).total_seconds() for _, first, last in found]
    width = _width(lengths)
    stretches = tuple(
        Stretch(utc(first), int(length / width) + 1)
        for (_, first, _), length in zip(found, lengths, strict=True)
    )
    sent = _sent(tables, stations, measure, width, [(number, first) for number, first, _ in found])
    return Course(
        stretches[0].begin,
        timedelta(seconds=width),
        {
            station: tuple(
                sent[station].get((number, bucket), 0.0)
                for (number, *_), stretch in zip(found, stretches, strict=True)
                for bucket in range(stretch.buckets)
            )
            for station in stations
        },
        stretches,
    )


def _width(lengths: Sequence[float]) -> int:
    most = max(BUCKETS, 2 * len(lengths))
    for width in WIDTHS:
        if sum(int(length / width) + 1 for length in lengths) <= most:
            return width
    return 86400 * (1 + int(sum(lengths) / 86400 / BUCKETS))


def _note_stretches(tables: DuckDBPyConnection, times: Sequence[CaptureTimes]) -> None:
    """Make ``placed`` of ``counted``: in which stretch each flow is, and no longer than that.

    Files of which the clock was not set back are in one, since their times are in one order.
    """
    rows: list[tuple[str, int, datetime, datetime | None, int]] = []
    last = 0
    for each in times:
        if each.is_in_order:
            continue
        if not each.set_back:  # but single packets are too early
            rows.append((each.file, 0, each.first, None, 0))
            continue
        begins = [0, *(back.packet for back in each.set_back)]
        ends = [*(back.from_ for back in each.set_back), None]
        for packet, end in zip(begins, ends, strict=True):
            last += 1
            rows.append((each.file, packet, each.first, end, last))
    tables.execute(
        """CREATE OR REPLACE TEMP TABLE stretches (
            file VARCHAR, packet UBIGINT, earliest TIMESTAMP, latest TIMESTAMP, stretch INTEGER)"""
    )
    for file, packet, earliest, latest, stretch in rows:
        moments = (moment and moment.replace(tzinfo=None) for moment in (earliest, latest))
        tables.execute(
            "INSERT INTO stretches VALUES (?, ?, ?, ?, ?)", [file, packet, *moments, stretch]
        )
    tables.execute(
        f"""CREATE OR REPLACE TEMP VIEW placed AS
        SELECT flows.* REPLACE (
                greatest("first", coalesce(earliest, "first")) AS "first",
                greatest("first", coalesce(earliest, "first"),
                    least("last", coalesce(latest, "last"))) AS "last"),
            coalesce(stretch, 0) AS stretch
        FROM (SELECT *, {FIRST_PACKET} AS packet FROM counted) AS flows
        ASOF LEFT JOIN stretches
            ON flows.file = stretches.file AND flows.packet >= stretches.packet
        WHERE "last" >= coalesce(earliest, "last")"""
    )


def _sent(
    tables: DuckDBPyConnection,
    stations: Sequence[str],
    measure: str,
    width: int,
    begins: Sequence[tuple[int, datetime]],
) -> Mapping[str, Mapping[tuple[int, int], float]]:
    """Give what each station sent, by stretch and bucket."""
    # One row for each end of a flow. An inner packet is its own stations' traffic, and the outer
    # one that of the tunnel's ends.
    column = {"packets": "packets", "bytes": "bytes", "flows": "begun"}[measure]
    found = tables.execute(
        f"""WITH sides AS (
            SELECT source_ip AS station, source_packets AS packets, source_bytes AS bytes,
                1 AS begun, "first", "last", stretch FROM placed
            UNION ALL
            SELECT destination_ip, destination_packets, destination_bytes, 0, "first", "last",
                stretch FROM placed
        ), begins AS (
            SELECT unnest($numbers::INTEGER[]) AS stretch, unnest($begins::TIMESTAMP[]) AS begin
        ), spread AS (
            SELECT station, stretch, {column} AS amount,
                (epoch("first") - epoch(begin)) / $width AS enters,
                (epoch("last") - epoch(begin)) / $width AS leaves
            FROM sides JOIN begins USING (stretch)
                SEMI JOIN (SELECT unnest($stations::VARCHAR[]) AS station) USING (station)
            WHERE {column} > 0
        ), parts AS (
            SELECT *, unnest(range(floor(enters)::BIGINT, floor(leaves)::BIGINT + 1)) AS bucket
            FROM spread
        )
        SELECT station, stretch, bucket, sum(amount * CASE WHEN leaves > enters
            THEN (least(leaves, bucket + 1) - greatest(enters, bucket)) / (leaves - enters)
            ELSE 1 END)
        FROM parts GROUP BY station, stretch, bucket""",
        {
            "width": width,
            "stations": [*stations],
            "numbers": [number for number, _ in begins],
            "begins": [begin for _, begin in begins],
        },
    ).fetchall()
    sent: defaultdict[str, dict[tuple[int, int], float]] = defaultdict(dict)
    for station, stretch, bucket, amount in found:
        sent[station][stretch, bucket] = amount
    return sent
