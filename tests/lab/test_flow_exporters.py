"""Real exporters, on loopback: softflowd, pmacctd's sFlow probe, and nfcapd's files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("whence._native")

from tests.cli.conftest import Whence, whence
from tests.lab.exported_capture import Ends, Truth, write_capture
from tests.world.exporters import ended
from whence.model import BadInput
from whence.world.flow_exports import ExportSocket, FlowExports, read_nfcapd
from whence.world.nfcapd_files import is_nfcapd

__all__ = ["whence"]  # a fixture
pytestmark = pytest.mark.lab

PATIENCE = 20.0  # seconds that an exporter may take
QUIET = 0.7  # seconds after the exporter's end in which nothing more comes


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    path = tmp_path_factory.mktemp("capture") / "office.pcap"
    return path, write_capture(path, time.time() - 20)


def softflowd(capture: Path, port: int, version: str, *more: str) -> list[str]:
    # softflowd deletes its pid file at its end, whatever that is: it must be a file of this test.
    own = ["-p", str(capture.with_suffix(".pid")), "-d"]
    return ["softflowd", "-r", str(capture), "-n", f"127.0.0.1:{port}", "-v", version, *own, *more]


def heard(argv: list[str], opened: ExportSocket) -> FlowExports:
    exports = FlowExports.empty()
    with running(argv) as exporter:
        end = time.monotonic() + PATIENCE
        while exporter.poll() is None and time.monotonic() < end:
            opened.receive(exports, 0.1)
        opened.receive(exports, QUIET)
    return exports


@contextmanager
def running(argv: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(argv, stdin=nowhere, stdout=nowhere, stderr=nowhere)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def by_ends(flows: list[dict[str, Any]]) -> dict[Ends, tuple[int, int, int, int]]:
    numbers = ("source_packets", "source_bytes", "destination_packets", "destination_bytes")
    ends = ("source_ip", "source_port", "destination_ip", "destination_port", "transport")
    found = {
        tuple(flow[name] for name in ends): tuple(flow[name] for name in numbers) for flow in flows
    }
    assert len(found) == len(flows), "a flow is there twice"
    return found


def expected(truth: Truth, *, ipv6: bool) -> dict[Ends, tuple[int, int, int, int]]:
    return {
        ends: (
            truth.packets[ends],
            truth.bytes[ends],
            truth.back_packets[ends],
            truth.back_bytes[ends],
        )
        for ends in truth.packets
        if ipv6 or ":" not in ends[0]
    }


@pytest.mark.parametrize(("version", "ipv6"), [("5", False), ("9", True), ("10", True)])
def test_softflowd_s_exports_add_up_to_the_capture(
    version: str, ipv6: bool, capture: tuple[Path, Truth]
) -> None:
    path, truth = capture
    with ExportSocket.open("127.0.0.1", 0) as opened:
        exports = heard(softflowd(path, opened.port, version), opened)
    totals = exports.totals
    assert (totals.dropped, totals.lost_exports, totals.lost_sets, totals.damaged) == (0, 0, 0, 0)
    flows = ended(exports)
    assert by_ends(flows) == expected(truth, ipv6=ipv6)
    states = {flow["source_port"] % 3: flow["state"] for flow in flows}
    first = 20000 % 3
    assert [states[(first + kind) % 3] for kind in range(3)] == ["SF", "SF", "S0"]


def test_softflowd_s_biflows_are_read_too(capture: tuple[Path, Truth]) -> None:
    path, truth = capture
    with ExportSocket.open("127.0.0.1", 0) as opened:
        exports = heard(softflowd(path, opened.port, "10", "-b"), opened)
    assert by_ends(ended(exports)) == expected(truth, ipv6=True)


def test_the_times_are_those_of_the_capture(capture: tuple[Path, Truth]) -> None:
    path, _truth = capture
    begin = path.stat().st_mtime - 20
    with ExportSocket.open("127.0.0.1", 0) as opened:
        exports = heard(softflowd(path, opened.port, "10", "-A", "milli"), opened)
    firsts = [flow["first"].timestamp() for flow in ended(exports)]
    assert min(firsts) == pytest.approx(begin, abs=1)
    assert max(firsts) == pytest.approx(begin + 5, abs=1)


def test_sampled_headers_of_an_sflow_probe_name_the_flows(
    capture: tuple[Path, Truth], tmp_path: Path
) -> None:
    path, truth = capture
    with ExportSocket.open("127.0.0.1", 0) as opened:
        settings = tmp_path / "pmacctd.conf"
        settings.write_text(
            f"daemonize: false\npcap_savefile: {path}\nplugins: sfprobe\n"
            f"sfprobe_receiver: 127.0.0.1:{opened.port}\nsampling_rate: 1\n"
            "pcap_savefile_wait: 3\n"
        )
        exports = heard(["timeout", "8", "pmacctd", "-f", str(settings)], opened)
    found, wanted = by_ends(ended(exports)), expected(truth, ipv6=True)
    assert exports.senders[0].format == "sflow5"
    assert all(all(map(int.__le__, found[ends], wanted[ends])) for ends in found)
    # At its end pmacctd throws away the datagram that is not full yet: up to eight samples.
    assert sum(truth.packets.values()) + sum(truth.back_packets.values()) - counted(found) <= 8
    assert sum(found.get(ends) != numbers for ends, numbers in wanted.items()) <= 8


def counted(flows: dict[Ends, tuple[int, int, int, int]]) -> int:
    return sum(there + back for there, _, back, _ in flows.values())


def test_a_file_of_nfcapd_is_read(capture: tuple[Path, Truth], tmp_path: Path) -> None:
    path, truth = capture
    file = written_by_nfcapd(path, tmp_path)
    exports = FlowExports.empty()
    assert read_nfcapd(file, exports) > 0
    flows = ended(exports)
    assert by_ends(flows) == expected(truth, ipv6=True)
    assert {flow["file"] for flow in flows} == {str(file)}


def written_by_nfcapd(capture: Path, folder: Path) -> Path:
    """Let softflowd tell nfcapd of a capture; give nfcapd's file."""
    with ExportSocket.open("127.0.0.1", 0) as opened:
        port = opened.port
    argv = ["nfcapd", "-l", str(folder), "-p", str(port), "-b", "127.0.0.1", "-t", "3600"]
    with running(argv) as nfcapd:
        time.sleep(0.5)
        subprocess.run(
            softflowd(capture, port, "9"), check=True, capture_output=True, timeout=PATIENCE
        )
        time.sleep(QUIET)
        os.kill(nfcapd.pid, signal.SIGINT)
        nfcapd.wait(10)
    (file,) = folder.glob("nfcapd.2*")
    return file


def test_commands_take_files_of_nfcapd(
    capture: tuple[Path, Truth], tmp_path: Path, whence: Whence
) -> None:
    path, truth = capture
    file = str(written_by_nfcapd(path, tmp_path))
    assert is_nfcapd(Path(file))
    flows = [json.loads(line) for line in whence("flows", file, "--json")[1].splitlines()]
    assert len(flows) == len(truth.packets)
    both = whence("flows", str(path), file, "--json")[1].splitlines()
    numbers = {json.loads(line)["whence"]["flow"] for line in both}
    assert len(numbers) == len(both) == 2 * len(flows)
    assert "198.51.100.3" in whence("talkers", file)[1]
    assert "198.51.100.3 port 443/tcp" in whence("path", "198.51.100.3:443", file)[1]
    assert whence("findings", file)[0] in (0, 1)


def test_what_nfcapd_did_not_write_is_said(tmp_path: Path) -> None:
    file = tmp_path / "nfcapd.202601010000"
    file.write_bytes(b"no flows in here" * 100)
    with pytest.raises(BadInput):
        read_nfcapd(file, FlowExports.empty())
