"""TCP connections from events of the kernel's tracing that were written down."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.world.test_processes import write
from whence.model import (
    ACCEPTED,
    ATTEMPTED,
    LISTENING,
    Confidence,
    Flow,
    SensorStatus,
    Sighting,
)
from whence.sensors.tracefs import tracefs
from whence.world.netlink import ANY_STATE
from whence.world.process_history import ProcessHistory
from whence.world.processes import LiveProcesses
from whence.world.socket_rows import SocketRow
from whence.world.sockets import Sockets
from whence.world.tracefs import EXECUTED, NEW_TASK, SOCKET_STATE, TraceEvent, TraceInstance

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HERE, THERE = ("192.0.2.1", 50000), ("203.0.113.7", 443)
ESTABLISHED, SYN_SENT, SYN_RECV, CLOSE, LISTEN = 1, 2, 3, 7, 10
CLONE_THREAD = 0x10000
SECOND = 1_000_000_000

End = tuple[str, int]


class Told(TraceInstance):
    """Tells what it was told to tell, and then that nothing happens."""

    def __init__(self, *events: TraceEvent) -> None:
        self.events = list(events)
        self.closed = False

    @property
    def lost(self) -> int:
        return 3

    def read(self, seconds: float) -> list[TraceEvent]:
        events, self.events = self.events, []
        return events

    def close(self) -> None:
        self.closed = True


class Table(Sockets):
    """A socket table that was written down."""

    def __init__(self, processes: LiveProcesses, *rows: SocketRow) -> None:
        super().__init__(processes)
        self.table = list(rows)

    def rows(self, states: int = ANY_STATE) -> list[SocketRow]:
        return self.table


class Clock:
    """A clock that goes on by a second whenever it is looked at."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


def state(thread: int, old: int, new: int, here: End, there: End, socket_: int = 7) -> TraceEvent:
    fields: dict[str, int | bytes] = {
        "common_pid": thread,
        "skaddr": socket_,
        "oldstate": old,
        "newstate": new,
        "sport": here[1],
        "dport": there[1],
        "family": socket.AF_INET,
        "protocol": socket.IPPROTO_TCP,
        "saddr": socket.inet_aton(here[0]),
        "daddr": socket.inet_aton(there[0]),
    }
    return TraceEvent(SOCKET_STATE, 60 * SECOND, fields)


def executed(pid: int, file: bytes) -> TraceEvent:
    return TraceEvent(EXECUTED, 60 * SECOND, {"pid": pid, "filename": file})


def new_task(parent: int, pid: int, flags: int = 0) -> TraceEvent:
    fields = {"common_pid": parent, "pid": pid, "clone_flags": flags}
    return TraceEvent(NEW_TASK, 60 * SECOND, fields)


@pytest.fixture
def processes(tmp_path: Path) -> ProcessHistory:
    write(tmp_path, 20, name=b"cron", started=100, cmdline=b"cron\0", exe="/bin/cron")
    write(tmp_path, 30, name=b"leaf", parent=20, started=6000, cmdline=b"leaf\0", exe="/leaf")
    return ProcessHistory(LiveProcesses(Clock(), str(tmp_path), "fw", lambda: 3600.0))


def watch(processes: ProcessHistory, trace: Told, *rows: SocketRow) -> list[Sighting]:
    """Give what is seen until twice nothing happened."""
    watching = tracefs(trace, Table(processes.live, *rows), processes)
    seen: list[Sighting] = []
    quiet = 0
    while quiet < 3:
        one = next(watching)
        if isinstance(one, Sighting):
            seen.append(one)
        else:
            quiet += 1
    assert isinstance(watching, Iterator)
    watching.close()  # type: ignore[attr-defined]
    return seen


