"""The process that is asked before each run of a program: ``python -m whence.sensors.trapping``.

Everybody who executes the program waits for this process. So it reads what would be lost, answers
at once, and looks at what it read later; it waits for nobody, executes nothing, writes without
blocking, and the kernel kills it if it hangs for DEADLINE seconds. With it, the kernel lets all run
freely.
"""

from __future__ import annotations

import gc
import math
import os
import resource
import select
import signal
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from whence.model import CannotAsk, WhenceError
from whence.model.refusal import Refusal
from whence.model.trapped import RunBegan, RunEnded, TrapSettings, TrapStatus
from whence.sensors.trapped_runs import TrappedRuns
from whence.world import capabilities
from whence.world.asked_execution import AskedExecution, NotAsleep
from whence.world.callers import Callers, Chain
from whence.world.capabilities import CAP_SYS_PTRACE
from whence.world.deadline import Deadline
from whence.world.execution_gate import CAPABILITIES, Asked, ExecutionGate
from whence.world.netlink import ProcessEvent
from whence.world.priority import go_first, run_at_once, session_goes_first
from whence.world.process_ends import FollowedEnds, ProcessEnds
from whence.world.processes import LiveProcesses, arguments, command_line
from whence.world.program_mark import ProgramMark
from whence.world.runs_to_follow import RunsToFollow
from whence.world.shim_gate import ShimGate, ShimPlace
from whence.world.this_host import utc_now

DEADLINE = 3  # seconds
MOMENT = 0.00005  # seconds until one looks again whether a thread sleeps, …
LONGER = 0.001  # … each time twice as long, up to this: it has to get a processor, beside us
PATIENCE = 2_000_000_000  # nanoseconds; it does not sleep because others have the processors
PAUSE = 0.002  # seconds in which nobody asks, before what was read is looked at
LATEST = 0.05  # seconds after which that is done in any case, …
MANY = 64  # … and runs
MOST = 256  # runs that are told of before the ends of runs are
FEW = 16  # executions and ends that are read until one looks again whether somebody asks
BEAT = 0.5  # seconds between two turns, at most
EVERY = 1.0  # seconds between two statuses
BACKLOG = 8 << 20  # bytes of lines that wait for the reader
SELDOM = 50_000  # new objects before the next collection
FILES = 8192


