"""What SQLite and the operating system say, as errors for the user."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whence.model import BadInput, CannotStore, WhenceError

PATIENCE = 10.0  # seconds that a write waits for another process's write to end
DAMAGED = {"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT"}


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn what SQLite and the operating system say into errors for the user."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # our own fault, such as a file that was closed
    except sqlite3.Error as e:
        raise _explain(path, e) from e
    except UnicodeDecodeError as e:  # SQLite quotes damaged bytes in what it says
        raise damaged(path, str(e)) from e
    except OSError as e:
        raise CannotStore(
            f"could not use {path}", because=e.strerror or str(e), try_=_remedy(e.errno)
        ) from e


def damaged(path: Path, because: str) -> BadInput:
    """Say that a file is damaged, and that it was left as it is."""
    return BadInput(
        f"{path.name} is damaged",
        because=because,
        try_=f"take a copy from a backup; nothing was changed in {path}",
    )


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
    match number:
        case errno.ENOSPC | errno.EDQUOT:
            return "free some space"
        case errno.ENOENT | errno.ENOTDIR:
            return "look whether its name is right, and its folder there"
        case errno.EISDIR:
            return "name a file"
        case _:
            return "look at the permissions of its folder"
