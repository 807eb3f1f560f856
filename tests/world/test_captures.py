"""Captures made here, and those of the Zeek project where they are beside the checkout."""

import bz2
import contextlib
import gzip
import json
import lzma
import os
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests import frames
from whence.analysis.naming import RELATIONS
from whence.model.errors import BadInput
from whence.world.captures import Captures, Checksums, Listening, Reached, link_type

ZEEK = Path(__file__).parents[3] / "shared" / "samples" / "zeek"

BEGIN = 1_700_000_000


def udp(source: str, destination: str, source_port: int, port: int, payload: bytes) -> bytes:
    datagram = struct.pack("!HHHH", source_port, port, 8 + len(payload), 0) + payload
    addresses = IPv4Address(source).packed + IPv4Address(destination).packed
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(datagram), 1, 0, 64, 17, 0) + addresses
    ethernet = bytes.fromhex("020000000002 020000000001 0800")
    return ethernet + header + datagram


def pcap(*frames: bytes, seconds: float = 1.0) -> bytes:
    file = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1)
    for number, frame in enumerate(frames):
        moment = BEGIN + number * seconds
        whole = int(moment)
        file += struct.pack("<IIII", whole, int((moment - whole) * 1e6), len(frame), len(frame))
        file += frame
    return file


QUESTION = udp("192.0.2.1", "192.0.2.53", 40_000, 53, b"question")
ANSWER = udp("192.0.2.53", "192.0.2.1", 53, 40_000, b"a longer answer")


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "two.pcap"
    path.write_bytes(pcap(QUESTION, ANSWER))
    return path


def rows(captures: Captures, columns: str) -> list[tuple[Any, ...]]:
    connection = duckdb.connect()
    connection.register("flows", captures.flows())
    return connection.execute(f"select {columns} from flows order by flow").fetchall()


def test_duckdb_reads_the_flows_of_a_capture(capture: Path) -> None:
    [row] = rows(
        Captures.open([capture]),
        "source_ip, source_port, destination_ip, destination_port, transport, state, history,"
        "source_packets, destination_packets, source_payload, destination_payload, source_mac,"
        "file, first, community_id",
    )
    assert row[:11] == ("192.0.2.1", 40_000, "192.0.2.53", 53, "udp", "SF", "Dd", 1, 1, 8, 15)
    assert row[11:13] == ("02:00:00:00:00:01", str(capture))
    assert row[13] == datetime.fromtimestamp(BEGIN, UTC)
    assert row[14].startswith("1:")


def dns_answer(name: str, address: str) -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    question = labels + struct.pack(">HH", 1, 1)
    answer = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + IPv4Address(address).packed
    return struct.pack(">HHHHHH", 7, 0x8180, 1, 1, 0, 0) + question + answer


@pytest.mark.parametrize(
    ("wanted", "relations"),
    [
        ("none", set()),
        ("addresses", {"resolves-to"}),
        ("called", {"resolves-to"}),
        ("all", {"resolves-to", "asks-for"}),
    ],
)
def test_only_the_names_that_are_wanted_are_listened_for(
    wanted: Listening, relations: set[str], tmp_path: Path
) -> None:
    answer = dns_answer("www.example.org", "203.0.113.7")
    asked = answer[:2] + b"\x01\x00" + answer[4:6] + bytes(6) + answer[12 : 12 + 21]
    path = tmp_path / "names.pcap"
    query = udp("192.0.2.1", "192.0.2.53", 40_000, 53, asked)
    said = udp("192.0.2.53", "192.0.2.1", 53, 40_000, answer)
    path.write_bytes(pcap(query, said, query, said))
    captures = Captures.open([path], names=wanted)
    rows(captures, "1")
    connection = duckdb.connect()
    connection.register("names", captures.names())
    found = connection.execute("SELECT relation, value, count FROM names").fetchall()
    assert {relation for relation, _, _ in found} == relations
    assert ("resolves-to", "www.example.org", 2) in found or wanted == "none"


