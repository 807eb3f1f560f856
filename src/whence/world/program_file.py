"""A program's file as it is: its bytes, their sums, the rights it carries; nothing of it is run."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from whence.model import BadInput
from whence.world.process_roots import in_its_root
from whence.world.this_host import asking_for

LARGEST = 96 << 20  # bytes that are looked into; sums are of all
CAPABILITIES = "security.capability"  # xattr(7)
# The first 41 bits of a set, in their order: capabilities(7).
CAPABILITY_NAMES = (
    "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable "
    "net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio "
    "sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time "
    "sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog "
    "wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore"
)


@contextmanager
def opened(path: str) -> Iterator[IO[bytes]]:
    """Open an ordinary file; never one that hangs, such as a fifo.

    Raises
    ------
    CannotAsk
        If there is none, or it may not be read.
    BadInput
        If it is something else.

    """
    with asking_for(path):
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        descriptor = os.open(in_its_root(path), flags)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BadInput(f"{path} is no ordinary file")
        yield file


def sums(path: str) -> str:
    """Give the sums of a file's bytes, its size, and its capabilities, as JSON."""
    with asking_for(path), opened(path) as file:
        sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        size = 0
        while piece := file.read(1 << 20):
            size += len(piece)
            sha256.update(piece)
            md5.update(piece)
        told = {"size": size, "sha256": sha256.hexdigest(), "md5": md5.hexdigest()}
        if carried := _capabilities(file.fileno()):
            told["capabilities"] = carried
    return json.dumps(told)


def _capabilities(descriptor: int) -> str:
    """Read what a file adds to the rights of whoever starts it, in the kernel's form."""
    try:
        value = os.getxattr(descriptor, CAPABILITIES)
    except OSError:
        return ""
    words = struct.unpack(f"<{len(value) // 4}I", value[: len(value) // 4 * 4])
    permitted = words[1] | (words[3] << 32 if len(words) > 3 else 0) if len(words) > 1 else 0
    names = [name for bit, name in enumerate(CAPABILITY_NAMES.split()) if permitted >> bit & 1]
    return ",".join(f"cap_{name}" for name in names) or f"unknown: {value.hex()}"


def beginning(file: IO[bytes]) -> bytes:
    """Read a file, or as much of it as is looked into."""
    pieces, size = [], 0
    while size < LARGEST and (piece := file.read(1 << 20)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)
