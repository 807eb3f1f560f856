"""Messages of netlink, from bytes."""

from __future__ import annotations

import socket
import struct
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from whence.world.netlink import (
    CONNECTOR,
    EVENT,
    EXEC,
    EXIT,
    FORK,
    HEADER,
    ClosedSockets,
    ProcessEvent,
    ProcessEvents,
    attributes,
    closed_socket,
    messages,
    process_event,
)
from whence.world.processes import LiveProcesses
from whence.world.socket_rows import MESSAGE


def connector(what: int, *numbers: int) -> bytes:
    body = struct.pack(f"={len(numbers)}i", *numbers)
    return CONNECTOR.pack(1, 1, 0, 0, 40, 0) + EVENT.pack(what, 0, 5000) + body


def ended(*extra: bytes) -> bytes:
    here, there = socket.inet_aton("192.0.2.1"), socket.inet_aton("203.0.113.7")
    ports = (50000).to_bytes(2, "big"), (443).to_bytes(2, "big")
    ends = (*ports, here + bytes(12), there + bytes(12))
    return MESSAGE.pack(socket.AF_INET, 7, 0, 0, *ends, 0, 81, 0, 0, 0, 0, 1000, 0) + b"".join(
        extra
    )


def attribute(kind: int, value: bytes) -> bytes:
    padding = b"\0" * (-len(value) % 4)
    return struct.pack("=HH", len(value) + 4, kind) + value + padding


def test_a_process_was_made() -> None:
    assert [*process_event(connector(FORK, 20, 20, 30, 30))] == [ProcessEvent(FORK, 5000, 30, 20)]


def test_a_thread_is_not_a_process() -> None:
    assert not [*process_event(connector(FORK, 20, 20, 31, 30))]
    assert not [*process_event(connector(EXIT, 31, 30, 0, 0))]


def test_a_process_executed_a_program_after_the_machine_had_slept() -> None:
    (event,) = process_event(connector(EXEC, 30, 30), asleep=700)
    assert event == ProcessEvent(EXEC, 5700, 30)


def test_a_socket_ended() -> None:
    information = bytes(68) + struct.pack("=I", 250) + bytes(100)
    closed = closed_socket(ended(attribute(10, b"\x06"), attribute(2, information)), 9, 4)
    assert (closed.row.transport, closed.row.remote, closed.row.cookie) == (
        "tcp",
        "203.0.113.7",
        81,
    )
    assert (closed.nanoseconds, closed.round_trip) == (9, 250_000)


def test_a_datagram_socket_ended() -> None:
    assert closed_socket(ended(attribute(10, b"\x11")), 9, 4).row.transport == "udp"


def test_a_datagram_may_hold_several_messages() -> None:
    one = HEADER.pack(HEADER.size + 3, 20, 0, 1, 0) + b"abc\0"
    two = HEADER.pack(HEADER.size + 4, 3, 0, 1, 0) + b"defg"
    assert [*messages(one + two)] == [(20, b"abc"), (3, b"defg")]


@given(st.binary(max_size=300))
def test_hostile_datagrams_are_harmless(hostile: bytes) -> None:
    for _, payload in messages(hostile):
        list(process_event(payload))
    list(process_event(hostile))
    attributes(hostile)
    try:
        closed_socket(hostile, 0, 4)
    except ValueError:
        return


def test_whoever_waits_for_processes_is_woken_by_a_socket_that_ends(tmp_path: Path) -> None:
    live = LiveProcesses(lambda: datetime(2026, 1, 1, tzinfo=UTC), str(tmp_path), "fw")
    kernel, connection = socket.socketpair(type=socket.SOCK_DGRAM)
    ends, destroyed = socket.socketpair(type=socket.SOCK_DGRAM)
    events, closed = ProcessEvents(connection, live), ClosedSockets()
    closed.tell(events.wake)
    closed.listen(4, destroyed)
    with kernel, ends, closing(events), closing(closed):
        message = connector(EXIT, 30, 30, 0, 0)
        kernel.send(HEADER.pack(HEADER.size + len(message), 3, 0, 1, 0) + message)
        (event,) = events.read(3600)
        assert (event.what, event.pid) == (EXIT, 30)
        for _ in range(2):
            ends.send(HEADER.pack(HEADER.size + len(ended()), 20, 0, 1, 0) + ended())
            assert not [*events.read(3600)]
            (one,) = closed.read()
            assert (one.row.namespace, one.row.cookie) == (4, 81)
