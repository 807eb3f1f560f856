"""What whence changed on this machine, written down before it was changed.

The journal is a file of JSON lines, each on disk before the change that it tells of is begun.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from whence.model import CannotStore, WhenceError
from whence.world import durable
from whence.world.changes import (
    Change,
    Left,
    Linked,
    Opened,
    Ran,
    Run,
    Written,
    content_of,
    digest,
    mode_of,
)
from whence.world.diversion import Diverted, put_in_place

__all__ = ["Left", "Run", "Undo"]


class Undone(msgspec.Struct, frozen=True, tag="undone"):
    """The change of this number has been undone."""

    number: int


class Begun(msgspec.Struct, frozen=True, tag="begun"):
    """What the changes that follow are for."""

    kind: str
    name: str
    until: datetime | None = None


_ENTRY = msgspec.json.Decoder(Change | Diverted | Undone | Begun)


class Numbered(NamedTuple):
    """A change with its place in the journal, 0 for the first."""

    number: int
    change: Change | Diverted


class Undo:
    """Changes this machine, each change in the journal first, and takes all of it back."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal

    def pending(self) -> list[Numbered]:
        """Give the changes that have not been undone, oldest first.

        Raises
        ------
        CannotStore
            If the journal is damaged, or others could have written it: it says what to run.

        """
        entries = [*self._entries()]
        undone = {entry.number for entry in entries if isinstance(entry, Undone)}
        return [
            Numbered(number, entry)
            for number, entry in enumerate(entries)
            if number not in undone and not isinstance(entry, (Undone, Begun))
        ]

    def begin(self, kind: str, name: str, until: datetime | None = None) -> None:
        """Note what the changes that follow are for, and how long they are meant to stay."""
        self._note(Begun(kind, name, until))

    def begun(self) -> Begun | None:
        """Give what was noted last of what the changes are for."""
        return next((e for e in reversed([*self._entries()]) if isinstance(e, Begun)), None)

    def wrote(self, path: Path) -> bool:
        """Say whether a file is as whence wrote it."""
        found = content_of(path)
        return found is not None and digest(found) in {
            change.after
            for _, change in self.pending()
            if isinstance(change, Written) and change.path == str(path)
        }

    def write(self, path: Path, content: bytes, mode: int = 0o644) -> None:
        """Write a file."""
        before = content_of(path)
        if before == content:
            return
        previous = mode if before is None else mode_of(path)
        self._note(Written(str(path), before, previous, digest(content)))
        durable.replace(path, content, mode)

    def link(self, path: Path, to: str) -> None:
        """Make a symbolic link, unless there is something of that name."""
        if path.is_symlink() or path.exists():
            return
        self._note(Linked(str(path), to))
        durable.link(path, to)

    def open(self, folder: Path, bits: int) -> None:
        """Give a folder more permissions, if it lacks them."""
        before = mode_of(folder)
        if before | bits == before:
            return
        self._note(Opened(str(folder), before, before | bits))
        durable.permit(folder, before | bits)

    def will_run(self, *undo: str) -> None:
        """Note the command that undoes the one that is run next; it must bear being run twice."""
        if not any(change == Ran(undo) for _, change in self.pending()):
            self._note(Ran(undo))

    def divert(self, diverted: Diverted, shim: bytes, run: Run) -> None:
        """Divert a program, and put a shim in its place."""
        self._note(diverted)
        run(diverted.add())
        put_in_place(diverted, shim)

    def undo_all(self, run: Run) -> Iterator[str]:
        """Take back every change, the newest first, and say of each what was done."""
        for number, change in reversed(self.pending()):
            try:
                done = change.undo(run)
            except WhenceError as e:
                yield f"{e}: {e.because}" if e.because else str(e)
                continue
            durable.append(self._journal, msgspec.json.encode(Undone(number)))
            if done:
                yield done
        if self._journal.parent.is_dir() and not self.pending():
            durable.remove(self._journal)
            durable.remove_folder(self._journal.parent)  # unless there are other journals

    def _note(self, entry: Change | Diverted | Begun) -> None:
        durable.make_folder(self._journal.parent, 0o755)
        durable.append(self._journal, msgspec.json.encode(entry))

    def _entries(self) -> Iterator[Change | Diverted | Undone | Begun]:
        lines = _trusted(self._journal).split(b"\n")
        try:
            yield from map(_ENTRY.decode, lines[:-1])  # the last was never finished, so never done
        except msgspec.DecodeError as e:
            raise CannotStore(
                f"the undo journal {self._journal} is damaged",
                because=str(e),
                try_="read it: it names what was changed; undo that by hand and remove it",
            ) from e


def _trusted(journal: Path) -> bytes:
    """Read the journal, unless somebody else may write it: it names commands that root will run."""
    try:
        file = os.fdopen(os.open(journal, os.O_RDONLY | os.O_NOFOLLOW), "rb")
    except FileNotFoundError:
        return b""
    except OSError as e:
        with durable.changing(journal):
            raise e
    with file:
        found = os.fstat(file.fileno())
        if found.st_uid not in (0, os.geteuid()) or found.st_mode & 0o022:
            raise CannotStore(
                f"the undo journal {journal} is not believed",
                because="others could have written it",
            )
        return file.read()
