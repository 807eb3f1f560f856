"""What a real exporter sends, captured on its way, says what it says to whoever receives it."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("whence._native")

from tests.lab.exported_capture import write_capture
from tests.lab.test_flow_exporters import QUIET, by_ends, expected, heard, softflowd
from tests.world.exporters import ended
from whence.world.captures import Captures
from whence.world.flow_exports import ExportSocket, FlowExports

pytestmark = pytest.mark.lab


@contextmanager
def captured(port: int, file: Path) -> Iterator[None]:
    """Capture what goes to a port of loopback."""
    words = ["tcpdump", "-i", "lo", "-Z", "root", "-U", "-w", str(file), f"udp dst port {port}"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as tcpdump:
        assert tcpdump.stderr
        while "listening on lo" not in (said := tcpdump.stderr.readline()):
            assert said, "tcpdump has ended"
        try:
            yield
            time.sleep(QUIET)
        finally:
            tcpdump.send_signal(signal.SIGINT)
            tcpdump.wait(10)


@pytest.mark.parametrize("version", ["9", "10"])
def test_softflowd_s_exports_are_read_from_a_capture(version: str, tmp_path: Path) -> None:
    traffic, file = tmp_path / "office.pcap", tmp_path / "lo.pcap"
    truth = write_capture(traffic, time.time() - 20)
    with ExportSocket.open("127.0.0.1", 0) as opened, captured(opened.port, file):
        received = heard(softflowd(traffic, opened.port, version), opened)
    captures, exports = Captures.open([file], threads=1), FlowExports.empty()
    while captures.read_exports(exports.native):
        pass
    assert captures.exported.datagrams == received.totals.datagrams
    assert (exports.totals.lost_exports, exports.totals.lost_sets) == (0, 0)
    flows = by_ends(ended(exports))
    assert flows == expected(truth, ipv6=True)
    assert flows == by_ends(ended(received))
