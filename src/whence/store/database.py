"""SQLite files of a format of ours: made whole, checked before use, errors in words.

What is not ours, newer than this program or damaged is recognised without writing a byte to it.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whence.model import BadInput, CannotStore, WhenceError

PATIENCE = 10.0  # seconds that a write waits for another process's write to end
MAGIC = b"SQLite format 3\x00"
HEADER = struct.Struct(">60xI4xI")  # user_version and application_id, sqlite.org/fileformat.html
DAMAGED = {"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT"}


@dataclass(frozen=True, slots=True)
class Format:
    """What tells one kind of file from another."""

    name: str  # as the user knows it
    application_id: int
    version: int
    statements: tuple[str, ...]  # each creates one table, index, view or trigger
    checked_by: str = "integrity_check"  # or the faster "quick_check", for what is large


class Database:
    """An open SQLite file. One thread writes at a time; others wait."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.lock = threading.RLock()
        self._connection = connection

    @classmethod
    def create(
        cls, path: Path, form: Format, mode: int, content: Iterable[tuple[str, Sequence[object]]]
    ) -> bool:
        """Make a new file of this format, or say that its name is taken.

        The file appears complete or not at all: it is written as a hidden draft, and renamed.
        Whoever holds the draft of a name is the only one who may give a file that name.
        """
        draft = path.with_name(f".{path.name}.draft")
        with in_words(path):
            if not _claimed(draft, path, mode):
                return False
            try:
                _fill(draft, form, content)
                draft.rename(path)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
            sync_folder(path.parent)
            return True

    @classmethod
    def open(cls, path: Path) -> Database:
        """Open a file that ``check`` found good.

        Where it cannot be written to (a full disk, another user's file) it can still be read.
        """
        with in_words(path):
            connection = _connect(path, "mode=rw")
            try:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            except sqlite3.OperationalError as e:
                connection.close()
                if e.sqlite_errorname.startswith("SQLITE_BUSY") or _has_log(path):
                    raise
                connection = _connect(path, "mode=ro&immutable=1")
            return cls(path, connection)

    @classmethod
    def look_into(cls, path: Path) -> Database:
        """Open a file so that nothing can be written to it."""
        with in_words(path):
            return cls(path, _connect(path, _reading_mode(path)))

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


def check(path: Path, form: Format) -> None:
    """Make sure that a file is whole and of this format, without writing to it.

    Raises
    ------
    BadInput
        If it is something else, of a newer version, or damaged.
    CannotStore
        If it cannot be read.

    """
    check_header(path, form)
    database = Database.look_into(path)
    try:
        if database.rows(f"PRAGMA {form.checked_by}(1)") != [("ok",)]:
            raise damaged(path, "its pages do not fit together")
        found = {sql for (sql,) in database.rows("SELECT sql FROM sqlite_master") if sql}
        if found != set(form.statements):
            raise damaged(path, f"its tables are not those of a {form.name}")
    finally:
        database.close()


def check_header(path: Path, form: Format) -> None:
    """Make sure, by the first bytes of a file, that it is of this format.

    Raises
    ------
    BadInput
        If it is something else, of a newer version, or damaged.
    CannotStore
        If it cannot be read.

    """
    with in_words(path), path.open("rb") as file:
        start = file.read(HEADER.size)
    if len(start) < HEADER.size or not start.startswith(MAGIC):
        raise BadInput(f"{path.name} is not a {form.name}", because="it is no SQLite file")
    version, application = HEADER.unpack(start)
    if application != form.application_id:
        raise BadInput(
            f"{path.name} is not a {form.name}", because="another program wrote this SQLite file"
        )
    if version > form.version:
        raise BadInput(
            f"{path.name} was written by a newer whence",
            because=f"it has format {version}, and this whence knows {form.version}",
            try_="update whence",
        )
    if version != form.version:
        raise damaged(path, f"there never was a format {version}")


def damaged(path: Path, because: str) -> BadInput:
    """Say that a file is damaged, and that it was left as it is."""
    return BadInput(
        f"{path.name} is damaged",
        because=because,
        try_=f"take a copy from a backup; nothing was changed in {path}",
    )


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn what SQLite and the operating system say into errors for the user."""
    try:
        yield
    except sqlite3.Error as e:
        raise _explain(path, e) from e
    except UnicodeDecodeError as e:  # SQLite quotes damaged bytes in what it says
        raise damaged(path, str(e)) from e
    except OSError as e:
        raise CannotStore(
            f"could not use {path}", because=e.strerror or str(e), try_=_remedy(e.errno)
        ) from e


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _claimed(draft: Path, path: Path, mode: int) -> bool:
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    except FileExistsError:
        return False
    if path.exists():
        draft.unlink()
        return False
    return True


def _fill(draft: Path, form: Format, content: Iterable[tuple[str, Sequence[object]]]) -> None:
    connection = sqlite3.connect(draft, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = MEMORY")  # a draft need not survive anything
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA application_id = {form.application_id}")
        connection.execute(f"PRAGMA user_version = {form.version}")
        for statement in form.statements:
            connection.execute(statement)
        for statement, values in content:
            connection.execute(statement, values)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}",
        uri=True,
        isolation_level=None,
        timeout=PATIENCE,
        check_same_thread=False,
    )
    connection.execute("PRAGMA trusted_schema = OFF")  # the file may come from a stranger
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _reading_mode(path: Path) -> str:
    """Leave no trace where that can be: reading makes -wal and -shm files unless "immutable"."""
    return "mode=ro" if _log(path).exists() else "mode=ro&immutable=1"


def _has_log(path: Path) -> bool:
    return _log(path).exists() and _log(path).stat().st_size > 0


def _log(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _explain(path: Path, error: sqlite3.Error) -> WhenceError:
    name = getattr(error, "sqlite_errorname", "")
    primary = "_".join(name.split("_")[:2])
    if primary in DAMAGED or not name:  # no name: Python could not decode what it was given
        return damaged(path, str(error))
    if primary == "SQLITE_BUSY":
        return CannotStore(
            f"{path.name} is in use",
            because=f"another process has been writing to it for {PATIENCE:.0f} s",
            try_="wait for the other whence to end, then try again",
        )
    if primary == "SQLITE_FULL":
        return CannotStore(
            f"could not write to {path}",
            because="the disk is full",
            try_="free some space; what was written before is safe",
        )
    if primary == "SQLITE_READONLY":
        return CannotStore(
            f"could not write to {path}",
            because="it could only be opened for reading",
            try_="look at the disk's free space and the file's permissions",
        )
    return CannotStore(
        f"could not use {path}",
        because=f"{error} ({name})",
        try_="look at the disk's free space and the file's permissions",
    )


def _remedy(number: int | None) -> str:
    return "free some space" if number in (28, 122) else "look at the permissions of its folder"
