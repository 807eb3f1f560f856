"""Where runs connect to: what is gathered of each, and what is said of the rest."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta

from whence.inquiry.run_connections import MOST_CALLED, RunConnections, Watcher
from whence.model import (
    ATTEMPTED,
    LISTENING,
    CannotAsk,
    Flow,
    Process,
    ProcessRecord,
    SensorStatus,
    Sighting,
)
from whence.model.trapped import Called

PATIENCE = 20.0  # seconds
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
AT = datetime(2026, 11, 26, 8, tzinfo=UTC)
AGENT = Process("fw", "boot", 4242, 100)
CHILD = Process("fw", "boot", 4243, 101)
OTHER = Process("fw", "boot", 9, 9)


def call(*lineage: Process, port: int = 443, action: str = ATTEMPTED) -> Sighting:
    chain = tuple(ProcessRecord(one, AT, "agent") for one in lineage)
    flow = Flow("203.0.113.7", port, "192.0.2.5", 51514, "tcp")
    return Sighting(flow, action, AT, AT, chain, "test", "fw")


class Script:
    """A sensor that says it is there, waits until it may go on, and then says the rest."""

    def __init__(self, *said: Sighting | SensorStatus | CannotAsk) -> None:
        self._said = said
        self.may_go_on = threading.Event()

    def __call__(self) -> AbstractContextManager[Watcher]:
        return nullcontext(self)

    def events(self) -> Iterator[Sighting | SensorStatus | None]:
        yield SensorStatus("test", AT)
        self.may_go_on.wait()
        for event in self._said:
            if isinstance(event, CannotAsk):
                raise event
            yield event

    def let_end(self, connections: RunConnections) -> None:
        self.may_go_on.set()
        end = time.monotonic() + PATIENCE
        while not connections.has_told(NEVER):
            assert time.monotonic() < end
            time.sleep(0.001)
        connections.close()


def gathered(script: Script, **runs: Process) -> RunConnections:
    connections = RunConnections(script)
    for name, process in runs.items():
        connections.follow(int(name.removeprefix("run")), process)
    script.let_end(connections)
    return connections


def test_a_run_has_what_it_and_its_children_called_most_first() -> None:
    script = Script(
        call(AGENT, OTHER),
        call(CHILD, AGENT, port=80),
        call(CHILD, AGENT, port=80),
        call(OTHER, port=22),
        call(AGENT, port=99, action=LISTENING),
    )
    connections = gathered(script, run1=AGENT)
    assert connections.of(1) == (
        Called("203.0.113.7", 80, "tcp", 2),
        Called("203.0.113.7", 443, "tcp", 1),
    )
    assert connections.of(1) == ()


def test_what_a_process_calls_counts_for_the_latest_program_that_it_runs() -> None:
    connections = gathered(Script(call(AGENT)), run1=AGENT, run2=AGENT)
    assert connections.of(1) == ()
    assert connections.of(2) == (Called("203.0.113.7", 443, "tcp", 1),)


def test_peers_beyond_those_that_are_told_apart_are_counted() -> None:
    calls = (call(AGENT, port=1 + number) for number in range(MOST_CALLED + 3))
    connections = gathered(Script(*calls, call(AGENT, port=1)), run1=AGENT)
    assert sum(one.count for one in connections.of(1)) == MOST_CALLED + 1
    assert connections.untold == 3


def test_a_sensor_says_what_it_lost_and_until_when_it_told() -> None:
    later = AT + timedelta(seconds=5)
    script = Script(SensorStatus("test", later, lost=7))
    connections = RunConnections(script)
    assert connections.has_told(AT)
    assert not connections.has_told(later)
    script.let_end(connections)
    assert connections.lost == 7


def test_a_sensor_that_dies_later_is_told() -> None:
    script = Script(call(AGENT), CannotAsk("the sensor ended by itself", because="killed"))
    connections = RunConnections(script)
    connections.follow(1, AGENT)
    assert connections.problem == ""
    script.let_end(connections)
    assert connections.problem == "the sensor ended by itself: killed"
    assert len(connections.of(1)) == 1