def client_hello(name: str) -> bytes:
    outgoing = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def test_what_is_shown_beside_addresses_is_the_same_when_no_other_name_is_wanted(
    tmp_path: Path,
) -> None:
    answer = frames.dns_answer("192.0.2.1", "192.0.2.53", "www.example.org", "203.0.113.7")
    hello = client_hello("shop.example.net")
    request = b"GET / HTTP/1.1\r\nHost: old.example.com\r\n\r\n"
    packets = [
        *frames.conversation("192.0.2.1", "198.51.100.7", (40_001, 443), asked=hello),
        *frames.conversation("192.0.2.1", "198.51.100.8", (40_002, 80), asked=request),
        frames.Frame(frames.NOON, frames.ethernet(answer)),
    ]
    path = frames.write_pcap(tmp_path / "names.pcap", packets)
    both: tuple[Listening, ...] = ("called", "all")
    told = []
    for wanted in both:
        captures = Captures.open([path], names=wanted)
        flows = rows(captures, "source_ip, destination_ip, ja4, server_name")
        told.append((flows, Counter(captures.names_said(RELATIONS))))
    assert told[0] == told[1]
    flows, names = told[0]
    assert ("198.51.100.7", "shop.example.net") in {(row[1], row[3]) for row in flows if row[2]}
    assert {name for _, _, name in names} == {
        "shop.example.net",
        "old.example.com",
        "www.example.org",
    }


def test_a_stream_is_read_once(capture: Path) -> None:
    flows = Captures.open([capture]).flows(["source_ip"])
    connection = duckdb.connect()
    assert connection.sql("select count(*) from flows").fetchall() == [(1,)]
    with pytest.raises(duckdb.Error, match="read already"):
        connection.sql("select count(*) from flows").fetchall()
    assert flows.columns() == ["source_ip"]


def test_a_column_that_is_not_there(capture: Path) -> None:
    with pytest.raises(ValueError, match="no column colour"):
        Captures.open([capture]).flows(["colour"])


def test_a_filter_as_tcpdump_has_it(capture: Path) -> None:
    for expression, packets in [("udp dst port 53", 1), ("host 192.0.2.1", 2), ("tcp", 0)]:
        captures = Captures.open([capture], filter=expression)
        assert rows(captures, "source_packets + destination_packets") == [(packets,)] * (
            packets > 0
        )
        assert captures.summary().filtered == 2 - packets


def test_a_filter_that_is_none(capture: Path) -> None:
    with pytest.raises(BadInput, match="is not a packet filter"):
        Captures.open([capture], filter="host host host")


def test_a_time_range(capture: Path) -> None:
    after = datetime.fromtimestamp(BEGIN + 0.5, UTC)
    assert rows(Captures.open([capture], since=after), "destination_packets") == [(1,)]
    assert rows(Captures.open([capture], until=after), "source_packets") == [(1,)]


def test_compressed_captures_and_several(capture: Path, tmp_path: Path) -> None:
    packed = tmp_path / "two.pcap.gz"
    packed.write_bytes(gzip.compress(capture.read_bytes()))
    captures = Captures.open([capture, packed], threads=2)
    assert sum(row[0] for row in rows(captures, "source_packets")) == 2
    assert captures.summary().packets == 4
    assert captures.summary().complete


def test_flows_of_several_files_have_numbers_of_their_own(tmp_path: Path) -> None:
    files = []
    for number in range(3):
        packet = frames.udp("192.0.2.9", f"198.51.100.{number}", (5000, 53))
        frame = frames.Frame(frames.NOON - number, frames.ethernet(packet))
        files.append(frames.write_pcap(tmp_path / f"{number}.pcap", [frame]))
    told = rows(Captures.open(files), "flow, destination_ip")
    assert [address for _, address in told] == [f"198.51.100.{number}" for number in range(3)]
    assert len({number for number, _ in told}) == 3


