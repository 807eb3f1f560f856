"""Network namespaces: which there are, and how to open a socket in one; network_namespaces(7)."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from whence.model import CannotAsk, NotPermitted
from whence.world.processes import namespace

T = TypeVar("T")

CLONE_NEWNET = 0x40000000  # include/uapi/linux/sched.h
NAMED = "/run/netns"  # ip-netns(8)


@dataclass(frozen=True, slots=True)
class NetworkNamespace:
    """A network namespace, and a path by which it can be entered as long as it is there."""

    inode: int
    path: str
    tables: str  # a directory like /proc/net that shows it; empty where no process lives in it
    own: bool = False


def network_namespaces(
    proc: str = "/proc", named: str = NAMED, known: Iterable[NetworkNamespace] = ()
) -> list[NetworkNamespace]:
    """List the network namespaces that this user can see, our own first.

    Of several processes that live in one, that of ``known`` leads there as long as it does: it has
    stayed for a while, where another may be gone before it is asked.
    """
    found: dict[int, NetworkNamespace] = {}
    own = namespace(f"{proc}/thread-self/ns/net") or namespace(f"{proc}/self/ns/net")
    if own:
        found[own] = NetworkNamespace(own, "", f"{proc}/thread-self/net", own=True)
    for space in known:
        if space.inode not in found and namespace(space.path) == space.inode:
            found[space.inode] = space
    with os.scandir(proc) as entries:
        for entry in entries:
            path = f"{proc}/{entry.name}/ns/net"
            inode = namespace(path) if entry.name.isdecimal() else None
            if inode and inode not in found:
                found[inode] = NetworkNamespace(inode, path, f"{proc}/{entry.name}/net")
    for mounted in _entries(named):
        inode = mounted.stat().st_ino
        if inode not in found:
            found[inode] = NetworkNamespace(inode, str(mounted), "")
    return list(found.values())


def inside(path: str, do: Callable[[], T]) -> T:
    """Do something in another network namespace, in a thread that ends with it.

    A socket stays in the namespace it was opened in, so that ``do`` only needs to open one.

    Raises
    ------
    NotPermitted, CannotAsk
        If this user may not enter the namespace, or it is gone.

    """
    done: list[T] = []
    failed: list[BaseException] = []

    def enter_and_do() -> None:
        try:
            _enter(path)
            done.append(do())
        except (OSError, CannotAsk) as e:
            failed.append(e)

    thread = threading.Thread(target=enter_and_do, name="network namespace")
    thread.start()
    thread.join()
    if not failed:
        return done[0]
    if isinstance(failed[0], PermissionError):
        raise NotPermitted(f"may not enter the network namespace {path}", try_="run it as root")
    raise CannotAsk(f"could not look into the network namespace {path}", because=str(failed[0]))


def _enter(path: str) -> None:
    # os.setns() is there from Python 3.12 on only.
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(file, CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(file)


def _entries(directory: str) -> list[Path]:
    try:
        return sorted(Path(directory).iterdir())
    except OSError:
        return []
