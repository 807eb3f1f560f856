"""What makes a log so long: of files, or of the lake."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from whence.analysis._log_course import ALWAYS_KEPT
from whence.analysis._log_interval import EARLIER, LATER, Interval
from whence.analysis._log_window import HEAVIEST, extent, reference_of, unusual_window
from whence.analysis.change_messages import condition
from whence.analysis.log_body import body, far_away_words
from whence.analysis.log_changes import BEFORE
from whence.analysis.log_clock import Clock
from whence.analysis.log_clock_steps import ClockStep, clock_steps, corrected, of_window
from whence.analysis.log_explanation import Explanation, LogPattern, explanation
from whence.analysis.log_summer_time import LeftOut, never_left_out
from whence.api.log_clocks import ALL_KEPT, clocks, clocks_left_out, in_order
from whence.api.log_lake import assumed_when_loaded, open_lake
from whence.inquiry.unreachable import unreachable
from whence.model import BadInput
from whence.model.log_tables import LOGS, PIECE
from whence.model.log_zones import words_of
from whence.model.plural import many
from whence.store.log_files import roomy_engine
from whence.store.log_lake import FILE_BITS, FILES
from whence.world.log_file_rows import (
    LogRows,
    about_size,
    check_readable,
    written_last,
)
from whence.world.this_host import ThisHost

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Hear = Callable[[int, int], None]

COUNTED = ("received", "host", "template", "code", "weight", "position")  # of every line
READ = tuple(  # of the lines of a window, and of the time it is compared with
    name
    for name in LOGS
    if name
    not in ("time", "facility", "pid", "direction", "source_nat", "rule", "unsure",
            "destination_nat", "duration")
)  # fmt: skip
OPEN = datetime(2200, 1, 1, tzinfo=UTC)  # the end of a window that has none
LOOKED_BACK = timedelta(days=29)  # in the lake, from the window that is looked for
ANY = (1 << 32) - 1  # events of a row that was added up, of which each line had its limit
OF_THE_LAKE = f"""CASE WHEN "position" >= {FILES}::UBIGINT THEN "position" >> {FILE_BITS}
    ELSE 0 END"""  # the file of a line; of all that was received, there is one


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation, and what of the log was not read."""

    explanation: Explanation | None  # None: there is no line, or nothing stands out
    whole: Interval | None  # the log
    lines: int
    left_out: tuple[str, ...] = ()
    clock: Clock | None = None  # a wrong one; the times of that host are corrected
    steps: tuple[ClockStep, ...] = ()  # clocks that were set; what they told is corrected
    assumed: tuple[str, ...] = ()  # what was taken for the zone of times that say none

    @property
    def began(self) -> datetime | None:
        """Say when it began; None where nothing did."""
        found = self.explanation
        if found is None or not found.found:
            return None
        return found.patterns[0].first if found.patterns else found.window.begin


def explain_logs(
    files: Sequence[Path] = (),
    *,
    window: Interval | None = None,
    reference: Sequence[Interval] = (),
    folder: Path | None = None,
    here: bool = False,
    zones: Mapping[str, tzinfo] | None = None,
    hear: Hear = lambda lines, size: None,
) -> Explained:
    """Explain what files, or the lake, have more in a window than in its reference.

    Without a window, the time that is most unusual is found; without a reference, the same hours
    of earlier weeks or days, or the time before. ``here`` says that the log is of this machine's
    network: its routes and neighbours are asked about addresses that never answer. ``zones`` are
    those of the times in files, as in `read_log_lines`. Files are read twice: the first time only
    to count, the second time no more is kept than what matters.

    Raises
    ------
    BadInput
        If a file cannot be read, or the window lies outside of the log.

    """
    if files:
        return _of_files(files, window, reference, here, hear, zones or {})
    with open_lake(folder) as lake, roomy_engine() as tables:
        steps: tuple[ClockStep, ...] = ()
        lake.relation(tables)
        if (whole := extent(tables)) is not None:
            last = whole.end if window is None else min(whole.end, window.end)
            lake.relation(tables, last - LOOKED_BACK)
            steps = clock_steps(tables, file=OF_THE_LAKE)
            if steps:
                tables.execute("ALTER VIEW logs RENAME TO stored")
                tables.execute(
                    f"""CREATE TEMP VIEW logs AS
                    SELECT * REPLACE ({corrected(steps)} AS received) FROM stored"""
                )
            whole = extent(tables)
        left_out = tuple(f"{why}: {why.because}" for why in lake.unreadable.values())
        told = _explained(tables, whole, window, reference, here, left_out, steps=steps)
        return replace(told, assumed=assumed_when_loaded(lake))


