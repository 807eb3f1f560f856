"""How many log lines there are, and what of it is not as usual."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import NamedTuple

from whence.analysis.log_baseline import Bucket
from whence.analysis.log_body import body, far_away_words
from whence.analysis.log_rate import (
    Measure,
    Rates,
    Row,
    changes,
    growth,
    judged_totals,
    quiet,
    rates,
)
from whence.analysis.log_summer_time import LeftOut, never_left_out
from whence.api.log_clocks import ALL_KEPT, RIGHT, Clocks, clocks, clocks_left_out, in_order
from whence.api.log_lake import assumed_when_loaded, open_lake
from whence.model import BadInput
from whence.model.findings import Finding
from whence.model.log_tables import PIECE
from whence.model.log_zones import words_of
from whence.store.log_files import engine, roomy_engine
from whence.world.local_time import local_zone
from whence.world.log_file_rows import LogRows, about_size, check_readable, written_last
from whence.world.this_host import utc_now

LEARNED = timedelta(days=35)  # back from what is asked for, so that four weeks are known
_LEAST = timedelta(minutes=5)
_COLUMNS = ("received", "peer", "host", "weight", "size", "position")


class _Known(NamedTuple):
    """What was read, before it is judged."""

    rates: Rates | None
    left_out: tuple[str, ...]
    clocks: Clocks  # that were wrong
    on_no_wall: LeftOut  # hours that no clock shows
    assumed: tuple[str, ...]  # what was taken for the zone of times that say none


@dataclass(frozen=True, slots=True)
class Judged:
    """What was received, judged, and what is told of it."""

    rates: Rates
    totals: dict[Measure, list[Bucket]]
    findings: list[Finding]
    left_out: tuple[str, ...] = ()
    clocks: Clocks = RIGHT  # of files, that were wrong; the times are corrected
    assumed: tuple[str, ...] = ()  # what was taken for the zone of times that say none


def judged_rates(
    files: Sequence[Path] = (),
    *,
    every: timedelta = timedelta(hours=1),
    since: datetime | None = None,
    until: datetime | None = None,
    zone: tzinfo | None = None,
    folder: Path | None = None,
    zones: Mapping[str, tzinfo] | None = None,
    hear: Callable[[int, int], None] = lambda lines, size: None,
) -> Judged | None:
    """Judge the lines of files, or of the lake, by their own past; None if there are none.

    ``every`` is a part of an hour, or an hour. Findings are of what was received in the span.
    ``zone`` says where office hours are; this machine's if it is not given. ``zones`` are those of
    the times in files, as in `read_log_lines`.
    """
    if every < _LEAST or timedelta(hours=1) % every:
        raise BadInput(
            f"rates every {every.total_seconds():g} s cannot be told",
            because="only parts of an hour that are 5 minutes or longer can be compared",
            try_="5m, 10m, 15m, 30m or 1h",
        )
    read = (
        _of_files(files, every, until, hear, zones)
        if files
        else _of_lake(folder, every, since, until)
    )
    known = read.rates
    if known is None:
        return None
    totals = judged_totals(known, zone or local_zone())
    told = [*changes(known, totals, read.on_no_wall), *growth(known), *quiet(known)]
    wanted = sorted(
        (one for one in told if since is None or one.last > since), key=lambda one: one.first
    )
    return Judged(known, totals, wanted, read.left_out, read.clocks, read.assumed)


def _of_lake(
    folder: Path | None, every: timedelta, since: datetime | None, until: datetime | None
) -> _Known:
    with open_lake(folder) as lake, closing(engine(lake.folder)) as tables:
        end = until or utc_now()
        late: tuple[str, ...] = ()
        newest = lake.newest()
        if until is None and newest and newest < end - LEARNED:
            end = until = newest + timedelta(seconds=1)
            late = (f"the last line was received at {newest:%Y-%m-%d %H:%M} UTC",)
        begin = min(since or end, end) - LEARNED
        lake.sums(tables, _floor(begin, timedelta(hours=1)), until)
        rows: list[Row] = tables.execute(
            f"""SELECT time_bucket(INTERVAL {round(every.total_seconds())} SECOND, "begin"),
            coalesce(host, peer, 'unknown'), sum(lines)::BIGINT, sum(weight)::BIGINT,
            sum(bytes)::BIGINT
            FROM sums WHERE "begin" IS NOT NULL GROUP BY ALL ORDER BY ALL"""
        ).fetchall()
        [(without,)] = tables.execute(
            'SELECT coalesce(sum(lines), 0)::BIGINT FROM sums WHERE "begin" IS NULL'
        ).fetchall()
        missing = tuple(f"{reason}: {reason.because}" for reason in lake.unreadable.values())
        assumed = assumed_when_loaded(lake)
    known = rates(rows, every, until=end, without_time=without)
    return _Known(known, (*late, *missing), RIGHT, never_left_out, assumed)


def _of_files(
    files: Sequence[Path],
    every: timedelta,
    until: datetime | None,
    hear: Callable[[int, int], None],
    zones: Mapping[str, tzinfo] | None,
) -> _Known:
    files = in_order(files)
    for file in files:
        check_readable(file)
    lines = LogRows(files, written_last(files), columns=_COLUMNS, keep_original=False, zones=zones)
    before = "" if until is None else f"WHERE received < make_timestamp({_micro(until)})"
    piece = 0 if sum(map(about_size, files)) <= ALL_KEPT else PIECE
    with roomy_engine() as tables:
        tables.register("incoming", lines.rows)
        seconds = f"""CREATE TABLE logs AS SELECT * EXCLUDE (piece) FROM (
            SELECT time_bucket(INTERVAL 1 SECOND, make_timestamp(epoch_us(received))) AS received,
                host, coalesce(host, peer, 'unknown') AS source, "position" >> {piece} AS piece,
                min("position") AS "position", count(*) AS lines,
                sum(coalesce(weight, 1)) AS weight, sum(coalesce(size, 0)) AS size
            FROM incoming GROUP BY ALL)"""
        lines.read(lambda: tables.execute(seconds), hear)
        tables.unregister("incoming")
        wrong = clocks(tables, files, zones or {})
        rows = tables.execute(
            f"""SELECT time_bucket(INTERVAL {round(every.total_seconds())} SECOND, received),
            source, sum(lines)::BIGINT, sum(weight)::BIGINT, sum(size)::BIGINT
            FROM (SELECT * REPLACE ({wrong.corrected()} AS received) FROM logs)
            {before} GROUP BY ALL ORDER BY ALL"""
        ).fetchall()
    timed = [(row[0].replace(tzinfo=UTC), *row[1:]) for row in rows if row[0] is not None]
    without = sum(row[2] for row in rows if row[0] is None)
    near, left_out = _without_far_away(timed, every)
    known = rates(near, every, without_time=without)
    told = (*lines.left_out(), *left_out)
    assumed = words_of(lines.assumed_zone())
    return _Known(known, told, wrong, clocks_left_out(lines, zones or {}), assumed)


def _without_far_away(rows: list[Row], every: timedelta) -> tuple[list[Row], tuple[str, ...]]:
    sums: dict[datetime, int] = {}
    for begin, _, lines, *_ in rows:
        sums[begin] = sums.get(begin, 0) + lines
    found = body([*sums.items()], every)
    if found is None:
        return rows, ()
    away = [row for row in rows if not found.begin <= row[0] < found.end]
    count = sum(lines for _, _, lines, *_ in away)
    words = far_away_words(count, {row[1] for row in away}, min(row[0] for row in away))
    return [row for row in rows if found.begin <= row[0] < found.end], (words,)


def _floor(moment: datetime, every: timedelta) -> datetime:
    return moment - timedelta(seconds=moment.timestamp() % every.total_seconds())


def _micro(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6)


__all__ = ["LEARNED", "Judged", "judged_rates"]
