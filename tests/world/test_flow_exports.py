from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("whence._native")

from tests.world.exporters import OneWay, ended, netflow5, rows
from whence.model import BadInput, CannotAsk
from whence.world.flow_exports import ExportSocket, FlowExports, read_nfcapd

RECEIVED = 1_700_000_100_000_000_000


@contextmanager
def exporter(port: int) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
        sending.connect(("127.0.0.1", port))
        yield sending


def test_both_ways_of_a_flow_are_one_row() -> None:
    exports = FlowExports.empty()
    there = OneWay()
    exports.native.feed("192.0.2.1", 2055, RECEIVED, netflow5(there, there.back(bytes=9000)))
    (flow,) = ended(exports)
    assert (flow["source_ip"], flow["source_port"]) == ("10.0.0.1", 40000)
    assert (flow["source_bytes"], flow["destination_bytes"]) == (500, 9000)
    assert (flow["state"], flow["transport"], flow["interface"]) == ("SF", "tcp", "192.0.2.1:3")
    assert flow["first"].astimezone(UTC) == datetime(2023, 11, 14, 22, 13, 11, tzinfo=UTC)


def test_what_an_export_cannot_say_is_null() -> None:
    exports = FlowExports.empty()
    exports.native.feed("192.0.2.1", 2055, RECEIVED, netflow5(OneWay(flags=2)))
    (flow,) = ended(exports)
    assert (flow["state"], flow["syns"], flow["answers"]) == ("S0", 1, 0)
    unsaid = ("source_payload", "source_wire_bytes", "source_retransmissions", "source_ttl_min")
    assert all(flow[name] is None for name in unsaid)


def test_records_can_be_taken_as_exported() -> None:
    exports = FlowExports.empty(keep_records=True)
    exports.native.feed("192.0.2.1", 2055, RECEIVED, netflow5(OneWay(), OneWay().back()))
    assert [row["packets"] for row in rows(exports.records())] == [5, 5]
    assert rows(exports.records()) == []


def test_datagrams_are_received_and_their_sender_known() -> None:
    exports = FlowExports.empty()
    with ExportSocket.open("127.0.0.1", 0) as heard, exporter(heard.port) as router:
        router.send(netflow5(OneWay(), sequence=0))
        router.send(netflow5(OneWay(), sequence=11))
        router.send(b"no export")
        heard.receive(exports, 0.3)
    (sender,) = exports.senders
    assert (sender.address, sender.format, sender.lost_exports) == ("127.0.0.1", "netflow5", 10)
    assert [*exports.totals.losses] == [
        "10 exports did not arrive, by the exporters' own count",
        "1 datagram was no flow export",
    ]


def test_records_without_an_address_are_told() -> None:
    template = struct.pack("!HHHHHHHH", 0, 16, 256, 2, 1, 4, 2, 4)  # bytes and packets, RFC 3954
    records = struct.pack("!HHIIII", 256, 20, 500, 5, 600, 6)
    header = struct.pack("!HHIIII", 9, 3, 10_000, 1_700_000_000, 0, 7)
    exports = FlowExports.empty()
    exports.native.feed("192.0.2.1", 2055, RECEIVED, header + template + records)
    assert ended(exports) == []
    assert [*exports.totals.losses] == ["2 records named no IP address"]


def test_what_the_kernel_had_no_room_for_is_counted() -> None:
    exports = FlowExports.empty()
    with ExportSocket.open("127.0.0.1", 0, room=4096) as heard, exporter(heard.port) as router:
        for _ in range(1000):
            router.send(netflow5(OneWay()))
        heard.receive(exports, 0.3)
    totals = exports.totals
    assert totals.dropped > 0
    assert totals.dropped + totals.datagrams == 1000


class Slow:
    """Takes what exporters send, on a machine that has other work."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    def feed(self, _address: str, _port: int, _received: int, content: bytes) -> None:
        time.sleep(0.005)
        self.taken.append(content)


def test_what_the_kernel_has_at_the_end_is_read_however_long_it_takes() -> None:
    slow: Any = Slow()
    with ExportSocket.open("127.0.0.1", 0) as heard, exporter(heard.port) as router:
        for number in range(100):
            router.send(b"%d" % number)
        heard.drain(FlowExports(slow))
        heard.drain(FlowExports(slow))  # and nothing is waited for
    assert slow.taken == [b"%d" % number for number in range(100)]


def test_a_port_that_is_taken_is_said() -> None:
    with (
        ExportSocket.open("127.0.0.1", 0) as heard,
        pytest.raises(CannotAsk, match="could not listen") as caught,
    ):
        ExportSocket.open("127.0.0.1", heard.port)
    assert "in use" in caught.value.because


def test_an_absent_nfdump_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotAsk) as caught:
        read_nfcapd(tmp_path / "nfcapd.202311142210", FlowExports.empty())
    assert caught.value.because == "nfdump is not installed"
    assert "nfdump" in caught.value.try_


def nfdump(folder: Path, text: str) -> None:
    program = folder / "nfdump"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n")
    program.chmod(0o755)


RECORD = """{
\t"type" : "FLOW",
\t"sampled" : %d,
\t"first" : "2023-11-14T22:13:20.125",
\t"last" : "2023-11-14T22:13:21.250",
\t"received" : "2023-11-14T22:13:30.000",
\t"in_packets" : 3,
\t"in_bytes" : 180,
\t"proto" : 6,
\t"tcp_flags" : "......S.",
\t"src_port" : 40000,
\t"dst_port" : 443,
\t"src6_addr" : "2001:db8::1",
\t"dst6_addr" : "2001:db8::2",
\t"input_snmp" : 7,
\t"output_snmp" : 8,
\t"in_src_mac" : "02:00:00:00:00:01",
\t"ip4_router" : "192.0.2.1"
}"""


@pytest.mark.parametrize(("sampled", "state"), [(0, "S0"), (1, "OTH")])
def test_a_record_of_nfdump_is_a_flow(
    sampled: int, state: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nfdump(tmp_path, "[\n" + RECORD % sampled + "]")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    exports = FlowExports.empty()
    assert read_nfcapd(tmp_path / "file", exports) == 1
    (flow,) = ended(exports)
    assert (flow["source_ip"], flow["interface"]) == ("2001:db8::1", "192.0.2.1:7")
    assert (flow["state"], flow["source_packets"], flow["source_bytes"]) == (state, 3, 180)
    assert flow["source_mac"] == "02:00:00:00:00:01"
    assert (flow["last"] - flow["first"]).total_seconds() == 1.125
    assert flow["sampling"] == 1 - sampled


@pytest.mark.parametrize("text", ["{\n", '{\n"first" : 1\n}', "{\n]\n}", '{\n"proto" : "x",\n}'])
def test_what_nfdump_should_not_write_is_said(
    text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nfdump(
        tmp_path, text + RECORD.replace("%d", "0").replace('"in_packets" : 3', '"in_packets" : "x"')
    )
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(BadInput):
        read_nfcapd(tmp_path / "file", FlowExports.empty())
