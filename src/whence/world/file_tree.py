"""Ordinary files: never a device, a fifo or a link; and the disks that they are on."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from whence.model.mentions import NotRead

LARGEST = 16 << 20  # bytes of a file that are looked into; what is configured is smaller
ON_DISK = frozenset(
    ("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "overlay", "vfat", "bcachefs", "jfs")
)
TOO_LARGE = f"larger than {LARGEST >> 20} MB"
NO_FILE = "no ordinary files"
FORBIDDEN = "may not be read"


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
