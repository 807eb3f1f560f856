"""What tells one kind of SQLite file from another, by its first bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from whence.model import BadInput
from whence.store.refusals import damaged, in_words

MAGIC = b"SQLite format 3\x00"
HEADER = struct.Struct(">60xI4xI")  # user_version and application_id, sqlite.org/fileformat.html


@dataclass(frozen=True, slots=True)
class Format:
    """What tells one kind of file from another."""

    name: str  # as the user knows it
    application_id: int
    version: int
    statements: tuple[str, ...]  # each creates one table, index, view or trigger
    checked_by: str = "integrity_check"  # or the faster "quick_check", for what is large


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
