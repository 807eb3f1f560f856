"""The lake: log lines in Parquet files, written by one process, read by any number.

Every append is a file of its own whose name says which positions it holds, so that the same lines
are never kept twice, and what was appended is there or not, also after kill -9. Small files are
joined, summed up, and dropped when they are old; see ``log_upkeep``. Readers take no lock: they
open what counts at one moment, and that stays readable for them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, TypeGuard, runtime_checkable

import duckdb

from whence.model import BadInput, CannotStore, WhenceError
from whence.model.log_sums import LOUDEST, SUMS
from whence.model.log_tables import LOGS
from whence.store.log_files import (
    FOLDER_MODE,
    Selected,
    Snapshot,
    Written,
    engine,
    named,
    read_afresh,
    sweep,
    write,
)
from whence.store.log_ranges import Range, Segment, not_in, that_count
from whence.store.log_upkeep import SUMMING, Kept, Upkeep, join, not_positions, retire, sum_up
from whence.store.turn import take_turn

FILES = 1 << 63  # positions from here on are those of files; before, of the spool's records
FILE_BITS = 40  # of a position in a file
LARGEST_FILE = (1 << FILE_BITS) - 1
_TIMES = ("received", "time")
_NO_LIMIT = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of an append."""

    rows: int
    bytes: int  # of the file that was written
    cut: int = 0  # positions at the beginning that had been there before


