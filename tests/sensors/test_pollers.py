"""The sensors that poll, on the machine that runs the test."""

from __future__ import annotations

import os
import socket

import pytest

from whence.model import LISTENING, Sensor, SensorStatus, Sighting
from whence.sensors.psutil_poll import psutil_poll
from whence.sensors.sock_diag import sock_diag


@pytest.mark.parametrize("sensor", [sock_diag, psutil_poll])
def test_a_port_that_we_listen_on(sensor: Sensor[...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        watching = sensor(*(need.open() for need in sensor.needs))  # type: ignore[attr-defined]
        status = next(watching)
        assert isinstance(status, SensorStatus)
        assert status.cannot_see == sensor.cannot_see
        ours = (
            seen
            for seen in watching
            if isinstance(seen, Sighting) and seen.flow.source_port == server.getsockname()[1]
        )
        seen = next(ours)
    assert seen.action == LISTENING
    assert seen.sensor == sensor.name
    assert seen.maker is not None
    assert seen.maker.process.pid == os.getpid()
