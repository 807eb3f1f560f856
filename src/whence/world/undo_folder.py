"""What is changed only for a while: a journal for each change, by kind and name.

Whoever makes such a change holds its journal for as long as it lives. A journal that nobody holds
is what a killed whence left, unless it says until when the change is meant to stay.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from whence.model import CannotStore
from whence.world import durable
from whence.world.changes import Run
from whence.world.undo import Undo

SUFFIX = ".jsonl"


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal that was found, and what is known of it."""

    path: Path
    kind: str  # who makes such changes: trap
    name: str  # of what was changed, for people
    until: datetime | None  # how long it is meant to stay without anybody who holds it
    changes: int  # that are not taken back yet
    held: bool  # by a whence that lives


class UndoFolder:
    """The journals of one user; `Places.passing` names the folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextlib.contextmanager
    def hold(self, kind: str, name: str, until: datetime | None = None) -> Iterator[Undo]:
        """Give the journal of a change; nobody else takes it back meanwhile.

        What is not taken back with `Undo.undo_all` in the end is taken back by the next whence
        that starts, or, if ``until`` is given, then or at the next boot.

        Raises
        ------
        CannotStore
            If another whence holds it.

        """
        durable.make_folder(self._path, 0o700)
        path = self._path / f"{kind}-{hashlib.sha256(name.encode()).hexdigest()[:16]}{SUFFIX}"
        with _locked(path, create=True) as locked:
            if not locked:
                raise CannotStore(
                    f"another whence is changing {name}", try_="wait until it has ended"
                )
            undo = Undo(path)
            undo.begin(kind, name, until)
            try:
                yield undo
            finally:
                if path.exists() and not undo.pending():
                    durable.remove(path)

    def journals(self) -> Iterator[Journal]:
        """Yield the journals that there are.

        Raises
        ------
        CannotStore
            If one is damaged, or others could have written it.

        """
        with contextlib.suppress(FileNotFoundError):
            for path in sorted(self._path.glob(f"*{SUFFIX}")):
                undo = Undo(path)
                begun, pending = undo.begun(), undo.pending()
                with _locked(path) as locked:
                    yield Journal(
                        path,
                        begun.kind if begun else path.stem.partition("-")[0],
                        begun.name if begun else path.name,
                        begun.until if begun else None,
                        len(pending),
                        not locked,
                    )

    def take_back(self, journal: Journal, run: Run) -> Iterator[str]:
        """Take back what a journal tells of, and say of each change what was done.

        Nothing happens where somebody holds it.
        """
        with _locked(journal.path) as locked:
            if locked:
                yield from Undo(journal.path).undo_all(run)


@contextlib.contextmanager
def _locked(path: Path, *, create: bool = False) -> Iterator[bool]:
    """Lock a journal, and say whether that was possible; one that is gone is nobody's to lock."""
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_CREAT if create else 0)
    while True:
        try:
            with durable.changing(path):
                file = os.open(path, flags, 0o600)
        except CannotStore:
            if create or path.exists():
                raise
            yield False
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(path, file):
                yield True
                return
        except BlockingIOError:
            yield False
            return
        finally:
            os.close(file)


def _is_still(path: Path, file: int) -> bool:
    """Say whether a file is still the one of that name: who had it locked may have removed it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False
