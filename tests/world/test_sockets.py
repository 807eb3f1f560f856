"""Sockets that exist now: real ones of the test itself, on loopback; no root needed."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from whence.model import ACCEPTED, ATTEMPTED, LISTENING, CannotAsk, Confidence, Flow
from whence.world.namespaces import NetworkNamespace
from whence.world.netlink import TALKING
from whence.world.sockets import Sockets, read_table


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_both_ends_of_a_connection_are_ours(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)) as client:
        seen = {one.action: one for one in Sockets.open().now(Flow("127.0.0.1", port))}
        assert seen.keys() == {ATTEMPTED, ACCEPTED}
        assert seen[ATTEMPTED].flow.source_port == client.getsockname()[1]
    for one in seen.values():
        assert one.maker is not None
        assert one.maker.process.pid == os.getpid()
        assert one.confidence is Confidence.CERTAIN


def test_a_listener_is_seen_by_its_port(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    (seen,) = Sockets.open().now(Flow(source="127.0.0.1", source_port=port))
    assert (seen.action, seen.flow.destination) == (LISTENING, None)


def test_a_mapped_address_is_an_ipv4_address(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with socket.socket(socket.AF_INET6) as client:
        client.connect(("::ffff:127.0.0.1", port))
        flow = Flow("127.0.0.1", port, "127.0.0.1", client.getsockname()[1], "tcp")
        actions = {seen.action for seen in Sockets.open().now(flow)}
        assert actions == {ATTEMPTED, ACCEPTED}


def test_a_connected_datagram_socket_has_a_destination() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", 9))
        ours = Flow("127.0.0.1", 9, "127.0.0.1", client.getsockname()[1], "udp")
        (seen,) = Sockets.open().now(ours)
        assert seen.maker is not None
        assert seen.maker.process.pid == os.getpid()


def test_nobody_talks_to_an_address_that_nobody_talks_to() -> None:
    assert not [*Sockets.open().now(Flow("192.0.2.77"))]


def test_a_table_with_lines_that_make_no_sense(tmp_path: Path) -> None:
    table = tmp_path / "tcp"
    good = " 0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 81 1"
    table.write_text(f"header\n\n?\n{good}\n 1: zz:1\n")
    (row,) = read_table(str(table), "tcp", 4)
    assert (row.local, row.local_port, row.inode, row.listens) == ("127.0.0.1", 22, 81, True)


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CannotAsk):
        list(read_table(str(tmp_path / "tcp"), "tcp", 4))


class Refusing(Sockets):
    """Sockets of a namespace that cannot be entered, so that only its tables in /proc tell."""

    def __init__(self, tables: Path) -> None:
        super().__init__()
        self.space = NetworkNamespace(4, "/proc/none/ns/net", str(tables))

    def namespaces(self) -> list[NetworkNamespace]:
        return [self.space]


def test_where_sock_diag_refuses_the_tables_of_proc_tell(tmp_path: Path) -> None:
    end = " 0: 010200C0:C350 077100CB:01BB {} 00000000:00000000 00:00000000 00000000 0 0 0 1\n"
    (tmp_path / "tcp").write_text("header\n" + end.format("01"))
    (tmp_path / "udp").write_text("header\n" + end.format("07"))
    seen = [*Refusing(tmp_path).now(Flow("203.0.113.7"))]
    assert [one.flow.transport for one in seen] == ["tcp", "udp"]
    assert all(one.confidence is Confidence.UNKNOWN for one in seen)
    assert [row.transport for row in Refusing(tmp_path).rows(1 << 7)] == ["udp"]


def test_a_connection_that_the_other_end_hung_up_talks_no_more(listener: socket.socket) -> None:
    flow = Flow(*listener.getsockname())
    with socket.create_connection(listener.getsockname()) as call:
        answered, _ = listener.accept()
        assert {one.action for one in Sockets.open().now(flow, TALKING)} == {ATTEMPTED, ACCEPTED}
    with answered:
        assert call.fileno() < 0
        assert {one.action for one in Sockets.open().now(flow)} >= {ACCEPTED}
        assert not [*Sockets.open().now(flow, TALKING)]
