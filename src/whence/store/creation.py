"""Files that appear complete or not at all."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from whence.model import whole_files
from whence.store.file_format import Format
from whence.store.refusals import in_words


def create(
    path: Path, form: Format, mode: int, content: Iterable[tuple[str, Sequence[object]]]
) -> bool:
    """Make a new file of this format, or say that its name is taken.

    The file appears complete or not at all: it is written as a hidden draft, and renamed.
    Whoever holds the draft of a name is the only one who may give a file that name.
    """
    draft = _draft(path)
    with in_words(path):
        if not _claimed(draft, path, mode):
            return False
        try:
            _fill(draft, form, content)
            draft.rename(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        whole_files.sync_folder(path.parent)
        return True


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Write a file anew, mode 0600: it is as it was or as it will be, never in between.

    Raises
    ------
    CannotStore
        If there is no room, say; then nothing was changed.

    """
    with in_words(path), whole_files.replacing(path, _draft(path), 0o600) as file:
        yield file


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.draft")


def _claimed(draft: Path, path: Path, mode: int) -> bool:
    try:
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    except FileExistsError:
        return False
    os.fchmod(descriptor, mode)  # whatever the umask is
    os.close(descriptor)
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
