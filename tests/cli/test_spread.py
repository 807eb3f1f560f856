"""Conversations that are spread packet by packet, and those that were captured twice."""

import json
import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Whence
from tests.frames import ACK, NOON, SYN, Frame, ethernet, tcp, udp, write_pcap, write_pcapng

HERE, THERE = "192.0.2.9", "198.51.100.7"
Place = Callable[[int], list[int]]


def datagrams() -> list[bytes]:
    asked = [udp(HERE, THERE, (5000, 6000), struct.pack("!Q", n) * 4) for n in range(40)]
    told = [udp(THERE, HERE, (6000, 5000), struct.pack("!Q", n) * 9) for n in range(40)]
    return [packet for pair in zip(asked, told, strict=True) for packet in pair]


def stream() -> list[bytes]:
    there, back = (HERE, THERE, (40000, 443)), (THERE, HERE, (443, 40000))
    packets = [tcp(*there, SYN, 0), tcp(*back, SYN | ACK, 0, 1), tcp(*there, ACK, 1, 1)]
    for n in range(40):
        packets.append(tcp(*back, ACK, 1 + 1400 * n, 1, b"d" * 1400))
        packets.append(tcp(*there, ACK, 1, 1401 + 1400 * n))
    return packets


def at(packets: list[bytes], place: Place) -> list[Frame]:
    return [
        Frame(NOON + 0.001 * n + 0.00001 * interface, ethernet(packet), interface)
        for n, packet in enumerate(packets)
        for interface in place(n)
    ]


def by_chance(members: int) -> Place:
    chance = random.Random(members)  # no secret
    return lambda n: [chance.randrange(members)]


def packets_of(whence: Whence, *files: Path) -> int:
    status, out, _ = whence("talkers", *map(str, files), "--by", "protocol", "--json")
    assert status == 0
    return sum(json.loads(line)["network"]["packets"] for line in out.splitlines())


@pytest.mark.parametrize("packets", [datagrams(), stream()], ids=["udp", "tcp"])
@pytest.mark.parametrize("members", [2, 3, 4])
def test_what_goes_over_members_of_a_bond_adds_up(
    whence: Whence, tmp_path: Path, packets: list[bytes], members: int
) -> None:
    names = [f"eth{n}" for n in range(members)]
    file = write_pcapng(tmp_path / "a.pcapng", at(packets, by_chance(members)), names)
    assert packets_of(whence, file) == len(packets)
    assert "cannot be told" in whence("path", THERE, str(file))[1]


@pytest.mark.parametrize("packets", [datagrams(), stream()], ids=["udp", "tcp"])
def test_members_may_have_a_file_each(whence: Whence, tmp_path: Path, packets: list[bytes]) -> None:
    frames = at(packets, by_chance(2))
    files = [
        write_pcap(tmp_path / f"{n}.pcap", [each for each in frames if each.interface == n])
        for n in (0, 1)
    ]
    assert packets_of(whence, *files) == len(packets)


@pytest.mark.parametrize("packets", [datagrams(), stream()], ids=["udp", "tcp"])
@pytest.mark.parametrize("lost", [0, 0.3])
def test_what_was_captured_twice_counts_once(
    whence: Whence, tmp_path: Path, packets: list[bytes], lost: float
) -> None:
    chance = random.Random(1)
    frames = [each for each in at(packets, lambda _: [0, 1]) if chance.random() >= lost]
    file = write_pcapng(tmp_path / "a.pcapng", frames, ["eth0", "eth1"])
    most = max(sum(each.interface == n for each in frames) for n in (0, 1))
    assert packets_of(whence, file) == most
    assert "passes through" in whence("path", THERE, str(file))[1]
