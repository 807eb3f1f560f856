"""Whose file a path is: the same path is another file in a container."""

from __future__ import annotations

import posixpath

from whence.model import CannotAsk, Program
from whence.probes._records import Run
from whence.world import Host

OPEN_TO_ALL = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/run/shm")
DELETED = " (deleted)"  # the kernel's mark on the path of a file without a name, d_path()


def program_seen_by(run: Run, path: str, host: Host) -> Program:
    """Name the program that ``path`` is for this process.

    Its host is the process's own where both see the same files. Otherwise it is named after the
    mount namespace, so that nobody asks the host's packages about a container's file.
    """
    path = path.removesuffix(DELETED)
    if sees_what_the_host_sees(run, host):
        return Program(run.record.process.host, path)
    return Program(f"{run.record.process.host}/mnt:[{run.record.mount_namespace}]", path)


def absolute(path: str, directory: str) -> str | None:
    """Join a path to the directory it was meant in; None if that directory is not known."""
    joined = posixpath.join(directory, path)
    return posixpath.normpath(joined) if joined.startswith("/") else None


def folder_open_to_all(path: str) -> str | None:
    """Name the folder, of those where everybody may write, that a path is in."""
    return next((folder for folder in OPEN_TO_ALL if path.startswith(f"{folder}/")), None)


def sees_what_the_host_sees(run: Run, host: Host) -> bool:
    """Say whether a path is the same file for this process and for the host."""
    namespace = run.record.mount_namespace
    if namespace is None:
        return True
    try:
        ours = host.link("/proc/self/ns/mnt").text.strip()
    except CannotAsk:
        return True
    if ours == f"mnt:[{namespace}]":
        return True
    try:
        found = host.status(run.execution.executable).json()
    except CannotAsk:
        return False
    # A unit with a private /tmp has a mount namespace of its own and the host's files: the inode
    # tells. The device does not: btrfs gives stat(2) another one than the kernel has inside.
    return run.execution.inode in (0, found["inode"])
