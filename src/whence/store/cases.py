"""The cases in a folder: list, find, forget, export, import."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import chain
from pathlib import Path

from whence.model import BadInput, Observable, WhenceError
from whence.store import portable
from whence.store.case_file import CaseFile, Clock, draw_names, four_letters
from whence.store.case_format import CASE, SUFFIX, place, stored, stored_entries
from whence.store.case_list import CaseList, CaseRow, summary
from whence.store.database import Database
from whence.store.journal import Entry, broken_links
from whence.store.refusals import damaged, in_words
from whence.store.soundness import check
from whence.store.verification import problems_of_file


class Cases:
    """A folder of cases."""

    def __init__(
        self, directory: Path, clock: Clock, letters: Callable[[], str] = four_letters
    ) -> None:
        self.directory = directory
        self._clock = clock
        self._letters = letters

    def create(self, subject: Observable, title: str = "") -> CaseFile:
        """Begin a case."""
        return CaseFile.create(self.directory, subject, self._clock, title, self._letters)

    def open(self, name: str) -> CaseFile:
        """Open the case that a name means, to read it and to go on with it."""
        return CaseFile.open(self.find(name), self._clock)

    def list(self) -> CaseList:
        """Name all cases; a file that is damaged or foreign does not hide the others."""
        cases: list[CaseRow] = []
        unreadable = []
        for path in self._paths():
            try:
                cases.append(summary(path))
            except WhenceError as reason:
                unreadable.append((path, reason))
        cases.sort(key=lambda row: (row.created, row.id))
        return CaseList(tuple(cases), tuple(unreadable))

    def find(self, name: str) -> Path:
        """Find a case by its id, by how its id begins or ends, or as "last".

        Raises
        ------
        BadInput
            If there is none, or more than one.

        """
        if name == "last":
            return self._last()
        paths = [*self._paths()]
        found = (
            [path for path in paths if _id(path) == name]
            or [path for path in paths if name and _id(path).startswith(name)]
            or [path for path in paths if name and _id(path).endswith(name)]
        )
        if len(found) == 1:
            return found[0]
        if not found:
            raise BadInput(
                f"there is no case “{name}”",
                because=f"no such file in {self.directory}",
                try_="whence case list",
            )
        shown = ", ".join(_id(path) for path in found[:5])
        raise BadInput(f"“{name}” can mean {len(found)} cases", because=shown, try_="type more")

    def forget(self, name: str) -> tuple[Path, ...]:
        """Delete a case for good, also a damaged one; say which files that were."""
        path = self.find(name)
        family = [path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "")]
        gone = tuple(file for file in family if file.exists())
        with in_words(path):
            for file in gone:
                file.unlink()
        return gone

    def verify(self, name: str) -> tuple[str, ...]:
        """Say what is wrong with a case, in words; nothing if it is as it was written."""
        return tuple(problems_of_file(self.find(name)))

    def export(self, name: str, to: Path, *, replace: bool = False) -> None:
        """Write a case as a text file, packed if its name ends in ".gz".

        Raises
        ------
        BadInput
            If the case is damaged, or the file is there and is not to be replaced.
        CannotStore
            If it cannot be written.

        """
        if to.exists() and not to.is_file():  # what is written takes the place of what was there
            raise BadInput(f"{to} is no ordinary file", try_="name another file")
        if to.exists() and not replace:
            raise BadInput(f"{to} is there already", try_="name another file, or add --overwrite")
        path = self.find(name)
        check(path, CASE)
        with closing(Database.look_into(path)) as database:
            entries, packed = stored(database)
        if broken := next(broken_links(entries), None):
            raise damaged(path, broken)
        portable.write(to, portable.lines_of(_id(path), entries, packed))

    def import_(self, path: Path) -> CaseFile:
        """Take in a case that was exported, after verifying all of it.

        It keeps its id where that is free. That it was imported is written into its journal.

        Raises
        ------
        BadInput
            If it is no case, was changed, or is here already.

        """
        case = portable.read(path)
        head = case.entries[-1]
        if there := self._holder(case.entries[0].hash, head.hash):
            raise BadInput(
                f"{path.name} is here already, as case {_id(there)}",
                because="all its entries are in that case",
                try_=f"whence case show {_id(there)}",
            )
        imported = Entry.after(
            head, self._clock(), "imported", {"id": case.id, "file": path.name, "head": head.hash}
        )
        names = draw_names(case.entries[0].at[:10], self._letters)
        wanted = chain([case.id], names) if case.id else names
        return CaseFile.open(
            place(self.directory, wanted, [*case.entries, imported], case.packed), self._clock
        )

    def _paths(self) -> Iterator[Path]:
        with in_words(self.directory), suppress(FileNotFoundError):  # no case was kept yet
            yield from sorted(
                path
                for path in self.directory.iterdir()
                if path.suffix == SUFFIX and not path.name.startswith(".")
            )

    def _last(self) -> Path:
        cases = self.list().cases
        if not cases:
            raise BadInput("there is no case yet", try_="whence TARGET begins one")
        return max(cases, key=lambda row: (row.changed, row.id)).path

    def _holder(self, first: str, head: str) -> Path | None:
        """Find the case that began with one entry and also has another."""
        for path in self._paths():
            try:
                with closing(Database.look_into(path)) as database:
                    hashes = [entry.hash for entry in stored_entries(database)]
            except WhenceError:
                continue  # what cannot be read cannot be the same
            if hashes and hashes[0] == first and head in hashes:
                return path
        return None


def _id(path: Path) -> str:
    return path.name.removesuffix(SUFFIX)
