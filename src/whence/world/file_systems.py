"""File systems and folders: what is free, and which files there are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from whence.model import BadInput, CannotAsk, NotPermitted
from whence.model.log_room import FileSeen, Look, Room
from whence.model.rights import more_rights
from whence.world.this_host import utc_now

_BLOCK = 512  # st_blocks counts these, whatever the file system's are: stat(2)
MOST_FILES = 200_000


def room(path: Path) -> Room:
    """Say what is free on the file system of a folder.

    Raises
    ------
    BadInput
        If there is no such folder.
    CannotAsk
        If it cannot be asked.

    """
    try:
        found = os.statvfs(path)
    except (FileNotFoundError, NotADirectoryError) as e:
        raise BadInput(f"there is no folder {path}", try_="look at its name") from e
    except PermissionError as e:
        raise NotPermitted(f"may not look at {path}", try_=more_rights()) from e
    except OSError as e:
        raise CannotAsk(f"{path} cannot be asked", because=e.strerror or str(e)) from e
    return Room(
        path=str(path),
        total=found.f_blocks * found.f_frsize,
        free=found.f_bavail * found.f_frsize,
        reserved=(found.f_bfree - found.f_bavail) * found.f_frsize,
        inodes=found.f_files,
        free_inodes=found.f_favail,
    )


def look(folder: Path) -> Look:
    """List the files of a folder and those below it, on the same file system."""
    device = folder.stat().st_dev
    unreadable = 0
    files: dict[int, FileSeen] = {}  # by inode: a file of two names takes its room once
    waiting = [folder]
    while waiting and len(files) < MOST_FILES:
        try:
            for entry in _entries(waiting.pop()):
                found = entry.stat(follow_symlinks=False)
                if found.st_dev != device:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    name = str(Path(entry.path).relative_to(folder))
                    changed = datetime.fromtimestamp(found.st_mtime, UTC)
                    files[found.st_ino] = FileSeen(
                        name, found.st_ino, found.st_blocks * _BLOCK, changed
                    )
        except FileNotFoundError:
            continue  # it was removed just now
        except OSError:
            unreadable += 1
    return Look(utc_now(), tuple(files.values()), unreadable)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from entries
