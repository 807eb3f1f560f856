"""The witness of the present, asked about the test itself."""

from __future__ import annotations

import os
import socket
from dataclasses import replace

import pytest

from whence.model import CannotAsk, Flow
from whence.model.ecs import from_line, record_from_line
from whence.world.present import PresentWitness
from whence.world.processes import LiveProcesses


def test_a_connection_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        flow = Flow(source="127.0.0.1", source_port=server.getsockname()[1])
        reading = PresentWitness.open().connections(flow)
        (line,) = reading.lines()
    assert reading.source == f"connections {flow}"
    maker = from_line(str(line)).maker
    assert maker is not None
    assert maker.process.pid == os.getpid()


def test_a_process_comes_before_its_parent() -> None:
    process = LiveProcesses.open().record(os.getpid()).process
    records = [
        record_from_line(str(line)) for line in PresentWitness.open().process(process).lines()
    ]
    assert records[0].process == process
    assert records[1].process.pid == os.getppid()


def test_another_process_with_the_same_pid_is_another() -> None:
    process = LiveProcesses.open().record(os.getpid()).process
    with pytest.raises(CannotAsk, match="has ended"):
        PresentWitness.open().process(replace(process, started=process.started - 1))
