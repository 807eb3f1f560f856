"""The ordinary files below some places: never a device, a fifo, a link, or the kernel's own."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from whence.model.mentions import NotRead

LARGEST = 16 << 20  # bytes of a file that are looked into; what is configured is smaller
MOST_FILES = 2_000_000
ON_DISK = frozenset(
    ("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "overlay", "vfat", "bcachefs", "jfs")
)
TOO_LARGE = f"larger than {LARGEST >> 20} MB"
NO_FILE = "no ordinary files"
FORBIDDEN = "may not be read"


def ordinary_files(places: Iterable[str], not_read: NotRead) -> Iterator[str]:
    """Give each file once, on the file system of its place; links are not followed.

    A place that is a link is, since who names it means what it points to.
    """
    met: set[tuple[int, int]] = set()
    count = 0
    for place in places:
        try:
            found = Path(place).stat()
        except OSError:
            continue  # most machines have not all of the places
        waiting = [place] if stat.S_ISDIR(found.st_mode) else []
        if not waiting and _is_new(place, found, met, not_read):
            yield place
        while waiting and count < MOST_FILES:
            for path, seen in _entries(waiting.pop(), not_read):
                if seen.st_dev != found.st_dev:
                    continue
                if stat.S_ISDIR(seen.st_mode):
                    if (seen.st_dev, seen.st_ino) not in met:
                        met.add((seen.st_dev, seen.st_ino))
                        waiting.append(path)
                elif _is_new(path, seen, met, not_read):
                    count += 1
                    yield path
        if waiting:
            not_read.add(f"beyond the first {MOST_FILES:,} files", waiting[-1], len(waiting))


def _entries(folder: str, not_read: NotRead) -> Iterator[tuple[str, os.stat_result]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.is_symlink():
                    yield entry.path, entry.stat(follow_symlinks=False)
    except PermissionError:
        not_read.add(FORBIDDEN, folder)
    except OSError:
        return  # it went away just now


def _is_new(path: str, found: os.stat_result, met: set[tuple[int, int]], not_read: NotRead) -> bool:
    if not stat.S_ISREG(found.st_mode):
        if not stat.S_ISLNK(found.st_mode):
            not_read.add(NO_FILE, path)
        return False
    if (found.st_dev, found.st_ino) in met:
        return False
    if found.st_nlink > 1:
        met.add((found.st_dev, found.st_ino))
    if found.st_size > LARGEST:
        not_read.add(TOO_LARGE, path)
        return False
    return True


def read_ordinary(path: str, not_read: NotRead) -> bytes | None:
    """Read a file of which nobody can make a fifo meanwhile that hangs, open(2) O_NONBLOCK."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except PermissionError:
        not_read.add(FORBIDDEN, path)
        return None
    except OSError:
        return None  # it went away just now
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        try:
            if found.st_size > LARGEST:
                not_read.add(TOO_LARGE, path)
                return None
            return file.read(found.st_size or LARGEST)
        except OSError as e:
            not_read.add(e.strerror or "could not be read", path)
            return None


def disks() -> list[str]:
    """Name where file systems of this machine's disks are mounted, each once; no network's."""
    found: dict[str, str] = {}
    for line in Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines():
        fields, _, rest = line.partition(" - ")
        kind = rest.split(" ")[0]
        device, root, place = fields.split(" ")[2:5]
        if kind in ON_DISK and root == "/":
            found.setdefault(device, place.encode().decode("unicode_escape"))
    return sorted({"/", *found.values()})