class LogLake:
    """A folder of log lines. Nothing is opened or made before it is needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.unreadable: dict[Path, WhenceError] = {}  # files passed over so far, and why
        self._turn: int | None = None
        self._snapshots: list[Snapshot] = []
        self._engine: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> LogLake:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def append(
        self, rows: object, from_position: int, to_position: int | Callable[[], int]
    ) -> Appended:
        """Keep rows in the columns of ``LOGS``; once this returns, a crash does not lose them.

        ``rows`` are an Arrow stream or a relation of DuckDB, in order of their positions, all of
        which lie in the range (the second position is behind the last; where only the reading
        tells it, give what does, and it is asked when the rows were read). What the lake has of
        the range already is not kept again; if that is all of it, the rows are not even read. The
        next range is to begin where this one ends: then files can be joined.

        Raises
        ------
        CannotStore
            If the disk is full or fails, or another process writes here. Nothing was changed.
        BadInput
            If rows have positions outside the range, or the lake has something of the middle.

        """
        self.take_turn()
        taken = [one.range for one in self._ranges()]
        if isinstance(to_position, int):
            end, reached = to_position, None
        else:
            begins = (begin for begin, _ in taken if begin > from_position)
            end, reached = min(begins, default=FILES), to_position
        if not 0 <= from_position < end < 1 << 64:
            raise ValueError(f"from {from_position} to {end} is no range")
        left = not_in((from_position, end), taken)
        if not left:
            return Appended(0, 0, end - from_position)
        if len(left) > 1 or left[0][1] != end:
            raise BadInput(
                f"positions {from_position} to {end} cannot be kept",
                because="the lake has some from their middle or their end, not their beginning",
                try_=f"append {left} alone",
            )
        cut = left[0][0] - from_position
        written = self._write(rows, left[0], from_position if cut else None, reached=reached)
        return Appended(written.rows, written.bytes, cut) if written else Appended(0, 0, cut)

    def append_file(
        self,
        rows: object,
        number: int,
        offset: int,
        reached: Callable[[], int],
        limit: int | None = None,
    ) -> Appended:
        """Keep the lines of a file from an offset on, as ``append`` does.

        Positions of the rows are offsets in the file; ``reached`` gives, when the rows were read,
        the one behind the last. Lines from ``limit`` on are left for another time.
        """
        self.take_turn()
        begin, end = in_file(number, offset), in_file(number, limit or LARGEST_FILE)
        left = not_in((begin, end), [one.range for one in self._ranges()])
        if left != [(begin, end)]:
            raise BadInput(
                f"the lines of file {number} from byte {offset} on cannot be kept",
                because="the lake has some of them",
                try_="load the file from its beginning",
            )
        written = self._write(
            rows, (begin, end), shift=in_file(number), reached=lambda: in_file(number, reached())
        )
        return Appended(written.rows, written.bytes) if written else Appended(0, 0)

    def reached(self, low: int = 0, high: int = FILES) -> int:
        """Give the position behind the last that the lake has in a range; ``low`` if it has none.

        Without a range: that of the spool, where its reading is to go on.
        """
        ends = [one.end for one in self._ranges() if low <= one.begin < high]
        return max(ends, default=low)

    def newest(self) -> datetime | None:
        """Say when the last line was received, to the second; None where no line says it."""
        return max((one.last for one in self._ranges() if one.last), default=None)

    def relation(
        self,
        connection: duckdb.DuckDBPyConnection,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> duckdb.DuckDBPyRelation:
        """Make the view ``logs`` of lines that were received in a span, and give it.

        It shows what is there now, also if it is joined or dropped later, until this lake is
        closed. Files that cannot be read are passed over, and named in ``unreadable``.
        """
        snapshot = self._snapshot(connection)
        chosen = [one for one in snapshot.that_count("rows") if one.overlaps(start, end)]
        columns = ", ".join(f'"{name}"' for name in LOGS)
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW logs AS SELECT {columns} "
            f"FROM {snapshot.source(chosen, LOGS)}{_during('received', start, end)}"
        )
        return connection.view("logs")

    def sums(
        self,
        connection: duckdb.DuckDBPyConnection,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> duckdb.DuckDBPyRelation:
        """Make the view ``sums``, in the columns of ``SUMS``, and give it; see ``relation``.

        A key may have several rows: add them up. Lines that were summed up come from the sums,
        others are summed up now, so that each counts once, also when the line itself is gone.
        """
        return self._summed(connection, "sums", SUMS, start, end)

    def loudest(
        self,
        connection: duckdb.DuckDBPyConnection,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> duckdb.DuckDBPyRelation:
        """Make the view ``loudest``, in the columns of ``LOUDEST``, and give it; see ``sums``."""
        return self._summed(connection, "loudest", LOUDEST, start, end)

    def tidy(self, upkeep: Upkeep, now: datetime) -> Kept:
        """Join small files, sum lines up, and drop what is older or more than is to be kept."""
        self.take_turn()
        joined = join(self.folder, self._own_engine(), upkeep, self.unreadable)
        summed = sum_up(self.folder, self._own_engine(), self.unreadable)
        return retire(self.folder, upkeep, now, Kept(joined=joined, summed=summed))

    def sum_up(self) -> int:
        """Sum up what is not summed up yet; give how many files of rows there were."""
        self.take_turn()
        return sum_up(self.folder, self._own_engine(), self.unreadable)

    def size(self) -> int:
        """Give the bytes that the lake takes."""
        sizes = 0
        for one in named(self.folder):
            try:
                sizes += (self.folder / str(one)).stat().st_size
            except FileNotFoundError:
                continue
        return sizes

    def close(self) -> None:
        """Let another process write, and let go of what was read."""
        for snapshot in self._snapshots:
            snapshot.close()
        self._snapshots.clear()
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        if self._turn is not None:
            os.close(self._turn)
            self._turn = None

    def _write(
        self,
        rows: object,
        span: Range,
        cut_from: int | None = None,
        shift: int = 0,
        reached: Callable[[], int] | None = None,
    ) -> Written | None:
        own = self._own_engine()
        if cut_from is None and _has_all_columns(rows):
            whole = _AsTheyAre(rows, shift, span[1] if shift else _NO_LIMIT)
            return write(self.folder, span, "rows", whole, own, reached)
        try:
            relation = _relation(rows, own).project(_CELLS)
            if cut_from is not None:
                already = f"position >= {cut_from}::UBIGINT AND position < {span[0]}::UBIGINT"
                relation = relation.filter(f"NOT ({already})")
            if shift:
                moved = f"(position + {shift}::UBIGINT) AS position"
                relation = relation.project(f"* REPLACE ({moved})")
                relation = relation.filter(f"position < {span[1]}::UBIGINT")
            return write(self.folder, span, "rows", Selected(relation), own, reached)
        finally:
            own.unregister("incoming")

    def _own_engine(self) -> duckdb.DuckDBPyConnection:
        if self._engine is None:
            self._engine = engine(self.folder)
        return self._engine

    def take_turn(self) -> None:
        """Become the one process that writes here, until ``close``.

        Raises
        ------
        CannotStore
            If another process is, or the folder cannot be made.

        """
        if self._turn is not None:
            return
        self._turn = take_turn(
            self.folder,
            FOLDER_MODE,
            because="another whence writes there",
            try_="wait until it has ended, or stop it",
        )
        sweep(self.folder)

    def _ranges(self) -> Iterable[Segment]:
        """Give what says that positions are there: rows, or the sums that outlived them."""
        return that_count(one for one in named(self.folder) if one.kind != "loudest")[0]

    def _snapshot(self, connection: duckdb.DuckDBPyConnection) -> Snapshot:
        read_afresh(connection)
        snapshot = Snapshot.of(self.folder)
        self._snapshots.append(snapshot)
        self.unreadable |= snapshot.unreadable
        return snapshot

    def _summed(
        self,
        connection: duckdb.DuckDBPyConnection,
        kind: str,
        columns: dict[str, str],
        start: datetime | None,
        end: datetime | None,
    ) -> duckdb.DuckDBPyRelation:
        snapshot = self._snapshot(connection)
        summed = snapshot.that_count("loudest" if kind == "loudest" else "sums")
        rows = [
            one
            for one in snapshot.that_count("rows")
            if one.overlaps(start, end) and not_in(one.range, [other.range for other in summed])
        ]
        own = snapshot.source([one for one in summed if one.overlaps(start, end)], columns)
        fresh = snapshot.source(rows, LOGS)
        new = SUMMING[kind].format(
            source=f"{fresh} WHERE {not_positions([one.range for one in summed])}"
        )
        names = ", ".join(f'"{name}"' for name in columns)
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {kind} AS SELECT * FROM (SELECT {names} FROM {own} "
            f"UNION ALL SELECT {names} FROM ({new})){_during('begin', start, end)}"
        )
        return connection.view(kind)


@runtime_checkable
class Columns(Protocol):
    """Columns that can write themselves to a file, without the engine: the native part's."""

    def columns(self) -> list[str]:
        """Give their names, in order."""

    def write_parquet(self, path: str, /, *, shift: int, limit: int) -> int:
        """Write the rows, with ``shift`` added to positions, as far as these are below a limit."""


