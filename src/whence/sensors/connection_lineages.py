"""Who a process is and where it came from, put together from what the kernel side told."""

from __future__ import annotations

import os
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from whence.model import CannotAsk, Execution, Process, ProcessRecord
from whence.sensors.connection_records import (
    EXECUTION,
    INHERITED,
    KERNEL_THREAD,
    NO_NUMBER,
    ExecutionKey,
    ProcessKey,
    RawAncestor,
    RawExecution,
    RawProcess,
    read_execution,
    read_known_process,
    read_process,
    record_type,
)
from whence.world.processes import LiveProcesses, arguments, command_line, contents, control_group

Lineage = tuple[ProcessRecord, ...]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

LONGEST = 64 << 10  # bytes of a command line that are read where the record holds too little
DEEPEST = 16  # ancestors, as ANCESTORS of connections/records.h
PAST = 8  # executions of one process that are told, as PAST_EXECUTIONS there
TICK = 10_000_000  # ns: the unit of field 22 of /proc/PID/stat


class Remembered(Protocol):
    """A map of the kernel side, asked where user space has forgotten or never heard."""

    def get(self, key: bytes) -> bytes | None:
        """Give the value of a key, or None."""
        ...


class Bounded(Generic[K, V]):
    """Keeps the things used last; the rest can be asked for again."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._things: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Give a thing, or None."""
        found = self._things.get(key)
        if found is not None:
            self._things.move_to_end(key)
        return found

    def put(self, key: K, value: V) -> V:
        """Keep a thing, and give it."""
        things = self._things
        before = len(things)
        things[key] = value
        if len(things) == before:
            things.move_to_end(key)
        elif before == self._most:
            things.popitem(last=False)
        return value

    def drop(self, key: K) -> bool:
        """Forget a thing, and say whether it was kept."""
        return self._things.pop(key, None) is not None

    def clear(self) -> None:
        """Forget all."""
        self._things.clear()


class _Told:
    """What a process was told to be, and its lineage once somebody has asked for it."""

    __slots__ = ("lineage", "process")

    def __init__(self, process: RawProcess | None = None) -> None:
        self.process = process
        self.lineage: Lineage = ()


class _Ran:
    """An execution as it came, and in words once somebody has asked for it."""

    __slots__ = ("described", "raw")

    def __init__(self, raw: RawExecution) -> None:
        self.raw = raw
        self.described: Execution | None = None


