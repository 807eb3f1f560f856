from __future__ import annotations

import struct

from whence.model import Flow
from whence.sensors.capture_makers import Maker, Makers, Waiting
from whence.sensors.capture_packets import cooked, ends, ends_of, flags, whole
from whence.world.packet_ring import VLAN_VALID, Packet

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
IP = bytes([0x45]) + bytes(8) + bytes([17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2])


def packet(port: int, at: float = 0, *, vlan: int = -1, link: bytes = b"") -> Packet:
    data = link + IP + struct.pack("!HH", port, 53) + bytes(4)
    seconds, nanoseconds = divmod(START + round(at * SECOND), SECOND)
    status, tag = (VLAN_VALID, vlan) if vlan >= 0 else (0, 0)
    return Packet(
        0, seconds, nanoseconds, len(data), len(data), status, 80, 80 + len(link), tag, 0,
        b"\x08\0", 3, 1, 4, 6, bytes(8), data,
    )  # fmt: skip


def directions(port: int) -> tuple[bytes, bytes]:
    found = ends_of(Flow("192.0.2.2", 53, "192.0.2.1", port, "udp"))
    assert found
    return found


def maker(name: bytes, since: float) -> Maker:
    return Maker(START + round(since * SECOND), name, name + b" earlier")


def test_a_packet_and_its_answer_are_of_the_same_flow() -> None:
    one, other = directions(4000)
    assert ends(packet(4000)) == one
    answer = bytearray(IP)
    answer[12:20] = IP[16:20] + IP[12:16]
    answer += struct.pack("!HH", 53, 4000)
    assert ends(packet(0)._replace(data=bytes(answer))) == other


def test_a_later_fragment_has_no_ports() -> None:
    data = bytearray(IP)
    data[6:8] = b"\x20\x10"
    assert ends(packet(0)._replace(data=bytes(data) + bytes(8))) == bytes([17]) + IP[12:20]


def test_a_flow_of_which_one_end_is_unknown_names_nobody() -> None:
    assert ends_of(Flow("192.0.2.2", 53, transport="udp")) is None
    assert ends_of(Flow("192.0.2.2", 53, "192.0.2.1", None, "udp")) is None
    assert ends_of(Flow("192.0.2.2", None, "192.0.2.1", None, "icmp")) is not None


def test_ports_are_used_again() -> None:
    makers = Makers()
    makers.add(directions(4000), maker(b"first", 0))
    makers.add(directions(4000), maker(b"second", 100))
    one = directions(4000)[0]
    assert makers.comment(one, packet(4000, 50)) == b"first"
    assert makers.comment(one, packet(4000, 99)) == b"second"
    assert makers.comment(one, packet(4000, -3)) == b"first earlier"
    assert makers.comment(directions(4001)[0], packet(4001)) is None


def test_what_is_known_is_bounded() -> None:
    makers = Makers(most=10)
    for port in range(100):
        makers.add(directions(port), maker(b"x", 0))
    assert makers.comment(directions(0)[0], packet(0)) is None
    assert makers.comment(directions(99)[0], packet(99)) == b"x"


def test_a_packet_waits_for_its_maker_and_the_others_behind_it() -> None:
    makers = Makers()
    waiting = Waiting(makers)
    makers.add(directions(2), maker(b"two", 0))
    assert waiting.add([packet(2), packet(1), packet(2)], START) == [(packet(2), b"two")]
    assert [*waiting.ready(START + SECOND // 2)] == []
    makers.add(directions(1), maker(b"one", 0))
    assert [comment for _, comment in waiting.ready(START + SECOND // 2)] == [b"one", b"two"]


def test_it_waits_no_longer_than_a_second_and_only_the_first_one_of_a_flow() -> None:
    waiting = Waiting(Makers())
    assert waiting.add([packet(1)], START) == []
    assert [comment for _, comment in waiting.ready(START + SECOND)] == [b""]
    assert waiting.add([packet(1)], START + 2 * SECOND) == [(packet(1), b"")]


def test_the_queue_is_bounded() -> None:
    waiting = Waiting(Makers(), most=10)
    assert len(waiting.add(map(packet, range(25)), START)) == 15
    assert len([*waiting.ready(START, ending=True)]) == 10


def test_a_tag_that_the_card_took_out_is_put_back() -> None:
    link = bytes(12) + b"\x08\x00"
    assert whole(packet(1, vlan=100, link=link))[12:18] == b"\x81\x00\x00\x64\x08\x00"
    assert whole(packet(1, link=link)) == packet(1, link=link).data
    header = cooked(packet(1, vlan=100))
    assert (header[:2], header[20:24]) == (b"\x81\x00", b"\x00\x64\x08\x00")
    assert cooked(packet(1))[:2] == b"\x08\x00"
    assert flags(packet(1)) == 2
