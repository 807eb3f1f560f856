"""Whose file a path is: the same path is another file in a container."""

from __future__ import annotations

import posixpath

from whence.model import CannotAsk, ProcessRecord, Program
from whence.world import Host

OPEN_TO_ALL = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/run/shm")
DELETED = " (deleted)"  # the kernel's mark on the path of a file without a name, d_path()


def program_seen_by(record: ProcessRecord, path: str, inode: int, host: Host) -> Program:
    """Name the program that ``path`` is for this process.

    Its host is the process's own where both see the same file there. Otherwise it is named after
    the mount namespace, so that nobody asks the host's packages about a container's file.
    ``inode`` is 0 where it is not known.
    """
    path = path.removesuffix(DELETED)
    if _sees_what_the_host_sees(record, path, inode, host):
        return Program(record.process.host, path)
    return Program(f"{record.process.host}/mnt:[{record.mount_namespace}]", path)


def absolute(path: str, directory: str) -> str | None:
    """Join a path to the directory it was meant in; None if that directory is not known."""
    joined = posixpath.join(directory, path)
    return posixpath.normpath(joined) if joined.startswith("/") else None


def folder_open_to_all(path: str) -> str | None:
    """Name the folder, of those where everybody may write, that a path is in."""
    return next((folder for folder in OPEN_TO_ALL if path.startswith(f"{folder}/")), None)


def _sees_what_the_host_sees(record: ProcessRecord, path: str, inode: int, host: Host) -> bool:
    if record.mount_namespace is None:
        return True
    try:
        ours = host.link("/proc/self/ns/mnt").text.strip()
    except CannotAsk:
        return True
    if ours == f"mnt:[{record.mount_namespace}]":
        return True
    try:
        status = host.status(path).json()
    except CannotAsk:
        return False
    # A unit with a private /tmp has a mount namespace of its own and the host's files: the inode
    # tells. The device does not: btrfs gives stat(2) another one than the kernel has inside.
    return not inode or bool(status["inode"] == inode)
