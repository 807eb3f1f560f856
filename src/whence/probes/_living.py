"""What only a process that still lives can be asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from whence.model import CannotAsk, Evidence, Process, Reading
from whence.world import Host

MOST = 1000  # descriptors of a process that are looked at


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One of /proc/PID/fd: a path, or a name such as socket:[4711]."""

    target: str
    evidence: Evidence


def sign_of_life(process: Process, host: Host) -> Reading | None:
    """Give what shows that the pid is still that process: the same boot, and the same start."""
    if process.host != host.name or process.boot != host.boot:
        return None
    try:
        stat = host.read(f"/proc/{process.pid}/stat")
    except CannotAsk:
        return None
    after_name = stat.text.rpartition(")")[2].split()  # the name may hold anything, proc(5)
    is_same = len(after_name) > 19 and after_name[19] == str(process.started)
    return stat if is_same else None


def still_lives(process: Process, host: Host) -> bool:
    """Say whether the pid is still that process."""
    return sign_of_life(process, host) is not None


def descriptors(process: Process, host: Host) -> Iterator[Descriptor]:
    """Give what a process has open; what it closes meanwhile is left out."""
    folder = f"/proc/{process.pid}/fd"
    for number in sorted(host.list(folder).lines(), key=_number)[:MOST]:
        with suppress(CannotAsk):
            target = host.link(f"{folder}/{number}")
            yield Descriptor(target.text, target.whole())


def _number(name: str) -> int:
    return int(name) if name.isdigit() else 0