class Lineages:
    """Every process that was told of, with its ancestors, the dead ones too."""

    def __init__(
        self, procs: Remembered, execs: Remembered, processes: LiveProcesses, most: int = 1024
    ) -> None:
        self._procs = procs
        self._execs = execs
        self._processes = processes
        self._executions: Bounded[ExecutionKey, _Ran] = Bounded(2 * most)
        self._told: Bounded[tuple[ProcessKey, int], _Told] = Bounded(most)
        self._records: Bounded[tuple[int, ...], ProcessRecord] = Bounded(most)
        self._parents: Bounded[tuple[RawAncestor, ...], Lineage] = Bounded(most)
        # Nobody else knows these, once they are dead: they are kept.
        self._executions_before: dict[ExecutionKey, _Ran] = {}
        self._told_before: dict[tuple[ProcessKey, int], RawProcess] = {}

    def learn_snapshot(self, records: Iterable[bytes]) -> None:
        """Take in the processes that were there before; their parents are in procs."""
        for record in records:
            if record_type(record) == EXECUTION:
                execution = read_execution(record)
                args = self._command_line(execution.process)
                self._executions_before[execution.key] = _Ran(
                    execution._replace(arguments=args, arguments_bytes=len(args))
                )
            else:
                told = read_process(record)
                itself = told.ancestors[0]
                self._told_before[itself.process, itself.execution.at] = told._replace(
                    ancestors=(itself,)
                )

    def learn_execution(self, record: bytes) -> None:
        """Take in a struct execution."""
        execution = read_execution(record)
        self._executions.put(execution.key, _Ran(execution))

    def learn_process(self, record: bytes) -> None:
        """Take in a struct process_event."""
        told = read_process(record)
        if told.ancestors:
            itself = told.ancestors[0]
            self._told.put((itself.process, itself.executed), _Told(told))
            if self._records.drop(itself.identity):  # it may be somebody's parent
                self._parents.clear()

    def of(self, process: ProcessKey, executed: int) -> Lineage:
        """Give a process and its ancestors; nothing where it is the kernel's own doing."""
        if not process.pid:
            return ()
        key = process, executed
        told = self._told.get(key) or self._told.put(key, _Told())
        if not told.lineage:
            told.lineage = self._trace(process, told.process)
        return told.lineage

    def _trace(self, process: ProcessKey, told: RawProcess | None) -> Lineage:
        itself, *parents = told.ancestors if told else self._remembered(process)
        return self._record(itself, parents), *self._lineage_of(tuple(parents))

    def _lineage_of(self, parents: tuple[RawAncestor, ...]) -> Lineage:
        known = self._parents.get(parents)
        return known or self._parents.put(
            parents,
            tuple(self._record(one, parents[at:]) for at, one in enumerate(parents, start=1)),
        )

    def _record(self, one: RawAncestor, further: Sequence[RawAncestor]) -> ProcessRecord:
        known = self._records.get(one.identity)
        return known or self._records.put(one.identity, self._describe(one, further))

    def _remembered(self, process: ProcessKey) -> Iterator[RawAncestor]:
        """Follow the parents in the kernel side's own map."""
        for _ in range(DEEPEST):
            value = self._procs.get(process.packed)
            if value is None:
                yield RawAncestor(*process, 0, 0)
                return
            known = read_known_process(value)
            yield RawAncestor(*process, *known.execution, flags=known.flags)
            if not known.parent.pid or known.parent == process:
                return
            process = known.parent

    def _describe(self, ancestor: RawAncestor, further: Sequence[RawAncestor]) -> ProcessRecord:
        key = ancestor.process
        told = self._told_of((key, ancestor.executed))
        itself = told.ancestors[0] if told else ancestor
        ran = self._execution(itself.execution)
        runs = ran.raw if ran else None
        user = itself.user if itself.user != NO_NUMBER or not runs else runs.user
        audited = told or runs
        record = ProcessRecord(
            process=self._identity(key),
            started_at=self._when(key.started),
            name=itself.name or (runs.name if runs else ""),
            parent=self._identity(further[0].process) if further else None,
            executions=self._executions_until(ran, key) if ran else (),
            inherited=bool(itself.flags & INHERITED),
            user_id=_number(user),
            login_id=_number(audited.login) if audited else None,
            audit_session=_number(audited.session) if audited else None,
            cgroup=self._cgroup(told, key) if told else "",
            network_namespace=told.network_namespace or None if told else None,
            mount_namespace=told.mount_namespace or None if told else None,
            kernel_thread=bool(itself.flags & KERNEL_THREAD),
        )
        return record if record.executions or record.kernel_thread else self._completed(record)

    def _executions_until(self, last: _Ran, process: ProcessKey) -> tuple[Execution, ...]:
        """Give what a process ran, oldest first; only the last if its parent ran that."""
        found = deque((self._in_words(last),))
        ran: _Ran | None = last
        while ran and ran.raw.process == process and len(found) < PAST:
            ran = self._execution(ran.raw.previous)
            if ran:
                found.appendleft(self._in_words(ran))
        return tuple(found)

    def _in_words(self, ran: _Ran) -> Execution:
        if not ran.described:
            ran.described = self._describe_execution(ran.raw)
        return ran.described

    def _execution(self, key: ExecutionKey) -> _Ran | None:
        if not key.at:
            return None
        known = self._executions.get(key) or self._executions_before.get(key)
        if known:
            return known
        value = self._execs.get(key.packed)
        return self._executions.put(key, _Ran(read_execution(value))) if value else None

    def _told_of(self, key: tuple[ProcessKey, int]) -> RawProcess | None:
        told = self._told.get(key)
        return told.process if told and told.process else self._told_before.get(key)

    def _describe_execution(self, raw: RawExecution) -> Execution:
        args = arguments(raw.arguments)
        cut = raw.arguments_bytes - len(raw.arguments)
        if cut > 0:
            whole = self._command_line(raw.process)
            if len(whole) > len(raw.arguments):
                args, cut = arguments(whole), raw.arguments_bytes - len(whole)
        shown = len("\0".join((*args, "")).encode("utf-8", "surrogateescape"))
        return Execution(
            at=self._when(raw.key.at),
            executable=raw.path,
            file=raw.file,
            args=args,
            args_bytes=shown + max(0, cut),
            working_directory=raw.directory,
            inode=raw.inode,
            device=os.makedev(raw.device >> 20, raw.device & 0xFFFFF),
            links=raw.links,
        )

    def _command_line(self, process: ProcessKey) -> bytes:
        return self._while_alive(
            process, lambda: command_line(f"{self._processes.proc}/{process.pid}", LONGEST), b""
        )

    def _cgroup(self, told: RawProcess, process: ProcessKey) -> str:
        if told.cgroup is not None:
            return told.cgroup
        path = f"{self._processes.proc}/{process.pid}/cgroup"
        return self._while_alive(process, lambda: control_group(contents(path)), "")

    def _completed(self, record: ProcessRecord) -> ProcessRecord:
        """Ask /proc about a process that the kernel side has forgotten, if it still lives."""
        process = record.process
        if not self._processes.numbered_as_kernel:
            return record
        try:
            found = self._processes.record(process.pid)
        except CannotAsk:
            return record
        if found.process != process:
            return record
        return replace(found, parent=record.parent or found.parent, inherited=record.inherited)

    def _while_alive(self, process: ProcessKey, read: Callable[[], V], otherwise: V) -> V:
        if not self._processes.numbered_as_kernel:
            return otherwise  # the number is that of somebody else here
        found = read()
        try:
            same = self._processes.stat(process.pid).started == process.started // TICK
        except CannotAsk:
            return otherwise
        return found if same else otherwise

    def _identity(self, key: ProcessKey) -> Process:
        return self._processes.identity(key.pid, key.started // TICK)

    def _when(self, since_boot: int) -> datetime:
        return self._processes.booted + timedelta(microseconds=since_boot // 1000)


def _number(raw: int) -> int | None:
    return None if raw == NO_NUMBER else raw
