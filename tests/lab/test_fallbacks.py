"""The fallback ladder against a real kernel: who is named, level by level."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.lab.watching import (
    NOBODY,
    NOBODY6,
    OURS,
    OURS6,
    Watching,
    place_where_nobody_answers,
    watching,
)
from whence.model import ACCEPTED, ATTEMPTED, Confidence, Flow, Sighting
from whence.world.namespaces import inside
from whence.world.processes import namespace
from whence.world.sockets import Sockets
from whence.world.tracefs import TraceInstance

pytestmark = pytest.mark.lab

PORT = 18443
SHORT = "for i in $(seq {count}); do bash -c 'echo $$; exec 3<>/dev/tcp/127.0.0.1/{port}'; done"
SPACED = SHORT.replace("; done", "; sleep 0.02; done")
HELD = SHORT.replace("'; done", "; read -t {seconds} <&3; true'; done")
DATAGRAMS = SPACED.replace("exec 3<>/dev/tcp", "echo >/dev/udp")


@dataclass
class Office:
    """A network namespace, and a server in it that lives in the test."""

    holder: int
    server: socket.socket
    inode: int

    def clients(self, script: str, count: int, seconds: float = 0) -> set[int]:
        """Run clients one after the other, and give their pids."""
        command = script.format(count=count, port=PORT, seconds=seconds)
        done = subprocess.run(
            ["nsenter", "-t", str(self.holder), "-n", "bash", "-c", command],
            capture_output=True,
            check=True,
            timeout=60,
        )
        return {int(line) for line in done.stdout.split()}


@pytest.fixture
def office() -> Iterator[Office]:
    holder = subprocess.Popen(
        ["unshare", "-n", "sh", "-c", "ip link set lo up && echo up && exec sleep 300"],
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"up\n"
        path = f"/proc/{holder.pid}/ns/net"
        inode = namespace(path)
        assert inode is not None
        with (
            inside(path, lambda: socket.create_server(("127.0.0.1", PORT), backlog=512)) as server,
            accepting(server),
        ):
            yield Office(holder.pid, server, inode)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout and holder.stdout.close()


@contextmanager
def accepting(server: socket.socket) -> Iterator[None]:
    def accept() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            # Wait for the caller to hang up, as a server that answers would.
            threading.Thread(target=hang_up_after, args=(client,), daemon=True).start()

    def hang_up_after(client: socket.socket) -> None:
        with client:
            client.recv(1)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def calls(watch: Watching, port: int = PORT) -> list[Sighting]:
    """Give what was seen, once whatever the sensor still thinks about has been told, too."""
    watch.let_pass(1.5)
    return [seen for seen in watch.of(Flow(destination_port=port)) if seen.action == ATTEMPTED]


def makers(seen: list[Sighting]) -> set[int]:
    return {one.lineage[0].process.pid for one in seen if one.lineage}


def test_event_tracing_names_every_short_tcp_connection(office: Office) -> None:
    with watching("tracefs") as watch:
        pids = office.clients(SHORT, 50)
        seen = calls(watch)
    assert len(pids) == 50
    assert makers(seen) == pids
    for one in seen:
        assert one.confidence is Confidence.CERTAIN
        assert one.flow.source_port
        assert one.network_namespace == office.inode


def test_process_events_name_most_short_tcp_connections(office: Office) -> None:
    with watching("proc_events") as watch:
        pids = office.clients(SPACED, 50)
        seen = calls(watch)
    assert len({one.flow.source_port for one in seen}) == 50
    assert len(makers(seen) & pids) >= 30
    for one in seen:
        assert one.confidence is not Confidence.CERTAIN or one.lineage[0].process.pid in pids


def test_process_events_name_most_one_packet_udp_connections(office: Office) -> None:
    with watching("proc_events") as watch:
        pids = office.clients(DATAGRAMS, 50)
        seen = calls(watch)
    assert len(makers(seen) & pids) >= 30
    assert {one.flow.transport for one in seen} == {"udp"}


def test_polling_names_connections_that_last_for_300_ms(office: Office) -> None:
    with watching("sock_diag") as watch:
        pids = office.clients(HELD, 10, 0.3)
        seen = calls(watch)
    assert len(makers(seen) & pids) >= 8
    assert all(one.network_namespace == office.inode for one in seen)


def test_psutil_names_connections_of_its_own_namespace_that_last_for_a_second() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        accepting(server),
        watching("psutil_poll") as watch,
    ):
        port = server.getsockname()[1]
        command = HELD.format(count=5, port=port, seconds=1)
        done = subprocess.run(["bash", "-c", command], capture_output=True, check=True)
        pids = {int(line) for line in done.stdout.split()}
        seen = calls(watch, port)
    assert len(makers(seen) & pids) >= 4


def test_sockets_of_other_namespaces_are_there_now(office: Office) -> None:
    flow = Flow(source="127.0.0.1", source_port=PORT)
    (seen,) = (one for one in Sockets.open().now(flow) if one.network_namespace == office.inode)
    assert seen.maker is not None
    assert seen.maker.process.pid == os.getpid()


def test_tracing_removes_what_a_killed_one_left() -> None:
    first = TraceInstance.open()
    try:
        stale = first.directory.parent / "whence-4194304-1-1"  # above the largest pid there can be
        stale.mkdir()
        second = TraceInstance.open()
        left = {entry.name for entry in first.directory.parent.iterdir()}
        second.close()
        assert {stale.name, second.directory.name} & left == {second.directory.name}
        after = {entry.name for entry in first.directory.parent.iterdir()}
        assert second.directory.name not in after
    finally:
        first.close()


CALLS_NOBODY = """
import socket, sys, threading
calls = []
def call(family, address):
    call = socket.socket(family)
    call.setblocking(False)
    call.connect_ex((address, 443))
    calls.append(call)
for family, address in ((socket.AF_INET, sys.argv[1]), (socket.AF_INET6, sys.argv[2])):
    thread = threading.Thread(target=call, args=(family, address))
    thread.start()
    thread.join()
call(socket.AF_INET6, "::ffff:" + sys.argv[1])
print(*(call.getsockname()[1] for call in calls), flush=True)
sys.stdin.read()
"""


def test_event_tracing_tells_of_calls_that_nobody_answers_while_they_wait() -> None:
    with place_where_nobody_answers() as place, watching("tracefs") as watch:
        client = place.start(sys.executable, "-c", CALLS_NOBODY, NOBODY, NOBODY6)
        with client:
            assert client.stdout is not None
            ports = [int(port) for port in client.stdout.readline().split()]
            called = [
                Flow(destination, 443, source, port, "tcp")
                for destination, source, port in zip(
                    (NOBODY, NOBODY6, NOBODY), (OURS, OURS6, OURS), ports, strict=True
                )
            ]
            for flow in called:
                (seen,) = watch.wait_for(flow)
                assert makers([seen]) == {client.pid}
            client.communicate()
        watch.let_pass(1)
        assert [len(watch.of(flow)) for flow in called] == [1, 1, 1]


def test_who_is_called_is_the_one_who_listens(office: Office) -> None:
    with watching("tracefs") as watch:
        office.clients(SHORT, 5)
        watch.let_pass(1)
        called_in = [seen for seen in watch.of(Flow("127.0.0.1", PORT)) if seen.action == ACCEPTED]
    assert len(called_in) == 5
    assert makers(called_in) == {os.getpid()}
