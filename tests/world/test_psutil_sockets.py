"""Connections of the test itself, by way of psutil."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from whence.model import ACCEPTED, ATTEMPTED, LISTENING, Flow
from whence.world.psutil_sockets import PsutilSockets


def test_a_connection_of_ours_and_who_we_are() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            address, source_port = client.getsockname()
            wanted = Flow("127.0.0.1", port, address, source_port, "tcp")
            seen = [one for one in PsutilSockets.open().new() if one.flow == wanted]
    assert {one.action for one in seen} == {ATTEMPTED, ACCEPTED}
    for one in seen:
        if one.maker:  # an end that was not accepted yet is nobody's
            assert one.maker.process.pid == os.getpid()
            assert one.lineage[1].process.pid == os.getppid()
    assert any(one.maker for one in seen)


def test_a_connection_is_new_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address, port = server.getsockname()
        flow = Flow(None, None, address, port, "tcp")
        sockets = PsutilSockets.open()
        (seen,) = (one for one in sockets.new() if one.flow == flow)
        assert seen.action == LISTENING
        assert not [one for one in sockets.new() if one.flow == flow]


def test_a_process_has_the_start_that_the_kernel_counts() -> None:
    sockets = PsutilSockets()
    for _ in range(20):  # the last digit of a float comes and goes
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
            stat = Path(f"/proc/{child.pid}/stat").read_text().rpartition(") ")[2]
            [record, *_] = sockets.lineage(child.pid)
            child.kill()
        assert record.process.started == int(stat.split()[19])
