"""What a list tells of a case, read from a few entries of its journal."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from whence.model import Observable, WhenceError
from whence.store.case_format import CASE, SUFFIX, first_entry, last_entry
from whence.store.database import Database
from whence.store.file_format import check_header
from whence.store.ledger import Ledger
from whence.store.refusals import damaged


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list."""

    id: str
    path: Path
    subject: Observable
    title: str
    created: datetime
    changed: datetime
    steps: int  # questions that were asked
    verdict: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class CaseList:
    """The cases of a folder, oldest first, and the files that could not be read."""

    cases: tuple[CaseRow, ...]
    unreadable: tuple[tuple[Path, WhenceError], ...]


def summary(path: Path) -> CaseRow:
    """Read what a list tells of a case. Its chain is not verified.

    Raises
    ------
    BadInput
        If it is no case, or too damaged to tell.
    CannotStore
        If it cannot be read.

    """
    check_header(path, CASE)
    ledger = Ledger()
    with closing(Database.look_into(path)) as database, database.snapshot():
        opened, verdict = first_entry(database), last_entry(database, "verdict")
        last = last_entry(database)
        [(steps,)] = database.rows("SELECT count(*) FROM journal WHERE kind = 'step'")
    for entry in filter(None, (opened, verdict)):
        ledger.add(entry)
    if opened is None or last is None or ledger.subject is None:
        raise damaged(path, "it does not say what it is about")
    return CaseRow(
        path.name.removesuffix(SUFFIX),
        path,
        ledger.subject,
        ledger.title,
        opened.moment,
        last.moment,
        steps,
        ledger.verdict,
    )
