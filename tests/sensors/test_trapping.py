"""Those who ask are answered when it is known what they ask for; all else is done later."""

from __future__ import annotations

import os
import time
from collections import deque
from pathlib import Path
from typing import Any

import pytest

from whence.sensors import trapping
from whence.sensors.trapped_runs import TrappedRuns
from whence.sensors.trapping import Trapping
from whence.world.asked_execution import AskedExecution, NotAsleep
from whence.world.callers import Callers
from whence.world.execution_gate import Asked
from whence.world.netlink import EXEC, ProcessEvent
from whence.world.process_ends import FollowedEnds
from whence.world.processes import LiveProcesses
from whence.world.program_mark import ProgramMark
from whence.world.runs_to_follow import RunsToFollow

WORDS = ("agent", "150")


class Gate:
    """Somebody asks once, and is let go."""

    def __init__(self, pipe: int) -> None:
        self.asking = deque([Asked(os.getpid(), -1)])
        self.allowed: list[Asked] = []
        self._pipe = pipe

    def fileno(self) -> int:
        return self._pipe

    def read(self) -> list[Asked]:
        found, self.asking = [*self.asking], deque()
        return found

    def allow(self, asked: Asked) -> None:
        self.allowed.append(asked)


class Place(ProgramMark):
    """Who asks is not asleep in execve(2) before one has looked so many times."""

    def __init__(self, times: int) -> None:
        self.times = times
        self._path, self._interpreter = Path("/bin/agent"), ""

    def concerns(self, asked: Asked) -> bool:
        return bool(asked.thread)

    def asked(self, thread: int) -> AskedExecution | None:
        self.times -= 1
        if self.times >= 0:
            raise NotAsleep
        return AskedExecution("/bin/agent", WORDS, 10)


@pytest.fixture
def pipe() -> Any:
    ours, other = os.pipe()
    yield ours
    os.close(ours)
    os.close(other)


def trap_of(gate: Gate, place: Place) -> Trapping:
    found: Any = Trapping.__new__(Trapping)
    found._gate, found._program = gate, place
    found._callers = Callers(LiveProcesses(redacts=False))
    found._ends, found._outputs = FollowedEnds(), RunsToFollow(-1)
    found._runs = TrappedRuns(place.execution, lambda pid: ())
    found._live = LiveProcesses()
    found._lines, found._size, found._unwritten = deque(), 0, 0
    found._waiting, found._answered, found._events = [], deque(), deque()
    trap: Trapping = found
    return trap


def told(trap: Any, gate: Gate) -> list[bytes]:
    for _ in range(1000):
        trap._answer_all()
        if gate.allowed and not gate.asking:
            break
    trap._write = lambda: None
    trap._tell_of_all()
    return [*trap._lines]


@pytest.mark.parametrize("times", [0, 1, 300])
def test_who_is_not_asleep_yet_is_waited_for(pipe: int, times: int) -> None:
    gate = Gate(pipe)
    (line,) = told(trap_of(gate, Place(times)), gate)
    assert b'"args":["agent","150"]' in line
    assert len(gate.allowed) == 1


def test_who_never_sleeps_is_let_go_all_the_same(
    pipe: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trapping, "PATIENCE", 20_000_000)
    gate = Gate(pipe)
    assert not told(trap_of(gate, Place(10**9)), gate)  # before it is the program
    assert len(gate.allowed) == 1


def test_a_process_that_runs_it_once_more_before_its_first_execution_is_heard_of(
    pipe: int,
) -> None:
    gate, own = Gate(pipe), os.getpid()
    trap: Any = trap_of(gate, Place(0))
    trap._hear_at_once(0)
    trap._events.append(ProcessEvent(EXEC, time.clock_gettime_ns(time.CLOCK_BOOTTIME), own))
    gate.asking.append(Asked(own, -1))
    first, ended, second = told(trap, gate)
    assert (b'"number":1' in first, b'"number":2' in second) == (True, True)
    assert b'"executed":true' in ended
    assert b'"again":true' in ended


def test_another_program_is_let_go_at_once(pipe: int) -> None:
    gate = Gate(pipe)
    gate.asking = deque([Asked(0, -1)])
    assert not told(trap_of(gate, Place(0)), gate)
    assert len(gate.allowed) == 1
