"""What is known of processes, also of those that have ended: told by whoever sees them come."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from whence.model import CannotAsk, Execution, Process, ProcessRecord
from whence.world.processes import TICKS, LiveProcesses, namespace, program_file

KEPT = 16_384  # processes; some 1.5 kB each
FRESH = timedelta(seconds=1)  # how long the user and cgroup of a living process stay believed


@dataclass(slots=True)
class Remembered:
    """A record, and when /proc was last asked about it; None: never, it was its parent's."""

    record: ProcessRecord
    read: datetime | None = None


def look(live: LiveProcesses, pid: int) -> Remembered | None:
    """Read what /proc tells of a process now; nothing if it is gone."""
    now = live.now()
    try:
        return Remembered(live.record(pid), now)
    except CannotAsk:
        return None


class ProcessHistory:
    """Remembers each process that forked or executed a program, so that it can be named later.

    Everything is read while the process lives, at the event. The least recently used are
    forgotten first; what is still alive then is read again.
    """

    def __init__(self, live: LiveProcesses, kept: int = KEPT) -> None:
        self.live = live
        self._kept = kept
        self._known: OrderedDict[Process, Remembered] = OrderedDict()
        self._current: dict[int, Process] = {}  # the last process that had this pid
        self._leaders: OrderedDict[int, int] = OrderedDict()  # thread: its process

    @classmethod
    def open(cls) -> ProcessHistory:
        """Begin without knowing anybody."""
        return cls(LiveProcesses.open())

    def take_in(self) -> None:
        """Remember all processes that are there now."""
        for pid in self.live.pids():
            self._read(pid)

    def forked(self, pid: int, parent: int, nanoseconds: int) -> None:
        """Note that a process was made, so many nanoseconds after boot."""
        started = nanoseconds * TICKS // 1_000_000_000
        with contextlib.suppress(CannotAsk):
            started = self.live.stat(pid).started
        process = self.live.identity(pid, started)
        known = self._recall(parent)
        self._leaders.pop(pid, None)
        mother = known.record if known else ProcessRecord(process, self.live.at(started))
        self._remember(
            replace(
                mother,
                process=process,
                started_at=self.live.at(started),
                parent=known.record.process if known else None,
                executions=mother.executions[-1:],
                inherited=True,
            )
        )

    def started_thread(self, thread: int, creator: int) -> None:
        """Note that a thread was made by a process, or by another of its threads."""
        self._leaders[thread] = self.leader(creator)
        if len(self._leaders) > self._kept:
            self._leaders.popitem(last=False)

    def leader(self, thread: int) -> int:
        """Give the pid of the process that a thread belongs to."""
        if thread in self._leaders:
            return self._leaders[thread]
        return thread if thread in self._current else self.live.leader(thread)

    def executed(
        self, pid: int, at: datetime, file: str = "", seen: Remembered | None = None
    ) -> None:
        """Note that a process executed ``file``; ``seen`` is what it looked like just then."""
        before = self._remembered(pid)
        if before and before.read and at <= before.read and not before.record.inherited:
            before.record = _dated(before.record, at, file)
            return
        seen = seen or look(self.live, pid)
        past: tuple[Execution, ...] = ()
        if seen:
            record = seen.record
        else:
            record = before.record if before else self._stranger(pid, at)
            record = replace(record, executions=())
        if before and _same(before.record.process, record.process):
            past = () if before.record.inherited else before.record.executions
            record = _completed(record, before.record)
        ran = record.execution or self._on_disk(file, record, at) or Execution(at, "")
        ran = replace(ran, at=at, file=file)
        record = replace(record, executions=(*past, ran), inherited=False)
        self._remember(record, seen.read if seen else None)

    def lineage(self, pid: int) -> tuple[ProcessRecord, ...]:
        """Tell of a process and its ancestors, living or not; nothing if it was never seen."""
        known = self._refreshed(pid)
        return tuple(self._ancestry(known.record)) if known else ()

    def identity(self, pid: int) -> Process | None:
        """Name the last process that had this pid."""
        return self._current.get(pid)

    def _ancestry(self, record: ProcessRecord) -> Iterator[ProcessRecord]:
        while True:
            yield record
            expected = record.parent
            if expected is None:
                return
            known = self._known.get(expected) or self._read(expected.pid)
            if known is None or known.record.process != expected:
                return
            self._known.move_to_end(expected)
            record = known.record

    def _recall(self, pid: int) -> Remembered | None:
        return self._remembered(pid) or self._read(pid)

    def _remembered(self, pid: int) -> Remembered | None:
        process = self._current.get(pid)
        return self._known.get(process) if process else None

    def _refreshed(self, pid: int) -> Remembered | None:
        """Recall a process with the user and cgroup that it has by now, if it still lives."""
        known = self._recall(pid)
        now = self.live.now()
        if known is None or (known.read and now - known.read < FRESH):
            return known
        known.read = now
        with contextlib.suppress(CannotAsk):
            record = self.live.record(pid)
            if record.process == known.record.process:
                known.record = _renewed(known.record, record)
        return known

    def _read(self, pid: int) -> Remembered | None:
        seen = look(self.live, pid)
        return self._remember(seen.record, seen.read) if seen else None

    def _on_disk(self, file: str, record: ProcessRecord, at: datetime) -> Execution | None:
        seen_from_here = record.mount_namespace == namespace(f"{self.live.proc}/self/ns/mnt")
        return program_file(file, at) if seen_from_here else None

    def _stranger(self, pid: int, at: datetime) -> ProcessRecord:
        ticks = int((at - self.live.booted).total_seconds() * TICKS)
        return ProcessRecord(self.live.identity(pid, ticks), at)

    def _remember(self, record: ProcessRecord, read: datetime | None = None) -> Remembered:
        known = Remembered(record, read)
        self._known[record.process] = known
        self._known.move_to_end(record.process)
        self._current[record.process.pid] = record.process
        if len(self._known) > self._kept:
            forgotten, _ = self._known.popitem(last=False)
            if self._current.get(forgotten.pid) == forgotten:
                del self._current[forgotten.pid]
        return known


def _same(one: Process, other: Process) -> bool:
    """Say whether both are one process, where a start may have been taken from the fork's time."""
    return one.pid == other.pid and abs(one.started - other.started) <= 2


def _completed(now: ProcessRecord, before: ProcessRecord) -> ProcessRecord:
    """Take from before what a process loses while it ends, and the parent that it had at fork."""
    return replace(
        now,
        parent=before.parent,
        cgroup=now.cgroup or before.cgroup,
        network_namespace=now.network_namespace or before.network_namespace,
        mount_namespace=now.mount_namespace or before.mount_namespace,
    )


def _dated(record: ProcessRecord, at: datetime, file: str) -> ProcessRecord:
    """Correct a record that was read only after the program executed that is now told of.

    What was read then is this program's. If it was taken for that of an execution before, such as
    of ``env`` in a #! line, then only the file of that one is known.
    """
    *past, last = record.executions or (Execution(at, ""),)
    if last.file:
        past.append(Execution(last.at, "", last.file))
    return replace(record, executions=(*past, replace(last, at=at, file=file)))


def _renewed(known: ProcessRecord, now: ProcessRecord) -> ProcessRecord:
    """Take what may change from ``now``, and the past from what is known."""
    executions = known.executions
    if now.execution and executions and not executions[-1].executable:
        last = replace(now.execution, at=executions[-1].at, file=executions[-1].file)
        executions = (*executions[:-1], last)
    return replace(
        now,
        parent=known.parent or now.parent,
        executions=executions or now.executions,
        inherited=known.inherited,
    )
