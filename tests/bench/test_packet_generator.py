"""A made-up capture holds what the truth beside it says."""

import csv
import struct
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from bench.packets.generate import Capture, capture, compiler

pytestmark = pytest.mark.skipif(compiler() is None, reason="no C compiler")

Talk = tuple[str, int, str, int, int]  # source, its port, destination, its port, protocol
ECHO = {1: (8, 0), 58: (128, 129)}  # ICMP types of question and answer


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Capture:
    return capture("tiny", tmp_path_factory.mktemp("captures"), seed=5)


def test_every_packet_belongs_to_a_flow_of_the_truth(made: Capture) -> None:
    sent = Counter(_talk(packet) for packet in _ip_packets(made.path))
    told: Counter[Talk] = Counter()
    for flow in _flows(made):
        forth = (
            flow["source_ip"],
            int(flow["source_port"]),
            flow["destination_ip"],
            int(flow["destination_port"]),
            int(flow["protocol"]),
        )
        told[forth] += int(flow["source_packets"])
        told[forth[2], forth[3], forth[0], forth[1], forth[4]] += int(flow["destination_packets"])
    assert sent == +told


def test_totals_are_those_of_the_file(made: Capture) -> None:
    truth, frames = made.truth(), [*_frames(made.path)]
    assert len(frames) == truth["packets"]
    assert sum(map(len, frames)) == truth["frame_bytes"]
    assert sum(map(len, _ip_packets(made.path))) == truth["ip"]["ip_bytes"]


def test_packets_come_in_order_of_time(made: Capture) -> None:
    times = [*_times(made.path)]
    assert times == sorted(times)


def test_the_loud_host_sends_what_the_truth_says(made: Capture) -> None:
    loud = made.truth()["loud"]
    sent = Counter(_talk(packet)[0] for packet in _ip_packets(made.path))
    assert sent[loud["address"]] == loud["sent_packets"]
    assert loud["sent_packets"] > 200 * loud["median_sent_packets"]


def test_nobody_answers_a_ghost(made: Capture) -> None:
    ghosts = [flow for flow in _flows(made) if flow["kind"] == "ghost"]
    assert ghosts
    assert {flow["destination_packets"] for flow in ghosts} == {"0"}
    senders = {_talk(packet)[0] for packet in _ip_packets(made.path)}
    assert not senders & {flow["destination_ip"] for flow in ghosts}


def test_the_same_seed_makes_the_same_capture(made: Capture, tmp_path: Path) -> None:
    again = capture("tiny", tmp_path, seed=5)
    other = capture("tiny", tmp_path, seed=6)
    assert again.path.read_bytes() == made.path.read_bytes()
    assert other.path.read_bytes() != made.path.read_bytes()


def _records(path: Path) -> Iterator[tuple[float, bytes]]:
    content, at = path.read_bytes(), 24
    while at < len(content):
        seconds, micros, length, _ = struct.unpack_from("<4I", content, at)
        yield seconds + micros / 1e6, content[at + 16 : at + 16 + length]
        at += 16 + length


def _frames(path: Path) -> Iterator[bytes]:
    return (frame for _, frame in _records(path))


def _times(path: Path) -> Iterator[float]:
    return (time for time, _ in _records(path))


def _ip_packets(path: Path) -> Iterator[bytes]:
    """Give the IP packets without their Ethernet header, VLAN tag and padding."""
    for frame in _frames(path):
        inside = frame[16:] if frame[12:14] == b"\x81\x00" else frame[12:]
        kind, packet = inside[:2], inside[2:]
        if kind == b"\x08\x00":
            yield packet[: struct.unpack_from("!H", packet, 2)[0]]
        elif kind == b"\x86\xdd":
            yield packet[: 40 + struct.unpack_from("!H", packet, 4)[0]]


def _talk(packet: bytes) -> Talk:
    six = packet[0] >> 4 == 6
    protocol, addresses, transport = (
        (packet[6], packet[8:40], packet[40:]) if six else (packet[9], packet[12:20], packet[20:])
    )
    size = len(addresses) // 2
    ports = struct.unpack_from("!HH", transport)
    if protocol in ECHO:
        asks, answers = ECHO[protocol]
        ports = (asks, answers) if transport[0] == asks else (answers, asks)
    source, destination = (str(ip_address(part)) for part in (addresses[:size], addresses[size:]))
    return source, ports[0], destination, ports[1], protocol


def _flows(made: Capture) -> list[dict[str, str]]:
    with made.flows.open(newline="") as file:
        return [*csv.DictReader(file, delimiter="\t")]
