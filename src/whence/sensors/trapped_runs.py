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

Describe = Callable[[AskedExecution | None, str, datetime], Execution]


@dataclass(slots=True)
class _Running:
    number: int
    executed: int = 0  # ns after boot; 0: not yet


class TrappedRuns:
    """Numbers runs, and finds the end of each."""

    def __init__(self, describe: Describe) -> None:
        self.count = 0
        self._describe = describe
        self._running: dict[int, _Running] = {}  # by pid

    def began(
        self,
        at: datetime,
        pid: int,
        caller: Caller,
        asked: AskedExecution | None,
        waited: int,
        *,
        watched: bool,
    ) -> list[RunBegan | RunEnded]:
        """Note that a process is about to execute the program."""
        told: list[RunBegan | RunEnded] = []
        before = self._running.pop(pid, None)
        if before:
            told.append(RunEnded(before.number, at, bool(before.executed), again=True))
        self.count += 1
        if watched and pid:
            self._running[pid] = _Running(self.count)
            if len(self._running) > KEPT:
                del self._running[next(iter(self._running))]
        lineage = self._with_the_program(caller.lineage, asked, at)
        told.append(RunBegan(self.count, at, lineage, caller.terminal, waited))
        return told

    def hear(self, events: Iterable[ProcessEvent], now: Clock) -> list[RunEnded]:
        """Take in what processes did."""
        told: list[RunEnded] = []
        for event in events:
            run = self._running.get(event.pid)
            if run is None:
                continue
            if event.what == EXEC and not run.executed:
                run.executed = event.nanoseconds
            elif event.what == EXIT:
                del self._running[event.pid]
                lasted = event.nanoseconds - run.executed if run.executed else None
                told.append(RunEnded(run.number, now(), bool(run.executed), event.status, lasted))
        return told

    def _with_the_program(
        self, lineage: tuple[ProcessRecord, ...], asked: AskedExecution | None, at: datetime
    ) -> tuple[ProcessRecord, ...]:
        if not lineage:
            return ()
        caller, *above = lineage
        before = caller.execution
        ran = self._describe(asked, before.working_directory if before else "", at)
        inherited = bool(above) and _same(before, above[0].execution)
        name = (ran.file or ran.executable).rpartition("/")[2]
        made = replace(
            caller,
            executions=(ran,) if inherited else (*caller.executions, ran),
            name=name.encode()[:COMM].decode("utf-8", "replace"),
        )
        return made, *above


def _same(one: Execution | None, other: Execution | None) -> bool:
    """Say whether a process still is what its parent is: it has forked, and run nothing yet."""
    return (
        one is not None
        and other is not None
        and ((one.executable, one.args, one.inode) == (other.executable, other.args, other.inode))
    )
