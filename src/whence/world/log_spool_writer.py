"""Writes the spool of log lines; see ``log_spool`` for what is in it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from whence.model import CannotStore
from whence.world.durable import changing, make_folder
from whence.world.log_spool import HEAD, MAGIC, SUFFIX, Record, SpoolReader, position, segments

FOLDER, FILE = 0o700, 0o600
NUMBERS_SINCE = 1_735_689_600  # 2025, in seconds since 1970: numbers stay below 2³¹ until 2093


class SpoolWriter:
    """Appends to a spool. One process at a time may.

    ``opening`` gives the records with which each segment begins: what has to be found in the newest
    one, whichever others were removed. ``seen`` is told the records of what is the newest segment
    at the start.
    """

    def __init__(
        self,
        folder: Path,
        size: int,
        age: float,
        opening: Callable[[], bytes] = bytes,
        seen: Callable[[Record], None] = lambda record: None,
    ) -> None:
        make_folder(folder, FOLDER)
        self._folder, self._most, self._age, self._opening = folder, size, age, opening
        self._lock = _take_turn(folder)
        self._file = -1
        self._number = self._offset = self._first = 0
        self._began = 0.0
        self.cut = 0  # bytes of a record that a killed writer had not written whole
        for partial in folder.glob(f".*{SUFFIX}"):
            partial.unlink(missing_ok=True)
        self._end_of_the_last(seen)

    @property
    def position(self) -> int:
        """Up to where the spool is whole."""
        return position(self._number, self._offset)

    def append(self, batch: bytes) -> None:
        """Write whole records: all of them or, where there is no room, none.

        Raises
        ------
        OSError
            If they could not be written.

        """
        if self._file < 0 or (self._is_full(len(batch)) and self._offset > HEAD.size):
            self._begin()
        try:
            left = memoryview(batch)
            while left:
                left = left[os.write(self._file, left) :]
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._offset)
                os.lseek(self._file, self._offset, os.SEEK_SET)
            raise
        self._offset += len(batch)

    def tick(self) -> None:
        """Complete a segment that is old enough; where there is no room for another, go on."""
        is_old = time.monotonic() - self._began > self._age
        if self._file >= 0 and is_old and self._offset > self._first:
            with contextlib.suppress(OSError):
                self._begin()

    def close(self) -> None:
        """Complete the segment that is written."""
        if self._file >= 0:
            _settle(self._file)
            self._file = -1
        os.close(self._lock)

    def _end_of_the_last(self, seen: Callable[[Record], None]) -> None:
        """Read the newest segment, and cut off what is not whole at its end."""
        known = segments(self._folder)
        if not known:
            return
        number, path = known[-1]
        self._number = number
        reader = SpoolReader(self._folder, position(number, 0))
        for record in reader.records():
            seen(record)
        self._offset = reader.position - position(number, 0)
        if not reader.damage:
            with changing(path):
                self.cut = path.stat().st_size - self._offset
                os.truncate(path, self._offset)

    def _is_full(self, more: int) -> bool:
        return self._offset + more > self._most

    def _begin(self) -> None:
        known = segments(self._folder)
        # A number from the clock: also where all segments were removed, none is used twice.
        first = max(0, int(time.time()) - NUMBERS_SINCE)  # a clock may not be set yet
        number = max(known[-1][0] if known else first, self._number) + 1
        path = self._folder / f"{number:020}{SUFFIX}"
        partial = path.with_name(f".{path.name}")
        content = HEAD.pack(MAGIC, number) + self._opening()
        file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, FILE)
        try:
            os.fchmod(file, FILE)
            if os.write(file, content) != len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            partial.rename(path)
        except OSError:
            os.close(file)
            partial.unlink(missing_ok=True)
            raise
        if self._file >= 0:
            threading.Thread(target=_settle, args=(self._file,), daemon=True).start()
        self._file, self._number, self._offset = file, number, len(content)
        self._first, self._began = len(content), time.monotonic()


def _take_turn(folder: Path) -> int:
    with changing(folder):
        turn = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as e:
        os.close(turn)
        raise CannotStore(
            f"could not write to {folder}",
            because="another receiver writes there",
            try_="end that one, or give another folder: --state FOLDER",
        ) from e
    return turn


def _settle(file: int) -> None:
    """See that a segment is on disk, and close it."""
    with contextlib.suppress(OSError):
        os.fsync(file)
    os.close(file)