def _of_files(
    files: Sequence[Path],
    window: Interval | None,
    reference: Sequence[Interval],
    here: bool,
    hear: Hear,
    zones: Mapping[str, tzinfo],
) -> Explained:
    files = in_order(files)
    for file in files:
        check_readable(file)
    size = sum(map(about_size, files))
    with roomy_engine() as tables:
        latest = written_last(files)
        counting = LogRows(files, latest, columns=COUNTED, keep_original=False, zones=zones)
        tables.register("incoming", counting.rows)
        every_line = size <= ALL_KEPT
        hours = f"""CREATE TABLE logs AS SELECT * EXCLUDE (piece) FROM (
            SELECT time_bucket(INTERVAL 1 SECOND, make_timestamp(epoch_us(received))) AS received,
                host, template, code, "position" >> {0 if every_line else PIECE} AS piece,
                sum(least(coalesce(weight, 1), {HEAVIEST}))::UINTEGER AS weight,
                count(*) AS lines, min("position") AS "position"
            FROM incoming GROUP BY ALL)"""
        counting.read(lambda: tables.execute(hours), hear)
        tables.unregister("incoming")
        left_out = tuple(counting.left_out())
        if without := counting.without_time():
            left_out += (f"{many(without, 'line says', 'lines say')} no time",)
        known = clocks(tables, files, zones)
        clock, steps = known.clock, known.steps
        if clock or steps:
            tables.execute(f"UPDATE logs SET received = {known.corrected()}")
        [(lines,)] = tables.execute("SELECT coalesce(sum(lines), 0)::BIGINT FROM logs").fetchall()
        left_out += _without_far_away(tables, window)
        whole = extent(tables)
        assumed = words_of(counting.assumed_zone())
        if whole is None:
            return Explained(None, None, lines, left_out, steps=steps)
        window, reference = _closed(window, reference, whole)
        chosen = window or unusual_window(tables, whole, heaviest=ANY)
        if chosen is None:
            return Explained(None, whole, lines, left_out, clock, steps, assumed)
        compared = tuple(reference) or reference_of(tables, chosen, whole).intervals
        tables.execute("DROP TABLE logs")
        rows = LogRows(files, latest, columns=READ, zones=zones)
        received = known.corrected("make_timestamp(epoch_us(received))")
        _read(tables, rows, chosen, compared, hear, every_line=every_line, received=received)
        told = _explained(
            tables, whole, chosen, reference, here, left_out, lines, steps,
            clocks_left_out(counting, zones),
        )  # fmt: skip
        return replace(told, clock=clock, assumed=assumed)


def _without_far_away(tables: DuckDBPyConnection, window: Interval | None) -> tuple[str, ...]:
    """Take away what is not of the time that the log is of, and say so."""
    hours = tables.execute(
        """SELECT time_bucket(INTERVAL 1 HOUR, received) AS hour, sum(lines)::BIGINT FROM logs
        WHERE received IS NOT NULL GROUP BY 1"""
    ).fetchall()
    found = body([(hour.replace(tzinfo=UTC), lines) for hour, lines in hours], timedelta(hours=1))
    if found is None or (window and not found.begin <= window.begin < found.end):
        return ()
    away = f"received IS NOT NULL AND NOT ({found.sql()})"
    [(lines, hosts, example)] = tables.execute(
        f"""SELECT sum(lines)::BIGINT, list(DISTINCT host) FILTER (host IS NOT NULL),
            min(received) FROM logs WHERE {away}"""
    ).fetchall()
    tables.execute(f"DELETE FROM logs WHERE {away}")
    return (far_away_words(lines, hosts or (), example),)


def _read(
    tables: DuckDBPyConnection,
    rows: LogRows,
    window: Interval,
    compared: Sequence[Interval],
    hear: Hear,
    *,
    every_line: bool,
    received: str,
) -> None:
    """Read again, and keep what lies in the window, the reference, and what tells of changes."""
    tables.register("incoming", rows.rows)
    columns = ", ".join(f'"{name}" {kind}' for name, kind in LOGS.items())
    tables.execute(f"CREATE TABLE logs ({columns})")
    day = Interval(window.begin - BEFORE, window.begin)
    near = [Interval(window.begin - EARLIER, window.end + LATER), *compared]
    inside = " OR ".join(f"({each.sql()})" for each in near)
    sampled = "TRUE" if every_line else ALWAYS_KEPT
    cells = ", ".join(f'"{name}"' for name in READ if name not in ("received", "original"))
    kept = f"""INSERT INTO logs BY NAME SELECT received, {cells},
            CASE WHEN {sampled} OR {condition()} THEN original END AS original
        FROM (SELECT * REPLACE ({received} AS received) FROM incoming)
        WHERE {inside} OR ({day.sql()} AND {condition()})"""
    rows.read(lambda: tables.execute(kept), hear)
    tables.unregister("incoming")


def _closed(
    window: Interval | None, reference: Sequence[Interval], whole: Interval
) -> tuple[Interval | None, Sequence[Interval]]:
    """Let what has no end end with the log: of what comes after it, nobody knows anything."""
    if window and (window.begin > whole.end or window.end <= whole.begin):
        raise BadInput(
            "there is no line in this window",
            because=f"the log is of {whole.begin:%Y-%m-%d %H:%M:%S} "
            f"to {whole.end:%Y-%m-%d %H:%M:%S} UTC",
            try_="give a window in this time, or none",
        )
    end = whole.end + timedelta(microseconds=1)  # an interval does not have its end
    return (
        Interval(window.begin, end) if window and window.end == OPEN else window,
        [Interval(one.begin, end) if one.end == OPEN and one.begin < end else one
         for one in reference],
    )  # fmt: skip


def _explained(
    tables: DuckDBPyConnection,
    whole: Interval | None,
    window: Interval | None,
    reference: Sequence[Interval],
    here: bool,
    left_out: tuple[str, ...],
    lines: int | None = None,
    steps: tuple[ClockStep, ...] = (),
    on_no_wall: LeftOut = never_left_out,
) -> Explained:
    if lines is None:
        [(lines,)] = tables.execute("SELECT count(*) FROM logs").fetchall()
    if whole is None:
        return Explained(None, None, lines, left_out)
    window, reference = _closed(window, reference, whole)
    asked = _unreachable if here else None
    told = explanation(tables, window, reference, whole, asked, on_no_wall)
    return Explained(
        told, whole, lines, left_out,
        steps=steps if told is None else of_window(steps, told.window),
    )  # fmt: skip


def _unreachable(addresses: Sequence[str]) -> Mapping[str, str]:
    return unreachable(addresses, ThisHost())


__all__ = [
    "Clock",
    "ClockStep",
    "Explained",
    "Explanation",
    "Interval",
    "LogPattern",
    "explain_logs",
]
