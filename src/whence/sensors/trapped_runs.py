"""Which runs of a program there are, told from who asked for them and from how processes end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from whence.model import Execution, ProcessRecord
from whence.model.trapped import RunBegan, RunEnded
from whence.world.asked_execution import AskedExecution
from whence.world.callers import Caller
from whence.world.contracts import Clock
from whence.world.netlink import EXEC, EXIT, ProcessEvent

KEPT = 65_536  # runs whose end is waited for
COMM = 15  # bytes of a process's name, TASK_COMM_LEN of linux/sched.h without the zero

ReadArguments = Callable[[int], tuple[str, ...]]
Describe = Callable[[AskedExecution | None, str, datetime], Execution]


@dataclass(slots=True)
class _Running:
    number: int
    since: int  # ns after boot: what was executed before is not the program
    executed: int = 0  # ns after boot; 0: not yet
    untold: RunBegan | None = None  # until it is known with which arguments


class TrappedRuns:
    """Numbers runs, and finds the end of each."""

    def __init__(
        self, describe: Describe, read_arguments: ReadArguments, *, by_shim: bool = False
    ) -> None:
        self._by_shim = by_shim  # then what the process runs as it calls is no caller, but ours
        self.count = 0
        self._describe = describe
        self._read_arguments = read_arguments
        self._running: dict[int, _Running] = {}  # by pid

    def began(
        self,
        at: datetime,
        pid: int,
        caller: Caller,
        asked: AskedExecution | None,
        waited: int,
        *,
        since: int = 0,
    ) -> list[RunBegan | RunEnded]:
        """Note that a process is about to execute the program."""
        told: list[RunBegan | RunEnded] = []
        before = self._running.pop(pid, None)
        if before:
            told += _untold(before)
            told.append(RunEnded(before.number, at, bool(before.executed), again=True))
        self.count += 1
        lineage = self._with_the_program(caller.lineage, asked, at)
        began = RunBegan(self.count, at, lineage, caller.terminal, waited)
        waits = pid > 0 and asked is None
        if pid:
            self._running[pid] = _Running(self.count, since, untold=began if waits else None)
            if len(self._running) > KEPT:
                told += _untold(self._running.pop(next(iter(self._running))))
        if not pid:  # it is in no pid namespace of ours, so nobody is going to tell of its end
            return [*told, began, RunEnded(self.count, at, executed=True)]
        return told if waits else [*told, began]

    def hear(self, events: Iterable[ProcessEvent], now: Clock) -> list[RunBegan | RunEnded]:
        """Take in what processes did."""
        told: list[RunBegan | RunEnded] = []
        for event in events:
            run = self._running.get(event.pid)
            if run is None:
                continue
            if event.what == EXEC and not run.executed and event.nanoseconds >= run.since:
                run.executed = event.nanoseconds
                told += _untold(run, self._read_arguments(event.pid) if run.untold else None)
            elif event.what == EXIT:
                del self._running[event.pid]
                told += _untold(run)
                lasted = event.nanoseconds - run.executed if run.executed else None
                told.append(RunEnded(run.number, now(), bool(run.executed), event.status, lasted))
        return told

    def rest(self) -> list[RunBegan]:
        """Tell of the runs that were not told of yet; nothing more is going to be known."""
        return [began for run in self._running.values() for began in _untold(run)]

    def _with_the_program(
        self, lineage: tuple[ProcessRecord, ...], asked: AskedExecution | None, at: datetime
    ) -> tuple[ProcessRecord, ...]:
        if not lineage:
            return ()
        caller, *above = lineage
        before = caller.execution
        ran = self._describe(asked, before.working_directory if before else "", at)
        inherited = self._by_shim or (bool(above) and _same(before, above[0].execution))
        name = (ran.file or ran.executable).rpartition("/")[2]
        made = replace(
            caller,
            executions=(ran,) if inherited else (*caller.executions, ran),
            name=name.encode()[:COMM].decode("utf-8", "replace"),
        )
        return made, *above


def _untold(run: _Running, args: tuple[str, ...] | None = None) -> list[RunBegan]:
    """Give what was not told of yet, with the arguments if they are known by now."""
    began, run.untold = run.untold, None
    if began is None:
        return []
    if args and began.lineage:
        own, *above = began.lineage
        *past, last = own.executions
        size = sum(len(word.encode("utf-8", "surrogateescape")) + 1 for word in args)
        last = replace(last, args=args, args_bytes=size)
        own = replace(own, executions=(*past, last))
        began = RunBegan(began.number, began.at, (own, *above), began.terminal, began.waited)
    return [began]


def _same(one: Execution | None, other: Execution | None) -> bool:
    """Say whether a process still is what its parent is: it has forked, and run nothing yet."""
    return (
        one is not None
        and other is not None
        and ((one.executable, one.args, one.inode) == (other.executable, other.args, other.inode))
    )
