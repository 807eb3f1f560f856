"""What a look at a folder of logs and its file system shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file, at a look at its folder."""

    name: str  # below the folder
    inode: int
    size: int  # bytes that it takes on the disk
    changed: datetime


@dataclass(frozen=True, slots=True)
class Room:
    """A file system: what is free for who writes logs."""

    path: str
    total: int  # bytes
    free: int  # bytes, without the reserve (statvfs f_bavail)
    reserved: int  # bytes that only root may take
    inodes: int  # 0: it has no fixed number
    free_inodes: int  # without the reserve (f_favail)


@dataclass(frozen=True, slots=True)
class Look:
    """A folder at one moment."""

    at: datetime
    files: tuple[FileSeen, ...]
    unreadable: int = 0  # folders below it that could not be looked into
