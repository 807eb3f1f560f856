"""A shim in a program's place, with the program itself diverted: dpkg-divert(1).

A package manager that brings a new version meanwhile puts it where the program was diverted to, so
the trap stays and the new version is run. The program's name is never without a program: the shim
is put in its place by one rename(2), and the program put back by another.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from whence.model import CannotStore
from whence.model.whole_files import sync_folder
from whence.world import durable
from whence.world.changes import Left, Run, content_of, digest

SUFFIX = ".whence-original"
LARGEST = 1 << 20


class Diverted(msgspec.Struct, frozen=True, tag="diverted"):
    """A program is about to be diverted, and a shim put in its place."""

    path: str
    registered: str  # the same file, by the name under which its package has it
    shim: str  # digest of what is put in its place

    @property
    def original(self) -> Path:
        """Where the program is meanwhile."""
        return Path(f"{self.path}{SUFFIX}")

    def add(self) -> tuple[str, ...]:
        """Give the command that tells dpkg of it."""
        to = f"{self.registered}{SUFFIX}"
        return ("dpkg-divert", "--local", "--no-rename", "--divert", to, "--add", self.registered)

    def remove(self) -> tuple[str, ...]:
        """Give the command that takes that back; it bears being run twice."""
        to = f"{self.registered}{SUFFIX}"
        return (
            "dpkg-divert", "--local", "--no-rename", "--divert", to, "--remove", self.registered
        )  # fmt: skip

    def undo(self, run: Run) -> str:
        """Put the program back, if the shim is in its place, and tell dpkg; say what was done.

        Wherever whence was killed: what is there is looked at, not what was begun.
        """
        path = Path(self.path)
        durable.remove(durable.unfinished(path))
        done = _put_back(path, self.original, self.shim)
        run(self.remove())
        return done


def _put_back(path: Path, original: Path, shim: str) -> str:
    found = content_of(path) if path.exists() and path.stat().st_size <= LARGEST else None
    in_place = found is not None and digest(found) == shim
    if not original.exists():
        if not in_place:
            return ""
        durable.remove(path)
        return f"removed the shim {path}: the program was removed meanwhile"
    if in_place or not path.exists():
        with durable.changing(path):
            original.replace(path)
            sync_folder(path.parent)
        return f"put {path} back"
    if os.path.samestat(path.stat(), original.stat()):
        durable.remove(original)
        return ""
    raise Left(
        f"left {path} as it is",
        because=f"somebody put something else in its place; the program is {original}",
        try_=f"mv {original} {path}, if that is right",
    )


def put_in_place(diverted: Diverted, shim: bytes) -> None:
    """Link the program to where it is diverted to, then put the shim over its name.

    Raises
    ------
    CannotStore, NotPermitted
        If the file system does not allow it; what was done is for the journal to undo.

    """
    path = Path(diverted.path)
    status = path.stat()
    with durable.changing(diverted.original):
        os.link(path, diverted.original)
    partial = durable.unfinished(path)
    with durable.changing(partial):
        partial.unlink(missing_ok=True)
        file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            if os.write(file, shim) < len(shim):
                raise CannotStore(f"could not write {partial}", because="the disk is full")
            os.fchown(file, status.st_uid, status.st_gid)
            os.fchmod(file, status.st_mode & 0o7777)
            os.fsync(file)
        finally:
            os.close(file)
        partial.replace(path)
        sync_folder(path.parent)
