"""Connections of the test itself, by way of psutil."""

from __future__ import annotations

import os
import socket

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
