"""Flow exports that were captured on their way to a collector, as a user reads them."""

import json
import re
import struct
from pathlib import Path

import pytest

pytest.importorskip("whence._native")

from tests.cli.conftest import Whence
from tests.frames import NOON, Frame, ethernet, udp, write_pcap, write_pcapng
from tests.world.exporters import OneWay, netflow5, rows
from whence.api.traffic import read_captures
from whence.world.captures import Captures
from whence.world.flow_exports import FlowExports

EXPORTER, COLLECTOR = "192.0.2.1", "192.0.2.20"
PORTS = (50_000, 2055)
BEGAN = int(NOON)
CALL = (OneWay(), OneWay().back())
HINT = "2 datagrams look like flow exports (NetFlow, IPFIX, sFlow)  → --exports reads"


def sent(datagram: bytes, at: float, interface: int = 0, ttl: int = 64) -> Frame:
    packet = udp(EXPORTER, COLLECTOR, PORTS, datagram, ttl=ttl)
    return Frame(at, ethernet(packet), interface)


def datagrams() -> list[bytes]:
    return [
        netflow5(*CALL, exported=BEGAN),
        netflow5(*CALL, OneWay(ports=(40_001, 25)), sequence=2, exported=BEGAN + 1),
    ]


@pytest.fixture
def capture(tmp_path: Path) -> str:
    frames = [sent(one, NOON + at) for at, one in enumerate(datagrams())]
    frames.append(Frame(NOON + 2, ethernet(udp(EXPORTER, COLLECTOR, (50_001, 514), b"<13>hello"))))
    return str(write_pcap(tmp_path / "mirror.pcap", frames))


def test_the_exported_flows_are_shown_in_place_of_the_packets_own(
    whence: Whence, capture: str
) -> None:
    status, out, err = whence("flows", capture, "--exports")
    assert status == 0
    [_, first, second] = out.splitlines()
    assert re.search(r"10.0.0.1:40000 +198.51.100.7:443 +tcp +SF +10 ↔ 10 ", first)
    assert re.search(r"10.0.0.1:40001 +198.51.100.7:25 +tcp ", second)
    assert not err


def test_without_the_option_one_line_says_that_there_are_exports(
    whence: Whence, capture: str
) -> None:
    for words in (("flows",), ("talkers",), ("findings",), ("path", COLLECTOR)):
        _, out, err = whence(*words, capture)
        assert err.startswith(HINT), words
        assert len(err.splitlines()) == 1
        assert "10.0.0.1" not in out


def test_they_are_what_would_have_been_received(capture: str) -> None:
    exports = FlowExports.empty(file=capture)
    for at, datagram in enumerate(datagrams()):
        moment = round((NOON + at) * 1e9)
        exports.native.feed(EXPORTER, PORTS[0], moment, datagram)
    exports.native.end_all()
    received = rows(exports.flows())
    captured = FlowExports.empty()
    assert not Captures.open([Path(capture)], threads=1).read_exports(captured.native)
    captured.native.end_all()
    assert rows(captured.flows()) == received
    with read_captures([capture], exports=True) as traffic:
        [(count, first)] = traffic.tables.execute(
            """SELECT count(*), min("first") FROM flows JOIN exported USING (flow)
            WHERE exporter = '192.0.2.1' AND input_interface = 3"""
        ).fetchall()
    assert (count, f"{first:%H:%M:%S}") == (2, "11:59:51")


def test_who_is_loud_and_which_way_it_goes(whence: Whence, capture: str) -> None:
    _, out, _ = whence("talkers", capture, "--exports")
    assert out.startswith("10.0.0.1 sends most, 15 packets")
    _, out, _ = whence("path", "198.51.100.7", capture, "--exports")
    assert "443/tcp passes through: in by 192.0.2.1:3, out by 192.0.2.1:4" in out


def test_calls_without_answer_are_found_in_exports(whence: Whence, tmp_path: Path) -> None:
    frames = []
    for n in range(12):
        call = OneWay(ports=(41_000 + n, 514), protocol=17, flags=0)
        frames.append(sent(netflow5(call, sequence=n, exported=BEGAN + 60 * n), NOON + 60 * n))
    capture = str(write_pcap(tmp_path / "ghosts.pcap", frames))
    _, out, _ = whence("findings", capture, "--exports", "--only", "ghosts")
    assert re.search(r"10\.0\.0\.1 .*514/udp", out)
    assert EXPORTER not in out


def test_a_filter_chooses_the_exporter_and_a_span_chooses_flows(
    whence: Whence, capture: str
) -> None:
    status, _, err = whence("flows", capture, "--exports", "--filter", "src host 192.0.2.99")
    assert status == 1
    assert "no datagram of the captures looks like a flow export" in err
    status, out, _ = whence("flows", capture, "--exports", "--since", "2026-11-18 12:30")
    assert status == 1
    assert not out.strip()


def test_exports_that_pass_two_interfaces_count_once(whence: Whence, tmp_path: Path) -> None:
    frames = [
        sent(one, NOON + at + 0.001 * interface, interface, 64 - interface)
        for at, one in enumerate(datagrams())
        for interface in (0, 1)
    ]
    capture = str(write_pcapng(tmp_path / "router.pcapng", frames, ("lan0", "wan0")))
    _, out, err = whence("flows", capture, "--exports")
    assert re.search(r"40000 .* 10 ↔ 10 ", out)
    assert err == "whence: 2 exports were captured at several places, and counted once\n"


def test_exports_of_which_only_the_beginning_was_captured(whence: Whence, tmp_path: Path) -> None:
    capture = write_pcap(tmp_path / "short.pcap", [sent(datagrams()[0], NOON)])
    data = bytearray(capture.read_bytes()[:-40])
    data[32:36] = struct.pack("<I", struct.unpack("<I", data[32:36])[0] - 40)
    capture.write_bytes(data)
    _, out, err = whence("flows", str(capture), "--exports")
    assert "10.0.0.1:40000" in out
    assert "1 export is cut off" in err


def test_json_names_the_exporter(whence: Whence, capture: str) -> None:
    _, out, _ = whence("flows", capture, "--exports", "--json")
    told = [json.loads(line) for line in out.splitlines()]
    assert [flow["destination"]["port"] for flow in told] == [443, 25]


def test_the_option_goes_with_files_alone(whence: Whence) -> None:
    status, _, err = whence("talkers", "-i", "lo", "--exports")
    assert status == 2
    assert "--exports" in err