@dataclass(frozen=True, slots=True)
class _AsTheyAre:
    rows: Columns
    shift: int
    limit: int

    def write_parquet(self, file_name: str, /) -> object:
        return self.rows.write_parquet(file_name, shift=self.shift, limit=self.limit)


def _has_all_columns(rows: object) -> TypeGuard[Columns]:
    if isinstance(rows, duckdb.DuckDBPyRelation) or not isinstance(rows, Columns):
        return False
    return rows.columns() == [*LOGS]


def _relation(rows: object, own: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    if isinstance(rows, duckdb.DuckDBPyRelation):
        return rows
    own.register("incoming", rows)
    return own.view("incoming")


def _cell(name: str, type_: str) -> str:
    if name in _TIMES:  # by way of numbers: a cast would take the time zone of the session
        return f'make_timestamp(epoch_us("{name}")) AS "{name}"'
    return f'"{name}"::{type_} AS "{name}"'


_CELLS = ", ".join(_cell(name, type_) for name, type_ in LOGS.items())


def _during(column: str, start: datetime | None, end: datetime | None) -> str:
    tests = [
        f'"{column}" {test} make_timestamp({round(moment.timestamp() * 1e6)})'
        for test, moment in ((">=", start), ("<", end))
        if moment is not None
    ]
    return " WHERE " + " AND ".join(tests) if tests else ""


def in_file(number: int, offset: int = 0) -> int:
    """Give the position of a byte of a file that was loaded."""
    if not 0 <= offset < 1 << FILE_BITS or not 0 <= number < 1 << (63 - FILE_BITS):
        raise CannotStore(f"there is no position for byte {offset} of file {number}")
    return FILES + (number << FILE_BITS) + offset
