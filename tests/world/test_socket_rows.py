"""Lines of the socket tables, and who called whom."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model import ACCEPTED, ATTEMPTED, LISTENING, Flow
from whence.world.socket_rows import (
    MESSAGE,
    SocketRow,
    from_message,
    from_proc_net,
    listeners,
)

ESTABLISHED, LISTEN = 1, 10
LISTENER = SocketRow("tcp", LISTEN, "0.0.0.0", 443, "0.0.0.0", 0, 0, 70, namespace=4)


def row(local: str, port: int, remote: str, remote_port: int, inode: int = 71) -> SocketRow:
    return SocketRow("tcp", ESTABLISHED, local, port, remote, remote_port, 0, inode, namespace=4)


def test_who_calls_a_port_that_is_listened_on_has_called_in() -> None:
    flow, action = row("192.0.2.1", 443, "203.0.113.7", 50000).called(listeners([LISTENER]))
    assert (flow, action) == (Flow("192.0.2.1", 443, "203.0.113.7", 50000, "tcp"), ACCEPTED)


def test_any_other_connection_was_made_here() -> None:
    flow, action = row("192.0.2.1", 50000, "203.0.113.7", 443).called(listeners([LISTENER]))
    assert (flow, action) == (Flow("203.0.113.7", 443, "192.0.2.1", 50000, "tcp"), ATTEMPTED)


def test_a_listener_in_another_namespace_is_not_ours() -> None:
    stranger = SocketRow("tcp", LISTEN, "0.0.0.0", 443, "0.0.0.0", 0, 0, 70, namespace=5)
    _, action = row("192.0.2.1", 443, "203.0.113.7", 50000).called(listeners([stranger]))
    assert action == ATTEMPTED


def test_a_listener_has_no_destination_yet() -> None:
    assert LISTENER.called({}) == (Flow(None, None, "0.0.0.0", 443, "tcp"), LISTENING)


def test_a_caller_whom_nobody_accepted_yet_belongs_to_the_listener() -> None:
    waiting = row("192.0.2.1", 443, "203.0.113.7", 50000, inode=0)
    assert waiting.holder(listeners([LISTENER])) == LISTENER.inode


def test_a_datagram_socket_without_a_peer_listens() -> None:
    assert SocketRow("udp", 7, "::", 53, "::", 0, 0, 72).listens
    assert not SocketRow("udp", 1, "192.0.2.1", 5000, "192.0.2.9", 53, 0, 72).listens


def test_a_message_of_sock_diag() -> None:
    message = MESSAGE.pack(
        socket.AF_INET6,
        ESTABLISHED,
        0,
        0,
        (50000).to_bytes(2, "big"),
        (443).to_bytes(2, "big"),
        socket.inet_pton(socket.AF_INET6, "::ffff:192.0.2.1"),
        socket.inet_pton(socket.AF_INET6, "2001:db8::7"),
        3,
        7,
        1,
        *(0, 0, 0, 1000, 81),
    )
    seen = from_message(message, "tcp", 4)
    assert (seen.local, seen.local_port) == ("192.0.2.1", 50000)
    assert (seen.remote, seen.remote_port) == ("2001:db8::7", 443)
    assert (seen.interface, seen.cookie, seen.user_id, seen.inode) == (3, (1 << 32) + 7, 1000, 81)


@pytest.mark.parametrize(
    ("line", "transport", "flow"),
    [
        (
            "0: 010200C0:C350 077100CB:01BB 02 00000000:00000000 01:00000064 00000000 "
            "1000 0 81 2 0000000000000000 1000 0 0 1 -1",
            "tcp",
            Flow("203.0.113.7", 443, "192.0.2.1", 50000, "tcp"),
        ),
        (
            "7: 0000000000000000FFFF0000010200C0:C350 B80D0120000000000000000007000000:01BB 01 "
            "00000000:00000000 00:00000000 00000000 0 0 81 1",
            "tcp",
            Flow("2001:db8::7", 443, "192.0.2.1", 50000, "tcp"),
        ),
        (
            "3: 00000000:0001 077100CB:0000 01 00000000:00000000 00:00000000 00000000 0 0 81 2",
            "raw",
            Flow("203.0.113.7", None, "0.0.0.0", None, "icmp"),
        ),
    ],
)
def test_a_line_of_proc_net(line: str, transport: str, flow: Flow) -> None:
    seen = from_proc_net(line, transport, 4)
    assert (seen.called({})[0], seen.inode) == (flow, 81)


@given(st.binary(max_size=120))
def test_a_hostile_message_is_refused_or_read(hostile: bytes) -> None:
    try:
        from_message(hostile, "tcp", 4)
    except ValueError:
        return


@given(st.text(max_size=120) | st.just("0: 1:2:3 x:y"))
def test_a_hostile_line_is_refused_or_read(hostile: str) -> None:
    try:
        from_proc_net(hostile, "raw", 4)
    except (ValueError, IndexError):
        return
