"""Where a process's own files are: in a container, ``/etc`` is another one."""

from __future__ import annotations

from collections.abc import Iterable

from whence.model import CannotAsk, ProcessRecord
from whence.probes._cgroups import container_of
from whence.world import Host


def root_of(records: Iterable[ProcessRecord], host: Host) -> str:
    """Give what to put before a path that the first of these processes names.

    Empty: nothing, it sees what the host sees. Where it has a mount namespace of its own, an
    ancestor that still lives there lends its root, proc(5).

    Raises
    ------
    CannotAsk
        If it was in a container of which no process of these is left.

    """
    first, *others = records
    own = _mounts(host, "self")
    theirs = f"mnt:[{first.mount_namespace}]"
    if first.mount_namespace is None or own in (None, theirs):
        return ""
    for record in (first, *others):
        if _mounts(host, str(record.process.pid)) == theirs:
            return f"/proc/{record.process.pid}/root"
    if container_of(first.cgroup):
        raise CannotAsk(
            "the files of a container cannot be read", because="no process of it is left"
        )
    return ""


def _mounts(host: Host, pid: str) -> str | None:
    try:
        return host.link(f"/proc/{pid}/ns/mnt").text.strip()
    except CannotAsk:
        return None
