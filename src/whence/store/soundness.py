"""Is a file whole, and what it should be? Found out without writing a byte to it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from whence.store.database import Database
from whence.store.file_format import Format, check_header
from whence.store.refusals import damaged


def check(path: Path, form: Format) -> None:
    """Make sure that a file is whole and of this format.

    Raises
    ------
    BadInput
        If it is something else, of a newer version, or damaged.
    CannotStore
        If it cannot be read.

    """
    check_header(path, form)
    with closing(Database.look_into(path)) as database:
        if database.rows(f"PRAGMA {form.checked_by}(1)") != [("ok",)]:
            raise damaged(path, "its pages do not fit together")
        found = {sql for (sql,) in database.rows("SELECT sql FROM sqlite_master") if sql}
        if found != set(form.statements):  # a trigger more could do anything
            raise damaged(path, f"its tables are not those of a {form.name}")
