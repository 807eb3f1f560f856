"""Changes to this machine, as they are written down, and how each is taken back.

Each is undone by comparing what is there with what was there before and after it. So it does not
matter at which moment whence was killed: the same undoing is right before, during and after the
change, and as often as one likes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from whence.model import CannotStore, WhenceError
from whence.world import durable

Run = Callable[[Sequence[str]], None]  # runs a command that changes something, or raises
LARGEST = 1 << 20  # octets of a file that may be changed


class Left(WhenceError):
    """Something was not undone, because it is not as whence left it."""

    exit_code = 74


class Written(msgspec.Struct, frozen=True, tag="written"):
    """A file is about to be written."""

    path: str
    before: bytes | None  # None: there was none
    mode: int  # of what was there
    after: str  # digest of what is to be there

    def undo(self, run: Run) -> str:
        """Put back what was there, unless somebody else changed it since; say what was done."""
        path = Path(self.path)
        if durable.unfinished(path).exists():
            durable.remove(durable.unfinished(path))
        found = content_of(path)
        if found is None or found == self.before:  # never written, or gone by other hands
            return ""
        if digest(found) != self.after:
            raise Left(f"left {path} as it is", because="somebody changed it since")
        if self.before is None:
            durable.remove(path)
            return f"removed {path}"
        durable.replace(path, self.before, self.mode)
        return f"put {path} back as it was"


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """The permissions of a folder are about to be changed."""

    path: str
    before: int
    after: int

    def undo(self, run: Run) -> str:
        """Set them back, unless somebody else set them since; say what was done."""
        path = Path(self.path)
        if not path.is_dir() or mode_of(path) != self.after:
            return ""
        durable.permit(path, self.before)
        return f"closed {path} again"


class Ran(msgspec.Struct, frozen=True, tag="ran"):
    """A command is about to be run that this one undoes. It must bear being run twice."""

    by: tuple[str, ...]

    def undo(self, run: Run) -> str:
        """Run the command that undoes it; say so."""
        run(self.by)
        return "ran " + " ".join(self.by)


class Linked(msgspec.Struct, frozen=True, tag="linked"):
    """A symbolic link is about to be made where nothing is."""

    path: str
    to: str

    def undo(self, run: Run) -> str:
        """Remove it, unless it leads elsewhere by now; say what was done."""
        path = Path(self.path)
        if not path.is_symlink() or str(path.readlink()) != self.to:
            return ""
        durable.remove(path)
        return f"removed {path}"


Change = Written | Opened | Ran | Linked


def content_of(path: Path) -> bytes | None:
    """Read a plain file; None if there is none.

    Raises
    ------
    Left
        If something else is in its place.

    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise Left(f"left {path} as it is", because="it is not a plain file")
    try:
        with durable.changing(path), path.open("rb") as file:
            return file.read(LARGEST)
    except CannotStore:
        if path.exists():
            raise
        return None


def mode_of(path: Path) -> int:
    """Say what the permissions of a file or folder are."""
    return path.stat().st_mode & 0o7777


def digest(content: bytes) -> str:
    """Give the SHA-256 of a file's content, in hex."""
    return hashlib.sha256(content).hexdigest()
