"""Files that are whole at any moment, also when the power goes."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from whence.model import CannotStore, NotPermitted
from whence.model.rights import more_rights
from whence.model.whole_files import replacing, sync_folder


def make_folder(path: Path, mode: int) -> None:
    """Make a folder with its parents, all of this mode; those that exist stay as they are."""
    if not path.is_dir():
        make_folder(path.parent, mode)
        with changing(path):
            try:
                path.mkdir(mode)
            except FileExistsError:
                if path.is_dir():
                    return  # another whence made it at this moment
                raise CannotStore(
                    f"could not make the folder {path}",
                    because="a file has that name",
                    try_="name another folder, or move that file away",
                ) from None
            path.chmod(mode)  # whatever the umask is
            sync_folder(path.parent)


def replace(path: Path, content: bytes, mode: int) -> None:
    """Write a file so that everybody sees it as it was or as it will be, never in between."""
    with changing(path), replacing(path, unfinished(path), mode) as file:
        file.write(content)


def link(path: Path, to: str) -> None:
    """Make a symbolic link that leads there."""
    with changing(path):
        path.symlink_to(to)
        sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove a file, also one that is gone."""
    with changing(path):
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def remove_folder(path: Path) -> None:
    """Remove a folder if it is empty."""
    with contextlib.suppress(OSError):
        path.rmdir()


def permit(path: Path, mode: int) -> None:
    """Set the permissions of a file or folder."""
    with changing(path):
        path.chmod(mode)


def append(path: Path, line: bytes) -> None:
    """Add a line to a file of lines, first cutting off one that was never finished."""
    with changing(path), _open_to_append(path) as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())
        sync_folder(path.parent)


def unfinished(path: Path) -> Path:
    """Name the file that ``replace`` writes first."""
    return path.with_name(f".{path.name}.whence")


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Let one process at a time do something that concerns a folder."""
    with changing(folder):
        file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            os.close(file)
            what = f"another whence is changing what {folder} keeps account of"
            raise CannotStore(what, try_="wait until it has ended") from e
    try:
        yield
    finally:
        os.close(file)


ADVICE = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EROFS: "name a place that can be written to",
    errno.ENOENT: "make its folder first, or name another place",
    errno.ENOTDIR: "name a place in a folder",
}


@contextlib.contextmanager
def changing(path: Path) -> Iterator[None]:
    """Say in the user's words why a file could not be changed."""
    try:
        yield
    except OSError as e:
        because = e.strerror or str(e)
        if e.errno in (errno.EACCES, errno.EPERM):
            raise NotPermitted(f"may not change {path}", because=because, try_=more_rights()) from e
        advice = ADVICE.get(e.errno or 0, "")
        raise CannotStore(f"could not change {path}", because=because, try_=advice) from e


def _open_to_append(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+b")
