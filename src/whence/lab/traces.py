"""Which processes and control groups are the lab's own, and how each of them ends.

Nothing here relies on what was written down: a machine of the lab carries a mark in its
environment from its first instruction on, so that ``down`` finds it however ``up`` was cut short.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from whence.lab.building import CannotBuild

MARK = "WHENCE_LAB"
IMPATIENCE = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 10.0  # seconds for the kernel to end what was killed


@dataclass(frozen=True, slots=True)
class Running:
    """A process that is not mistaken for a later one of the same number."""

    pid: int
    started: int  # clock ticks since boot, field 22 of /proc/PID/stat


def running(pid: int) -> Running | None:
    """Look at a process; None if it has gone, or has ended and only waits to be reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else Running(pid, int(fields[19]))


def marked(folder: str, door: str = "") -> list[Running]:
    """Find the first processes of the lab's machines, and who waits for them; or of one machine.

    A machine is told by its ``door``, a word of their command lines.
    """
    return [process for process in _all_processes() if _is_marked(process.pid, folder, door)]


def visitors(machines: Iterable[Running]) -> list[Running]:
    """Find who else is in the networks or the mounts of ``machines``, and so keeps them alive.

    Raises
    ------
    CannotBuild
        If we are in one of them ourselves.

    """
    # What is only about to enter its namespaces is still in those of the host: none of ours.
    ours = {space for process in filter(is_process_one, machines) for space in _spaces(process.pid)}
    if ours & _spaces(os.getpid()):
        raise CannotBuild("the lab cannot be taken down from inside", try_="leave its firewall")
    return [process for process in _all_processes() if ours & _spaces(process.pid)]


def is_process_one(process: Running) -> bool:
    """Say whether a process is the first one of a pid namespace below ours."""
    for line in _text(f"/proc/{process.pid}/status").splitlines():
        if line.startswith("NSpid:"):
            _title, _here, *inside = line.split()
            return inside[-1:] == ["1"]
    return False


def end(process: Running) -> None:
    """Kill a process, and never a later one of the same number."""
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    try:
        if running(process.pid) == process:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it ended by itself
    finally:
        os.close(handle)


def end_all(folder: str) -> int:
    """End every process of the lab and say how many there were.

    Raises
    ------
    CannotBuild
        If something of it does not end.

    """
    ended: set[Running] = set()
    deadline = time.monotonic() + PATIENCE
    while machines := marked(folder):
        insiders = visitors(machines)
        for process in (*insiders, *machines):
            end(process)
            ended.add(process)
        _wait_for(ended, deadline)
    return len(ended)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put signals off that would leave us with half of it done; a second ^C is one."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, IMPATIENCE)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def remove_groups(folder: Path) -> None:
    """Remove a control group and those in it; the kernel needs a moment to let go of the dead."""
    deadline = time.monotonic() + PATIENCE
    while folder.is_dir():
        for group in _deepest_first(folder):
            with suppress(OSError):
                group.rmdir()
        if time.monotonic() > deadline:
            raise CannotBuild(f"could not remove {folder}", because="something still runs in it")
        time.sleep(0.01)


def _deepest_first(folder: Path) -> list[Path]:
    inside = (Path(place) for place, _, _ in os.walk(folder))
    return sorted(inside, key=lambda place: -len(place.parts))


def _wait_for(processes: Iterable[Running], deadline: float) -> None:
    for process in processes:
        while running(process.pid) == process:
            if time.monotonic() > deadline:
                raise CannotBuild(f"process {process.pid} of the lab does not end")
            time.sleep(0.01)


def _all_processes() -> Iterator[Running]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            process = running(int(entry.name))
            if process is not None:
                yield process


def _spaces(pid: int) -> set[str]:
    try:
        return {str(Path(f"/proc/{pid}/ns/{kind}").readlink()) for kind in ("net", "mnt")}
    except OSError:
        return set()


def _is_marked(pid: int, folder: str, door: str) -> bool:
    if f"{MARK}={folder}" not in _strings(f"/proc/{pid}/environ"):
        return False
    words = _strings(f"/proc/{pid}/cmdline")
    return door in words if door else any(word.startswith(f"{folder}/") for word in words)


def _strings(path: str) -> list[str]:
    return _text(path).split("\0")


def _text(path: str) -> str:
    try:
        return Path(path).read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
