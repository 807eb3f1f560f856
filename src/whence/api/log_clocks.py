"""Which clocks were wrong of what is counted in files, and the times as they should be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from whence.analysis._log_interval import quoted
from whence.analysis.log_clock import Clock, wrong_clock
from whence.analysis.log_clock_steps import FILES, ClockStep, clock_steps, corrected
from whence.analysis.log_generations import generations
from whence.analysis.log_summer_time import LeftOut, left_out_in, never_left_out
from whence.world.local_time import local_zone, zones_with_summer_time
from whence.world.log_file_rows import LogRows, end_of_file, is_packed, written_last
from whence.world.this_host import utc_now

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ALL_KEPT = 64 << 20  # bytes of files of which every line is kept as it was written
JUST_NOW = timedelta(minutes=2)  # since a file was written: it is no log of yesterday
LAST_BYTES = 256 << 10  # of a file, that tell of clocks


@dataclass(frozen=True, slots=True)
class Clocks:
    """What was wrong of clocks; nothing, if they were right or nobody can tell."""

    steps: tuple[ClockStep, ...] = ()
    clock: Clock | None = None  # that is wrong all the time

    def corrected(self, column: str = "received") -> str:
        """Write the time of a line, as it would be if all clocks were right."""
        column = corrected(self.steps, column)
        if self.clock is None:
            return column
        seconds = round(self.clock.behind.total_seconds())
        return (
            f"CASE WHEN host = {quoted(self.clock.host)} THEN {column} + to_seconds({seconds}) "
            f"ELSE {column} END"
        )


RIGHT = Clocks()


def in_order(files: Sequence[Path]) -> list[Path]:
    """Put the files of a log that was rotated behind one another, the oldest first."""
    return [file for each in generations(files) for file in each]


def clocks(
    tables: DuckDBPyConnection, files: Sequence[Path], zones: Mapping[str, tzinfo]
) -> Clocks:
    """Look at the order of the lines that ``logs`` holds, and at the end of the file.

    ``files`` are in the order of `in_order`: those of one log follow one another.
    """
    logs = [log for log, each in enumerate(generations(files)) for _ in each]
    alone = len({*logs}) == len(logs)
    file = FILES if alone else f"list_extract({logs}, ({FILES} + 1)::BIGINT)"
    steps = clock_steps(tables, file=file, lines="sum(lines)")
    clock = _clock(tables, files, zones)
    if clock and any(step.host in (clock.host, None) for step in steps):
        clock = None  # it was not wrong all the time, and is corrected by these
    return Clocks(steps, clock)


def clocks_left_out(lines: LogRows, zones: Mapping[str, tzinfo]) -> LeftOut:
    """Make what knows which hours clocks leave out, where the lines that were read say no zone."""
    if not lines.zone_assumed():
        return never_left_out
    return left_out_in(zones_with_summer_time(), zones.get("") or local_zone())


def _clock(
    tables: DuckDBPyConnection, files: Sequence[Path], zones: Mapping[str, tzinfo]
) -> Clock | None:
    """Look at the end of a file that is being written, whether a host's clock is wrong."""
    now = utc_now()
    written = written_last(files)
    just_now = timedelta() <= now - written <= JUST_NOW
    if len(files) != 1 or not just_now or is_packed(files[0]):
        return None
    if (zone := zones.get(str(files[0]))) is not None:  # its end has another name
        zones = {**zones, "": zone}
    columns = ("received", "host", "position")
    with end_of_file(files[0], LAST_BYTES) as end:
        last = LogRows([end], now, columns=columns, keep_original=False, zones=zones)
        tables.register("ending", last.rows)
        rows = last.read(
            lambda: tables.execute(
                """SELECT host, make_timestamp(epoch_us(received)) FROM ending
                WHERE received IS NOT NULL AND host IS NOT NULL ORDER BY "position\""""
            ).fetchall(),
            lambda lines, size: None,
        )
        tables.unregister("ending")
    return wrong_clock([(host, at.replace(tzinfo=UTC)) for host, at in rows], written)
