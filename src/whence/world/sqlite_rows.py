"""Where an address stands in a SQLite file: table, column and row. The file is only read."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from whence.model.address_forms import Finder, Form, Spot
from whence.model.address_pairs import pair_of
from whence.model.mentions import NotRead
from whence.world.file_tree import LARGEST

MAGIC = b"SQLite format 3\0"
MOST_ROWS = 2_000_000
MOST_FOUND = 20
PATIENCE = 5.0  # seconds that one file may take
LOGS = ("-wal", "-journal")  # what is not yet in a database, or not yet taken back
LARGEST_LOG = 64 << 20  # bytes of a log that is read with its file
LONGEST_KEY = 60  # characters of a value that names a row
STEPS = 10_000  # instructions of SQLite between two looks at the clock

Row = tuple[str, Spot, str]  # where, what, the value


def is_sqlite(data: bytes) -> bool:
    """Say whether a file begins as one of SQLite, https://sqlite.org/fileformat2.html."""
    return data.startswith(MAGIC)


def logs_of(path: str) -> list[str]:
    """Name the logs with something in them that lie beside a database."""
    found = []
    for log in (f"{path}{ending}" for ending in LOGS):
        with suppress(OSError):
            if not path.endswith("/") and Path(log).is_file() and Path(log).stat().st_size:
                found.append(log)
    return found


def database_of(path: str) -> str:
    """Name the database beside which a file is a log of SQLite; of any other file, itself."""
    base = next((path.removesuffix(end) for end in LOGS if path.endswith(end)), "")
    with suppress(OSError):
        if base and Path(base).is_file() and Path(base).stat().st_size <= LARGEST:
            with open(base, "rb", opener=_without_waiting) as file:
                return base if is_sqlite(file.read(len(MAGIC))) else path
    return path


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def rows_in(path: str, finder: Finder, not_read: NotRead) -> list[Row]:
    """Give the cells of a SQLite file that hold the address."""
    try:
        with _opened(path, not_read) as database:
            return [*_rows(path, database, finder, not_read)]
    except (sqlite3.Error, OSError, ValueError, OverflowError) as e:
        not_read.add("SQLite that cannot be read", f"{path}: {e}")
        return []


@contextmanager
def _opened(path: str, not_read: NotRead) -> Iterator[sqlite3.Connection]:
    """Open without a lock or a change, and with what was not yet put in: sqlite.org/wal.html."""
    logs = logs_of(path)
    for log in [log for log in logs if Path(log).stat().st_size > LARGEST_LOG]:
        not_read.add(f"logs of SQLite larger than {LARGEST_LOG >> 20} MB", log)
        logs.remove(log)
    with tempfile.TemporaryDirectory(prefix="whence-") as folder:
        for each in (path, *logs) if logs else ():
            shutil.copyfile(each, f"{folder}/copy{each.removeprefix(path)}")
        name = f"{folder}/copy" if logs else path
        options = "mode=rw" if logs else "mode=ro&immutable=1"
        with closing(sqlite3.connect(f"file:{quote(name)}?{options}", uri=True)) as database:
            end = time.monotonic() + PATIENCE
            database.set_progress_handler(lambda: time.monotonic() > end, STEPS)
            database.text_factory = lambda raw: raw.decode("utf-8", "replace")
            database.execute("PRAGMA trusted_schema = OFF")  # no code of the file's own
            database.execute("PRAGMA query_only = ON")
            yield database


def _rows(
    path: str, database: sqlite3.Connection, finder: Finder, not_read: NotRead
) -> Iterator[Row]:
    tables = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    ).fetchall()
    found = seen = 0
    for (table,) in tables:
        name = table.replace('"', '""')
        keys, cursor = _selected(database, name)
        heads = [str(column[0]) for column in cursor.description or ()][len(keys) or 1 :]
        for number, *values in _numbered(keys, cursor):
            seen += 1
            if seen > MOST_ROWS:
                not_read.add(f"beyond {MOST_ROWS:,} rows of a database", path)
                return
            for where, spot, value in _cells(heads, values, finder):
                yield f"table {table}, {where}, row {number}", spot, value
                found += 1
                if found >= MOST_FOUND:
                    return


def _cells(heads: list[str], values: list[Any], finder: Finder) -> Iterator[Row]:
    """Give the cells of a row that hold the address, or two that hold it between them."""
    alone = True
    for head, value in zip(heads, values, strict=False):
        if spot := spot_of(value, finder):
            alone = False
            yield f"column {head}", spot, str(value)
    if alone and (pair := pair_of(heads, values, finder)):
        yield f"columns {pair[0]} and {pair[1]}", pair[2], pair[2].text


def _selected(database: sqlite3.Connection, name: str) -> tuple[list[str], sqlite3.Cursor]:
    """Select all rows behind their numbers, or what names a row in a table that has none."""
    try:
        return [], database.execute(f'SELECT rowid, * FROM "{name}"')
    except sqlite3.OperationalError:  # a table WITHOUT ROWID, which has a primary key
        columns = database.execute(f'PRAGMA table_info("{name}")').fetchall()
        keys = [str(head) for _, head, *_, place in sorted(columns, key=lambda c: c[-1]) if place]
        chosen = "".join('"' + key.replace('"', '""') + '", ' for key in keys) or "'?', "
        return keys, database.execute(f'SELECT {chosen}* FROM "{name}"')


def _numbered(keys: list[str], cursor: sqlite3.Cursor) -> Iterator[list[Any]]:
    for row in cursor:
        named = (f"{key}={_brief(value)}" for key, value in zip(keys, row, strict=False))
        yield [", ".join(named), *row[len(keys) :]] if keys else [*row]


def _brief(value: object) -> str:
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= LONGEST_KEY else f"{text[:LONGEST_KEY]}…"


def spot_of(value: object, finder: Finder) -> Spot | None:
    """Say whether a cell holds the address, and how."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        is_it = finder.is_number(value)
        return Spot(Form.INTEGER, 0, 0, str(value)) if is_it else None
    if isinstance(value, bytes):
        if value in (packed := _packed(finder)):
            return Spot(Form.PACKED, 0, len(value), packed[0].hex())
        spots = finder.spots(value, most=1)
    else:
        spots = finder.spots_in(str(value), most=1) if isinstance(value, str) else []
    return spots[0] if spots else None


def _packed(finder: Finder) -> tuple[bytes, bytes]:
    packed = finder.wanted.parsed().packed
    return packed, packed[::-1]
