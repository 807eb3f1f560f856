"""The folder of a capture: files that nobody else may read, whole blocks only."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from whence.model import CannotStore
from whence.world.durable import changing

MODE = 0o600
INDEX, OLD_INDEX = "index.jsonl", "index.old.jsonl"
LARGEST = 16 << 20  # bytes of the index; then the old one makes room for it


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file that is complete."""

    name: str
    size: int
    ended: float  # seconds since 1970


class CaptureFile:
    """A file that is written, and readable at any moment."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.size = 0
        self._digest = hashlib.sha256()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file = os.open(folder / name, flags, MODE)
        os.fchmod(self._file, MODE)

    def append(self, blocks: bytes) -> None:
        """Write whole blocks: all of them or, where there is no room, none.

        Raises
        ------
        OSError
            If they could not be written.

        """
        try:
            left = memoryview(blocks)
            while left:
                left = left[os.write(self._file, left) :]
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self.size)
                os.lseek(self._file, self.size, os.SEEK_SET)
            raise
        self.size += len(blocks)
        self._digest.update(blocks)

    def close(self) -> str:
        """See that it is on disk; give the SHA-256 of what is in it."""
        with contextlib.suppress(OSError):
            os.fsync(self._file)
        os.close(self._file)
        return self._digest.hexdigest()


class CaptureFolder:
    """Where a capture keeps its files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with changing(path):
            usable = os.access(path, os.W_OK | os.X_OK, effective_ids=True)
        if not usable:
            self._refuse()

    def free(self) -> int:
        """Say how many bytes of its file system are free for us."""
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize

    def begin(self, name: str) -> CaptureFile:
        """Begin a file."""
        return CaptureFile(self.path, name)

    def delete(self, name: str) -> None:
        """Delete a file, also one that is gone."""
        (self.path / name).unlink(missing_ok=True)

    def note(self, line: str) -> None:
        """Add a line to the index; where there is no room for it, do without."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        with contextlib.suppress(OSError):
            file = os.open(self.path / INDEX, flags, MODE)
            try:
                os.write(file, line.encode() + b"\n")
                if os.fstat(file).st_size > LARGEST:
                    (self.path / INDEX).rename(self.path / OLD_INDEX)
            finally:
                os.close(file)

    def _refuse(self) -> None:
        raise CannotStore(
            f"may not write to {self.path}",
            because="it belongs to somebody else, and a capture runs without root's rights",
            try_="give a folder of your own: --output FOLDER",
        )
