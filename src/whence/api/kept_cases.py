"""The cases that are kept: what of the api needs only them, and is quick to import."""

from __future__ import annotations

from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path

from whence.store.case_file import CaseFile
from whence.store.cases import Cases
from whence.world import utc_now
from whence.world.places import Places
from whence.world.recording import write_recording


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of checking a case's chain."""

    case: str
    problems: tuple[str, ...]  # in words
    entries: int = 0
    head: str = ""  # the hash of the last entry
    noted: int | None = None  # the entry whose hash somebody noted as the head, where one did


def cases() -> Cases:
    """Give this user's cases."""
    return Cases(Places.of_this_user().cases, utc_now)


def case(name: str) -> AbstractContextManager[CaseFile]:
    """Open a case by its id, the beginning of it, or “last”, for a ``with`` block."""
    return closing(cases().open(name))


def export_case(name: str, path: Path, *, overwrite: bool = False) -> None:
    """Write a case into one portable file."""
    cases().export(name, path, replace=overwrite)


def import_case(path: Path) -> str:
    """Take in an exported case after checking all of it; give its id."""
    with closing(cases().import_(path)) as imported:
        return imported.id


def verify_case(name: str, noted: str | None = None) -> Verified:
    """Check a case's chain; and, where somebody noted its head, that it still leads there."""
    problems = cases().verify(name)
    if problems:
        return Verified(name, problems)
    with case(name) as opened:
        entries = [*opened.journal()]
    last = entries[-1]
    if not noted:
        return Verified(opened.id, (), last.seq, last.hash)
    for entry in entries:
        if entry.hash == noted:
            return Verified(opened.id, (), last.seq, last.hash, entry.seq)
    other = (
        f"no entry has the hash {noted}: the case is not the one whose head that is, or its "
        "entries were changed, or cut off at the end, after that head was noted"
    )
    return Verified(opened.id, (other,), last.seq, last.hash)


def record_case(name: str, directory: Path) -> int:
    """Write what a case read as files for a RecordedHost; give their number."""
    with case(name) as opened:
        return write_recording(opened.answers(), directory)


def forget_case(name: str) -> tuple[Path, ...]:
    """Delete a case for good; say which files that were."""
    return cases().forget(name)


__all__ = [
    "CaseFile", "Verified", "case", "cases", "export_case", "forget_case", "import_case",
    "record_case", "verify_case",
]  # fmt: skip
