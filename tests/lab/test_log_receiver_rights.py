"""What a receiver may do that root started."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.sensors.log_receiver import HERE, receiving
from whence.model.log_receiving import LogSources
from whence.world.log_spool import Kind

pytestmark = pytest.mark.lab


def test_a_file_of_somebody_else_is_followed_with_the_right_to_read_alone(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.touch(mode=0o600)
    os.chown(log, 65534, 65534)
    with receiving(tmp_path / "spool", LogSources(files=(str(log),))) as running:
        with log.open("a") as file:
            file.write("one\n")
        (record,) = running.wait_for_messages(1)
        status = Path(f"/proc/{running.process.pid}/status").read_text()
    assert (record.kind, record.peer, record.payload) == (Kind.FILE, str(log), b"one")
    assert "CapEff:\t0000000000000004\n" in status  # CAP_DAC_READ_SEARCH


def test_a_receiver_of_the_network_has_no_rights(tmp_path: Path) -> None:
    with receiving(tmp_path, LogSources(udp=(HERE,))) as running:
        status = Path(f"/proc/{running.process.pid}/status").read_text()
    assert "CapEff:\t0000000000000000\n" in status
    assert "CapBnd:\t0000000000000000\n" in status
