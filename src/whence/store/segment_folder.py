"""The folder of a history: segments by number, one writer at a time, never too large."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

from whence.model import CannotStore
from whence.store.ageing import past_their_time
from whence.store.creation import create
from whence.store.refusals import in_words
from whence.store.segment_format import HISTORY, SUFFIX, SegmentName
from whence.store.segment_writer import family
from whence.store.turn import take_turn


class SegmentFolder:
    """Where segments lie. Other files in it are left alone."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._turn: int | None = None  # an open descriptor that holds the folder's lock

    def paths(self) -> list[Path]:
        """Name the segments, oldest first."""
        with in_words(self.directory):
            if not self.directory.is_dir():
                return []
            named = ((SegmentName.of(path), path) for path in self.directory.iterdir())
            return [path for _, path in sorted((name, path) for name, path in named if name)]

    def begin(self, day: date) -> Path:
        """Make the next segment, empty.

        Raises
        ------
        CannotStore
            If it cannot be written.

        """
        names = [name for path in self.paths() if (name := SegmentName.of(path))]
        number = names[-1].number + 1 if names else 1
        path = self.directory / str(SegmentName(number, day))
        if not create(path, HISTORY, 0o640, ()):
            raise CannotStore(f"could not begin {path}", because="its name is taken")
        return path

    def make_room(self, most: int, today: date, keep: timedelta) -> None:
        """Drop what is past its time, and then the oldest until ``most`` bytes are taken.

        The newest segment is never dropped.
        """
        paths = self.paths()
        days = [name.day for path in paths if (name := SegmentName.of(path))]
        past = past_their_time(days, today, keep)
        with in_words(self.directory):
            total = sum(map(size_of, paths))
            for number, path in enumerate(paths[:-1]):
                if number < past or total > most:
                    total -= size_of(path)
                    _drop(path)

    def take_turn(self) -> None:
        """Become the one process that writes here, until ``end_turn``.

        Raises
        ------
        CannotStore
            If another process is, or the folder cannot be made.

        """
        if self._turn is not None:
            return
        self._turn = take_turn(
            self.directory,
            0o750,
            because="another recorder writes there",
            try_="whence record status",
        )
        for draft in self.directory.glob(f".*{SUFFIX}.draft*"):
            draft.unlink(missing_ok=True)  # of a recorder that was killed

    def end_turn(self) -> None:
        """Let another process write here."""
        if self._turn is not None:
            os.close(self._turn)
            self._turn = None


def size_of(path: Path) -> int:
    """Give the bytes that a segment takes on the disk."""
    return sum(file.stat().st_size for file in family(path) if file.exists())


def _drop(path: Path) -> None:
    for file in reversed(family(path)):  # the segment itself last: until then it can be retried
        file.unlink(missing_ok=True)