def main(arguments: Sequence[str] | None = None) -> int:
    """Watch until told to end, and give the exit status."""
    (text,) = sys.argv[1:] if arguments is None else arguments
    settings = msgspec.json.decode(text, type=TrapSettings)
    try:
        trap = Trapping(settings)
    except WhenceError as error:
        os.write(1, msgspec.json.encode(Refusal.of(error)) + b"\n")
        return error.exit_code
    with suppress(KeyboardInterrupt):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, trap.end)
        trap.run()
    return 0


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Who asks, and waits for the answer."""

    asked: Asked
    arrived: int  # ns of the performance counter
    chain: Chain
    since: int  # ns after boot


@dataclass(frozen=True, slots=True)
class _Answered:
    """Who was let go, and is to be told of."""

    waiting: _Waiting
    wanted: AskedExecution | None
    waited: int  # ns


class Trapping:
    """The gate, the program, what is known of processes, and who is told."""

    def __init__(self, settings: TrapSettings) -> None:
        _have_room_for_files()
        go_first()
        session_goes_first()
        live = LiveProcesses(redacts=False)
        live.booted, live.boot  # noqa: B018  read now: later somebody waits
        by_shim = bool(settings.listener)
        gate: ExecutionGate | None = None
        if by_shim:
            self._gate: ExecutionGate | ShimGate = ShimGate(Path(settings.listener))
        else:
            self._gate = gate = ExecutionGate.open()
        blind = ""
        try:
            self._ends: ProcessEnds | FollowedEnds = ProcessEnds.open(live)
        except CannotAsk as reason:
            self._ends, blind = FollowedEnds(), f"{reason}: {reason.because}"
        run_at_once(ahead=1)  # with which the program's mark is put on what takes its place
        self._outputs = RunsToFollow(settings.awaited)
        needed = CAPABILITIES | self._outputs.capabilities
        if not by_shim:
            capabilities.give_up_all_but(needed)
        elif CAP_SYS_PTRACE in (held := capabilities.held()):
            capabilities.give_up_all_but(needed & held)
        # else: a container. Who has no less than its callers may look at them, ptrace(2).
        self._program: ProgramMark | ShimPlace = (
            ProgramMark(gate, settings.path) if gate else ShimPlace(settings.path)
        )
        run_at_once()
        self._callers = Callers(live)
        self._callers.of(os.getpid())  # the first time takes longest, and nobody waits yet
        self._live = live
        self._runs = TrappedRuns(self._program.execution, self._arguments, by_shim=by_shim)
        self._blind = blind
        self._lines: deque[bytes] = deque()
        self._size = self._unwritten = 0
        self._waiting: list[_Waiting] = []
        self._answered: deque[_Answered] = deque()
        self._events: deque[ProcessEvent] = deque()  # that are not heard of yet
        self._told = 0.0
        self._ended = False

    def run(self) -> None:
        """Answer, and tell."""
        os.set_blocking(1, False)
        gc.freeze()
        gc.set_threshold(SELDOM)
        deadline = Deadline(DEADLINE)
        self._say_how_it_is()
        while not self._ended:
            ready = self._wait()
            self._answer_all()
            deadline.renew()
            self._read_ends()
            self._tell_of_all()
            self._hear_of(self._events)
            if time.monotonic() - self._told >= EVERY:
                self._program.look()
                self._say_how_it_is()
                time.sleep(MOMENT)  # a rest, also in a storm: see run_at_once
            if ready.get(1, 0) & (select.POLLERR | select.POLLHUP):
                return  # nobody reads any more
            self._write()
        self._gate.close()
        deadline.cancel()  # nobody waits any more, so the reader may take its time
        os.set_blocking(1, True)
        self._tell(self._runs.rest())
        self._say_how_it_is()
        self._write()

    def end(self, *_: object) -> None:
        """End with the next turn."""
        self._ended = True

    def _wait(self) -> dict[int, int]:
        """Wait until something happens, and say where."""
        poll = select.poll()
        poll.register(self._gate, select.POLLIN)
        poll.register(1, select.POLLOUT if self._lines else 0)  # 0: only if nobody reads
        if self._ends.fileno() >= 0:
            poll.register(self._ends, select.POLLIN)
        return dict(poll.poll(0 if self._waiting or self._answered else BEAT * 1000))

    def _answer_all(self) -> None:
        """Answer until nobody asks for a while: those who were let go have the processors."""
        until, moment = time.monotonic() + LATEST, MOMENT
        while self._hear_at_once(PAUSE) or self._waiting:
            if len(self._answered) >= MANY or time.monotonic() > until:
                return
            if any(one.wanted is None for one in self._answered):
                return  # what these were given is read as soon as they are the program
            if self._waiting:
                time.sleep(moment)  # who is not asleep yet wants the processor
                moment = min(2 * moment, LONGER)

    def _hear_at_once(self, within: float) -> bool:
        """Hear who asks, and say whether anybody did."""
        poll = select.poll()
        poll.register(self._gate, select.POLLIN)
        ready = poll.poll(0 if self._waiting else within * 1000)
        for asked in self._gate.read():
            self._look(asked)
        self._answer()
        return bool(ready)

    def _tell_of_all(self) -> None:
        """Tell of those who were let go, and answer meanwhile, but not without end."""
        told = 0
        while self._answered:
            self._tell_of(self._answered.popleft())
            self._write()
            told += 1
            if told < MOST and len(self._answered) < MANY:
                self._hear_at_once(0)

    def _read_ends(self) -> None:
        """Take in what processes did, and answer meanwhile."""
        for number, event in enumerate(self._ends.read(), 1):
            self._events.append(event)
            if number % FEW == 0:
                self._hear_at_once(0)

    def _hear_of(self, events: deque[ProcessEvent], until: float = math.inf) -> None:
        """Hear what processes did before that time, ns after boot."""
        earlier = []
        while events and events[0].nanoseconds < until:
            earlier.append(events.popleft())
        self._tell(self._runs.hear(earlier, self._live.now))

    def _look(self, asked: Asked) -> None:
        """Read who asks, while it waits."""
        arrived = time.perf_counter_ns()
        waits = False
        try:
            if self._program.concerns(asked):
                chain = self._callers.take(asked.thread)
                since = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
                self._waiting.append(_Waiting(asked, arrived, chain, since))
                waits = True
        finally:
            if not waits:
                self._gate.allow(asked)

    def _answer(self) -> None:
        """Let go whoever has been looked at; but who is not asleep yet, only after a while."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            wanted, asleep = None, True
            try:
                wanted = self._program.asked(one.asked.thread) if one.asked.thread else None
            except NotAsleep:
                asleep = time.perf_counter_ns() - one.arrived > PATIENCE
            finally:
                if asleep:
                    if one.chain.pid:
                        self._ends.follow(one.chain.pid)
                        number = self._runs.count + len(self._answered) + 1
                        self._outputs.follow(one.chain.pid, number)
                    self._gate.allow(one.asked)
            if not asleep:
                self._waiting.append(one)
                continue
            waited = time.perf_counter_ns() - one.arrived
            self._callers.take_the_rest(one.chain)
            self._answered.append(_Answered(one, wanted, waited))

    def _tell_of(self, answered: _Answered) -> None:
        """Look at what was read, and tell it."""
        one, wanted = answered.waiting, answered.wanted
        self._hear_of(self._events, one.since)  # as that the run before of this process began
        caller = self._callers.told(one.chain).redacted()
        wanted = wanted.redacted() if wanted else None
        run = one.chain.at, one.chain.pid, caller, wanted, answered.waited
        self._tell(self._runs.began(*run, since=one.since))

    def _arguments(self, pid: int) -> tuple[str, ...]:
        """Read what a process was given that has just executed the program."""
        return arguments(command_line(f"{self._live.proc}/{pid}"))

    def _tell(self, lines: Sequence[RunBegan | RunEnded | TrapStatus]) -> None:
        for line in lines:
            text = msgspec.json.encode(line) + b"\n"
            if self._size + len(text) > BACKLOG:
                self._unwritten += 1
                continue
            self._lines.append(text)
            self._size += len(text)

    def _write(self) -> None:
        while self._lines:
            line = self._lines.popleft()
            try:
                written = os.write(1, line)
            except BlockingIOError:
                written = 0
            except BrokenPipeError:
                self._ended = True
                return
            self._size -= written
            if written < len(line):
                self._lines.appendleft(line[written:])
                return

    def _say_how_it_is(self) -> None:
        self._told = time.monotonic()
        self._tell([self._status(self._live.now())])

    def _status(self, at: datetime) -> TrapStatus:
        return TrapStatus(
            at,
            self._runs.count,
            self._gate.overflows + self._program.missed,
            self._ends.lost,
            self._unwritten,
            self._program.replaced,
            self._program.problem,
            self._blind,
            self._outputs.missed,
        )


def _have_room_for_files() -> None:
    """The kernel refuses an execution for which it cannot give us a descriptor."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


if __name__ == "__main__":
    utc_now()  # what it imports is imported before anybody waits
    sys.exit(main())
