"""Sockets and processes that end, and which belong together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.sensors.test_tracefs import Table
from tests.world.test_processes import write
from whence.model import ACCEPTED, LISTENING, Confidence, Flow, Sighting
from whence.sensors.proc_events import SETTLED, Join, proc_events
from whence.world.netlink import (
    ANY_STATE,
    EXIT,
    ClosedSocket,
    ClosedSockets,
    ProcessEvent,
    ProcessEvents,
    since_boot,
)
from whence.world.polling import SocketChanges
from whence.world.process_history import ProcessHistory
from whence.world.processes import LiveProcesses
from whence.world.socket_rows import SocketRow

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MILLISECOND = 1_000_000
AT = 60_000 * MILLISECOND
ROW = SocketRow("tcp", 7, "192.0.2.1", 50000, "203.0.113.7", 443, 33, 0, cookie=81, namespace=4)
FLOW = Flow("203.0.113.7", 443, "192.0.2.1", 50000, "tcp")
CLOSED = ClosedSocket(ROW, AT)


@pytest.fixture
def live(tmp_path: Path) -> LiveProcesses:
    for pid, user in ((30, b"33"), (31, b"33"), (40, b"1000")):
        write(tmp_path, pid, started=500, status=b"Name:\tx\nUid:\t%s\t0\t0\t0\n" % user)
    return LiveProcesses(lambda: NOON, str(tmp_path), "fw", lambda: 3600.0)


def exit_of(pid: int, milliseconds: float) -> ProcessEvent:
    return ProcessEvent(EXIT, AT + int(milliseconds * MILLISECOND), pid)


def join(
    live: LiveProcesses, *ended: ProcessEvent, closed: tuple[ClosedSocket, ...] = (CLOSED,)
) -> list[Sighting]:
    joined = Join(ProcessHistory(live))
    joined.take(ended, closed)
    return [*joined.settled(AT + 999 * MILLISECOND, SocketChanges(Table(live)))]


def test_a_process_that_ended_with_its_socket(live: LiveProcesses) -> None:
    (seen,) = join(live, exit_of(30, 0.1))
    assert (seen.flow, seen.cookie, seen.confidence) == (FLOW, 81, Confidence.LIKELY)
    assert seen.maker is not None
    assert seen.maker.process.pid == 30


def test_another_users_process_is_not_the_one(live: LiveProcesses) -> None:
    (seen,) = join(live, exit_of(40, 0))
    assert (seen.lineage, seen.confidence) == ((), Confidence.UNKNOWN)


def test_two_that_ended_together_cannot_be_told_apart(live: LiveProcesses) -> None:
    (seen,) = join(live, exit_of(30, 0.1), exit_of(31, 0.15))
    assert seen.confidence is Confidence.POSSIBLE


def test_an_end_some_time_before_is_only_possible(live: LiveProcesses) -> None:
    (seen,) = join(live, exit_of(30, -10))
    assert seen.confidence is Confidence.POSSIBLE


def test_tcp_takes_a_round_trip_to_let_go(live: LiveProcesses) -> None:
    slow = replace(CLOSED, round_trip=50 * MILLISECOND)
    (seen,) = join(live, exit_of(30, -45), closed=(slow,))
    assert seen.confidence is Confidence.LIKELY


def test_two_sockets_and_two_processes_are_one_each(live: LiveProcesses) -> None:
    second = replace(CLOSED, row=replace(ROW, cookie=82, local_port=50001))
    makers = [
        seen.lineage[0].process.pid
        for seen in join(live, exit_of(30, 0.1), exit_of(31, 0.2), closed=(CLOSED, second))
    ]
    assert makers == [30, 31]


def test_a_socket_is_told_of_once(live: LiveProcesses) -> None:
    assert len(join(live, exit_of(30, 0), closed=(CLOSED, CLOSED))) == 1


def test_what_was_seen_while_it_was_open_is_not_guessed_at(live: LiveProcesses) -> None:
    joined = Join(ProcessHistory(live))
    row = replace(ROW, inode=9)
    open_ = Sighting(FLOW, "connection-attempted", NOON, NOON, (), "sock_diag", "fw")
    assert [seen.sensor for seen in joined.open(row, open_)] == ["proc_events"]
    joined.take([exit_of(30, 0)], [CLOSED])
    assert not [*joined.settled(AT + 999 * MILLISECOND, SocketChanges(Table(live)))]


def test_who_calls_in_belongs_to_the_listener(live: LiveProcesses) -> None:
    listener = SocketRow("tcp", 10, "0.0.0.0", 50000, "0.0.0.0", 0, 0, 70, namespace=4)
    changes = SocketChanges(Table(live, listener))
    joined = Join(ProcessHistory(live))
    for row, seen in changes.rows():
        known = replace(seen, lineage=live.lineage(30))
        assert [one.action for one in joined.open(row, known)] == [LISTENING]
    joined.take([], [CLOSED])
    (accepted,) = joined.settled(AT + 999 * MILLISECOND, changes)
    assert accepted.action == ACCEPTED
    assert accepted.lineage[0].process.pid == 30


class Costly(Table):
    """A socket table that takes so long to read that it is read once in a while only."""

    def rows(self, states: int = ANY_STATE) -> list[SocketRow]:
        end = time.thread_time() + 0.02
        while time.thread_time() < end:
            pass
        return super().rows(states)


class Quiet(ProcessEvents):
    """A machine on which no process begins or ends; says for how long it was waited for one."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.woken = 0

    @property
    def lost(self) -> int:
        return 0

    def read(self, seconds: float = 0.0) -> Iterator[ProcessEvent]:
        self.waits.append(seconds)
        time.sleep(seconds)
        return iter(())

    def wake(self) -> None:
        self.woken += 1

    def close(self) -> None:
        pass


class OneClosed(ClosedSockets):
    """A socket ends while the sensor waits for the next look."""

    def __init__(self) -> None:
        self.waiting = [CLOSED]

    @property
    def lost(self) -> int:
        return 0

    def tell(self, what: Callable[[], None]) -> None:
        what()

    def read(self) -> Iterator[ClosedSocket]:
        waiting, self.waiting = self.waiting, []
        return (replace(one, nanoseconds=since_boot()) for one in waiting)

    def follow(self, namespaces: object) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_socket_that_ended_is_told_of_before_the_next_look(live: LiveProcesses) -> None:
    events = Quiet()
    changes = SocketChanges(Costly(live))
    seen = proc_events(events, OneClosed(), changes, ProcessHistory(live))
    while not isinstance(next(seen), Sighting):
        pass
    assert events.woken == 1  # who tells of sockets was told whom to wake
    assert events.waits[0] > SETTLED / 1e9 >= events.waits[1]
