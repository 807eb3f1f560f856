"""A trap: its sensor, the sensor of connections, and what both together say of each run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from whence.inquiry.launchers import Launchers
from whence.inquiry.run_connections import RunConnections
from whence.inquiry.run_outputs import RunOutputs
from whence.model.run_output import RunOutput
from whence.model.trapped import (
    Run,
    RunBegan,
    RunEnded,
    TrapSettings,
    TrapStatus,
)
from whence.world import ThisHost, utc_now
from whence.world.trap_process import TrapProcess

TURN = 0.2  # seconds
SETTLE = 1.5  # seconds after the end of a run in which its last connections are told
BEHIND = 10.0  # seconds that the sensor of connections may be behind, on a busy machine
LATE = 2.0  # seconds after that, in which it is waited for what a run wrote
LATEST = 60.0  # likewise, where what has long ended was not told yet
FOLLOWED = 16_384  # runs that are waited for; of more, the oldest are told of as they are


@dataclass(slots=True)
class _Following:
    """A run that was not told to its end."""

    run: Run
    due: float | None = None  # when it has ended long enough ago


class Trap:
    """Watches a program until closed; each run is told when it begins, and when it has ended."""

    def __init__(
        self,
        path: str,
        level: str = "auto",
        *,
        connections: bool = True,
        listener: str = "",
        output: int = 0,
    ) -> None:
        """Set it; ``output`` is how many bytes of each stream of a run are kept, 0: nothing is.

        Raises
        ------
        CannotAsk
            If the output is asked for and cannot be seen here.

        """
        self.status: TrapStatus | None = None
        self._following: dict[int, _Following] = {}
        self._ended = False
        self.outputs = RunOutputs(output) if output else None
        self.connections = RunConnections.open(level) if connections else None
        awaited = self.outputs.awaited if self.outputs else -1
        self._process = TrapProcess(TrapSettings(path, listener, awaited))
        if self.outputs:
            self.outputs.let_go_of_map()
        self.launchers = Launchers(ThisHost(), utc_now)  # while that starts: it takes a while

    @property
    def pid(self) -> int:
        """The process that is asked before each run."""
        return self._process.pid

    def runs(self, span: timedelta | None = None, most: int | None = None) -> Iterator[Run | None]:
        """Yield each run as it begins and as it has ended; None while nothing happens.

        Ends after ``span``, counted from when the trap is set, or when ``most`` runs have ended.

        Raises
        ------
        WhenceError
            If the trap cannot be set here, or its sensor died.

        """
        until: float | None = None
        ended = 0
        while not self._ended and (most is None or ended < most):
            for told in self._process.read(TURN):
                if self.status is None and span is not None:
                    until = time.monotonic() + span.total_seconds()
                yield from self._take(told)
            for run in self._settled():
                ended += 1
                yield run
            yield None
            if until is not None and time.monotonic() >= until:
                return

    def end(self) -> None:
        """Let ``runs`` end soon; nothing that was told is lost by it."""
        self._ended = True

    def finish(self) -> Iterator[Run]:
        """End the trap; yield what is known of the runs that were not told to the end."""
        for told in self._process.end():
            for _ in self._take(told):
                pass  # it is told of when all is known
        self._wait_for_connections()
        if self.outputs:
            self.outputs.end()
        for number in [*self._following]:
            yield self._completed(number)

    def close(self) -> None:
        """End it."""
        self._process.close()
        for gathering in (self.outputs, self.connections):
            if gathering:
                gathering.close()

    def __enter__(self) -> Trap:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self, told: RunBegan | RunEnded | TrapStatus) -> Iterator[Run]:
        if isinstance(told, TrapStatus):
            self.status = told
        elif isinstance(told, RunBegan):
            launch = self.launchers.of(told.lineage)
            run = Run(told.number, told.at, told.lineage, told.terminal, launch)
            self._following[told.number] = _Following(run)
            if self.connections and told.lineage:
                self.connections.follow(told.number, told.lineage[0].process)
            yield run
        elif following := self._following.get(told.number):
            lasted = told.nanoseconds
            following.run = replace(
                following.run,
                executed=told.executed,
                ended=told.at,
                status=told.status,
                lasted=None if lasted is None else timedelta(microseconds=lasted / 1000),
                again=told.again,
            )
            following.due = time.monotonic() + SETTLE

    def _settled(self) -> Iterator[Run]:
        if self.connections:
            self.connections.take_in()
        now = time.monotonic()
        for number, following in [*self._following.items()]:
            if len(self._following) > FOLLOWED or self._is_over(following, now):
                yield self._completed(number)

    def _is_over(self, following: _Following, now: float) -> bool:
        if following.due is None or now < following.due:
            return False
        run = following.run
        if now < following.due + BEHIND and not self._has_connections_of(run):
            return False
        if self.outputs is None or not run.executed or self.outputs.has_all_of(run.number):
            return True
        if now < following.due + LATE:
            return False
        return self.outputs.reached() > following.due or now >= following.due + LATEST

    def _has_connections_of(self, run: Run) -> bool:
        """Say whether the sensor of connections has told what it saw until some time after it."""
        if self.connections is None or run.ended is None:
            return True
        return self.connections.has_told(run.ended + timedelta(seconds=SETTLE))

    def _wait_for_connections(self) -> None:
        """Wait until those of all runs that ended are told."""
        ended = [one for one in self._following.values() if one.due is not None]
        until = time.monotonic() + SETTLE + BEHIND
        while time.monotonic() < until and not all(
            self._has_connections_of(one.run) for one in ended
        ):
            time.sleep(TURN)

    def _completed(self, number: int) -> Run:
        following = self._following.pop(number)
        called = self.connections.of(number) if self.connections else ()
        output = self.outputs.of(number) if self.outputs else None
        if self.outputs and output is None and following.run.executed:
            output = RunOutput(complete=False)
        return replace(following.run, called=called, output=output)
