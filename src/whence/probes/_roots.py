"""Where a process's own files are: in a container, ``/etc`` is another one."""

from __future__ import annotations

from collections.abc import Iterable

from whence.model import CannotAsk, ProcessRecord
from whence.probes._cgroups import container_of
from whence.probes._lineage import program_name
from whence.probes._living import still_lives
from whence.world import Host

SHIM = ("containerd-shim", "conmon", "lxc-start", "systemd-nspawn")  # stand outside of a container


def root_of(records: Iterable[ProcessRecord], host: Host) -> str:
    """Give what to put before a path that the first of these processes names.

    The others are its ancestors. Empty: nothing, it sees what the host sees. Otherwise one of
    them that still lives in the same mount namespace lends its root, proc(5). A sensor knows
    the namespace of who made a connection, and not always that of the ancestors: then the
    nearest of them that lives tells.

    Raises
    ------
    CannotAsk
        If it was in a container of which no process of these is left.

    """
    first, *others = records
    own = _mounts(host, "self")
    theirs = f"mnt:[{first.mount_namespace}]" if first.mount_namespace is not None else None
    if own in (None, theirs):
        return ""
    contained = container_of(first.cgroup) is not None
    for record in (first, *others):
        if program_name(record).startswith(SHIM):
            contained = True
            break
        mounts = _mounts(host, str(record.process.pid))
        if mounts and (mounts == theirs or (theirs is None and still_lives(record.process, host))):
            return "" if mounts == own else f"/proc/{record.process.pid}/root"
    if contained:
        raise CannotAsk(
            "the files of a container cannot be read", because="no process of it is left"
        )
    return ""


def seen_from_here(path: str, root: str, host: Host) -> str:
    """Give where a file or folder of those processes is: by its own path if that is the same one.

    A path below ``/proc/PID/root`` ends with the process, and would name a place a second time.
    """
    inside = root + path
    if root and (theirs := _identity(host, inside)) and theirs == _identity(host, path):
        return path
    return inside


def _identity(host: Host, path: str) -> tuple[int, int] | None:
    try:
        found = host.status(path).json()
    except CannotAsk:
        return None
    return found["device"], found["inode"]


def _mounts(host: Host, pid: str) -> str | None:
    try:
        return host.link(f"/proc/{pid}/ns/mnt").text.strip()
    except CannotAsk:
        return None