def test_a_damaged_file_says_where(capture: Path) -> None:
    capture.write_bytes(capture.read_bytes()[:-3])
    captures = Captures.open([capture])
    assert len(rows(captures, "flow")) == 1
    [damage] = captures.summary().damage
    assert str(damage).endswith(
        "the file ends in the middle of a packet, at byte 90 after packet 1"
    )


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_packed_file_that_was_cut_says_so(capture: Path, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(capture.read_bytes())
    capture.write_bytes(packed)
    assert len(rows(Captures.open([capture]), "flow")) == 1
    capture.write_bytes(packed[:-12])
    captures = Captures.open([capture])
    rows(captures, "flow")
    [damage] = captures.summary().damage
    assert "it ends in the middle of what is packed, at byte" in str(damage)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no file"):
        Captures.open([tmp_path / "nothing.pcap"])
    with pytest.raises(BadInput, match="is a folder"):
        Captures.open([tmp_path])


def test_progress_is_told(capture: Path) -> None:
    captures, told = Captures.open([capture]), list[Reached]()
    assert len(captures.read(lambda: rows(captures, "flow"), told.append)) == 1
    size = capture.stat().st_size
    assert told[-1] == Reached(bytes_read=size, bytes_total=size, packets=2)


def test_a_reading_can_be_stopped(tmp_path: Path) -> None:
    large = tmp_path / "large.pcap"
    large.write_bytes(pcap(*[QUESTION] * 20_000))
    for threads in (1, 2):
        captures = Captures.open([large], threads=threads)
        threading.Timer(0, captures.stop).start()
        captures.stop()
        with pytest.raises(duckdb.Error, match="interrupted"):
            rows(captures, "flow")
        assert not captures.summary().complete


def test_an_interrupt_stops_the_reading(tmp_path: Path) -> None:
    endless = tmp_path / "endless.pcap"
    os.mkfifo(endless)
    over = threading.Event()

    def write() -> None:
        with contextlib.suppress(BrokenPipeError), endless.open("wb") as pipe:
            pipe.write(pcap())
            while not over.is_set():
                pipe.write(pcap(*[QUESTION] * 1000)[24:])

    # A daemon: where the reading is stopped before it begins, nobody ever opens the other end.
    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    captures = Captures.open([endless])

    def interrupt(_reached: Reached) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        captures.read(lambda: rows(captures, "flow"), interrupt)
    over.set()
    assert not captures.summary().complete
    writer.join(10)


def test_the_link_type_of_a_file(capture: Path, tmp_path: Path) -> None:
    assert link_type(capture) == 1
    raw = tmp_path / "raw.pcap"
    raw.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 101))
    assert link_type(raw) == 101


def test_questions_by_arp(tmp_path: Path) -> None:
    head = bytes.fromhex("ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001")
    asks = head + IPv4Address("192.0.2.1").packed + bytes(6) + IPv4Address("192.0.2.9").packed
    path = tmp_path / "arp.pcap"
    path.write_bytes(pcap(asks, asks))
    captures = Captures.open([path])
    assert rows(captures, "flow") == []
    arp = captures.arp()
    columns = "operation, sender_mac, sender_ip, target_ip, count"
    assert duckdb.connect().sql(f"select {columns} from arp").fetchall() == [
        ("request", "02:00:00:00:00:01", "192.0.2.1", "192.0.2.9", 2)
    ]
    assert arp.columns()[0] == "time"


def test_a_syn_that_is_repeated_is_no_retransmission(tmp_path: Path) -> None:
    syn = frames.ethernet(frames.tcp("192.0.2.9", "203.0.113.5", (40000, 443), frames.SYN, 0))
    path = tmp_path / "tries.pcap"
    path.write_bytes(pcap(*[syn] * 4))
    assert rows(Captures.open([path]), "state, syns, source_retransmissions") == [("S0", 4, 0)]
    path.write_bytes(pcap(*[syn] * 4, seconds=6))  # Zeek gives up an attempt after 5 s
    assert rows(Captures.open([path]), "state, syns") == [("S0", 1)] * 4


def _zeek_cases() -> list[Any]:
    listed = ZEEK / "expected.json"
    return json.loads(listed.read_text()) if listed.exists() else []


@pytest.mark.skipif(not ZEEK.exists(), reason="no samples of Zeek beside the checkout")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("case", _zeek_cases(), ids=lambda case: str(case["file"]))
def test_rows_are_those_of_zeek(case: dict[str, Any], threads: int) -> None:
    checksums: Checksums = "ignore" if "-C" in case["zeek_options"].split() else "drop"
    captures = Captures.open([ZEEK / case["file"]], checksums=checksums, threads=threads)
    ours = rows(
        captures,
        "source_ip, source_port, destination_ip, destination_port, protocol, duration,"
        "source_payload, destination_payload, state, history, source_packets, source_bytes,"
        "destination_packets, destination_bytes",
    )
    theirs = [_zeek_row(row) for row in case["rows"]]
    assert sorted(map(_words, ours)) == sorted(theirs)


def _words(row: tuple[Any, ...]) -> tuple[str, ...]:
    words = ["-" if value is None or value == "" else str(value) for value in row]
    if row[5] is not None:
        words[5] = f"{row[5] // 1000 / 1e6:.6f}"
    return tuple(words)


def _zeek_row(row: dict[str, str]) -> tuple[str, ...]:
    names = (
        "id.orig_h id.orig_p id.resp_h id.resp_p ip_proto duration orig_bytes resp_bytes conn_state"
        " history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes"
    )
    return tuple(row[name] for name in names.split())