def test_a_call_that_was_answered(processes: ProcessHistory) -> None:
    (seen,) = watch(
        processes,
        Told(
            new_task(20, 30),
            executed(30, b"/leaf"),
            state(30, CLOSE, SYN_SENT, ("0.0.0.0", 0), THERE),
            state(0, SYN_SENT, ESTABLISHED, HERE, THERE),
        ),
    )
    assert (seen.action, seen.flow) == (ATTEMPTED, Flow(*THERE, *HERE, "tcp"))
    assert [record.name for record in seen.lineage] == ["leaf", "cron"]
    assert seen.maker is not None
    assert seen.maker.execution is not None
    assert (seen.maker.execution.file, seen.maker.execution.executable) == ("/leaf", "/leaf")
    assert seen.confidence is Confidence.CERTAIN


def test_who_ends_a_call_is_not_who_made_it(processes: ProcessHistory) -> None:
    (seen,) = watch(
        processes,
        Told(
            state(30, CLOSE, SYN_SENT, ("0.0.0.0", 0), THERE),
            state(20, SYN_SENT, CLOSE, HERE, THERE),
        ),
    )
    assert seen.maker is not None
    assert seen.maker.process.pid == 30


def test_a_thread_calls_for_its_process(processes: ProcessHistory) -> None:
    (seen,) = watch(
        processes,
        Told(
            new_task(30, 31, CLONE_THREAD),
            state(31, CLOSE, SYN_SENT, ("0.0.0.0", 0), THERE),
            state(0, SYN_SENT, ESTABLISHED, HERE, THERE),
        ),
    )
    assert seen.maker is not None
    assert seen.maker.process.pid == 30


def test_whoever_listens_is_the_one_who_was_called(processes: ProcessHistory) -> None:
    listening, accepted = watch(
        processes,
        Told(
            state(20, CLOSE, LISTEN, ("192.0.2.1", 22), ("0.0.0.0", 0)),
            state(0, LISTEN, SYN_RECV, ("192.0.2.1", 22), ("198.51.100.9", 4000), 8),
            state(0, SYN_RECV, ESTABLISHED, ("192.0.2.1", 22), ("198.51.100.9", 4000), 8),
        ),
    )
    assert listening.action == LISTENING
    assert (accepted.action, accepted.flow) == (
        ACCEPTED,
        Flow("192.0.2.1", 22, "198.51.100.9", 4000, "tcp"),
    )
    assert accepted.maker is not None
    assert accepted.maker.process.pid == 20


def test_a_call_that_nobody_answers_is_told_of_before_it_ends(
    processes: ProcessHistory, tmp_path: Path
) -> None:
    held = tmp_path / "30/fd"
    held.mkdir()
    (held / "3").symlink_to("socket:[81]")
    row = SocketRow("tcp", SYN_SENT, *HERE, *THERE, 0, 81)
    there_before, seen = watch(
        processes, Told(state(30, CLOSE, SYN_SENT, ("0.0.0.0", 0), THERE)), row
    )
    assert there_before.flow == seen.flow == Flow(*THERE, *HERE, "tcp")


def test_two_calls_to_one_end_are_two(processes: ProcessHistory, tmp_path: Path) -> None:
    held = tmp_path / "30/fd"
    held.mkdir()
    for number in (81, 82):
        (held / f"{number}").symlink_to(f"socket:[{number}]")
    calls = [state(30, CLOSE, SYN_SENT, ("0.0.0.0", 0), THERE, number) for number in (1, 2)]
    rows = [
        SocketRow("tcp", SYN_SENT, HERE[0], port, *THERE, 0, inode)
        for port, inode in ((50000, 81), (50001, 82))
    ]
    seen = watch(processes, Told(*calls), *rows)[len(rows) :]
    assert [one.flow.source_port for one in seen] == [50000, 50001]


def test_it_lets_go_of_the_kernel_when_it_ends(processes: ProcessHistory) -> None:
    trace = Told()
    watch(processes, trace)
    assert trace.closed


def test_it_says_what_it_cannot_see_and_what_it_lost(processes: ProcessHistory) -> None:
    status = next(iter(tracefs(Told(), Table(processes.live), processes)))
    assert isinstance(status, SensorStatus)
    assert status.lost == 3
    assert "UDP" in " ".join(status.cannot_see)
