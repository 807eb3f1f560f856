"""An open SQLite file: transactions that are durable, errors in words."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from whence.store.refusals import PATIENCE, in_words

ALONE = "mode=ro&immutable=1"  # makes no -wal and -shm files, and needs none
NO_LOG = ("SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR")  # no place for it


class Database:
    """An open SQLite file. One thread writes at a time; others wait."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.lock = threading.RLock()
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Database:
        """Open a file that ``check`` found good.

        Where it cannot be written to (a full disk, another user's file) it can still be read.
        """
        return cls(path, _connect(path, "mode=rw"))

    @classmethod
    def look_into(cls, path: Path) -> Database:
        """Open a file so that nothing can be written to it."""
        return cls(path, _connect(path, "mode=ro" if _log(path).exists() else ALONE))

    @contextmanager
    def transaction(self, *, through_power_loss: bool = True) -> Iterator[None]:
        """Write all of it or nothing.

        What is committed survives the death of the process. With ``through_power_loss`` it is
        also on the disk when this returns, with everything that was committed before it.
        """
        with self.lock, in_words(self.path):
            run = self._connection.execute
            run(f"PRAGMA synchronous = {'FULL' if through_power_loss else 'NORMAL'}")
            run("BEGIN IMMEDIATE")
            try:
                yield
                run("COMMIT")
            except BaseException:
                self._undo()
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See the file as it is now, also if others write to it meanwhile."""
        with self.lock, in_words(self.path):
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._undo()

    def run(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Execute one statement."""
        with self.lock, in_words(self.path):
            self._connection.execute(statement, values)

    def run_each(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute one statement for each row of values."""
        with self.lock, in_words(self.path):
            self._connection.executemany(statement, rows)

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Give all rows that a query finds."""
        with self.lock, in_words(self.path):
            return self._connection.execute(query, values).fetchall()

    def each(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Give the rows that a query finds one by one, for what is too much to hold."""
        with in_words(self.path):
            yield from self._connection.execute(query, values)

    def close(self) -> None:
        """Close the file; what was only in its log goes into the file itself."""
        with self.lock, in_words(self.path):
            self._connection.close()

    def _undo(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            pass  # SQLite has rolled back by itself; what failed before is what the user is told


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open a file in a mode; if that cannot be, and its log is empty, without a log."""
    with in_words(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?{mode}",
            uri=True,
            isolation_level=None,
            timeout=PATIENCE,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA trusted_schema = OFF")  # it may come from a stranger
            connection.execute("PRAGMA cell_size_check = ON")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as e:
            connection.close()
            no_room = e.sqlite_errorname.startswith(NO_LOG)
            if mode == ALONE or not no_room or _has_log(path):
                raise
            return _connect(path, ALONE)
        return connection


def _has_log(path: Path) -> bool:
    return _log(path).exists() and _log(path).stat().st_size > 0


def _log(path: Path) -> Path:
    return path.with_name(path.name + "-wal")
