"""Which packets a filter lets through, by running it as the kernel does."""

from __future__ import annotations

import ipaddress
import shutil
import struct
import subprocess
from dataclasses import dataclass, replace

import pytest

from whence.model import BadInput
from whence.model.capture import Pattern
from whence.world.narrowed_filter import check_expression, narrowed
from whence.world.packet_filter import (
    ANCILLARY,
    ARP,
    IPV4,
    IPV6,
    LINK,
    NETWORK,
    QINQ,
    VLAN,
    Filter,
    everything,
    matching,
)

HOST, OTHER, THIRD = "203.0.113.7", "192.0.2.1", "192.0.2.9"
HOST6, OTHER6 = "2001:db8::7", "2001:db8::1"
MAC = "02:00:5e:00:53:01"


@dataclass(frozen=True)
class Skb:
    """What the kernel knows of a packet: its headers, its protocol, its interface."""

    protocol: int
    network: bytes
    link: bytes = bytes(12)
    interface: int = 2
    direction: int = 0


def run(which: Filter, skb: Skb) -> int:
    """Interpret classic BPF; loads beyond the packet end it, as filter.rst says."""
    accumulator = index = at = 0
    memory = [0] * 16
    while True:
        code, yes, no, operand = which.program[at]
        at += 1
        kind = code & 7
        if kind == 6:
            return operand
        if code in (0x60, 0x61, 0x00, 0x01):
            value = memory[operand] if code & 0x60 else operand
            if kind:
                index = value
            else:
                accumulator = value
        elif code == 0xB1:  # the length of an IPv4 header
            loaded = load(skb, operand, 0x10)
            if loaded is None:
                return 0
            index = 4 * (loaded & 15)
        elif kind == 0:
            loaded = load(skb, operand + (index if code & 0xE0 == 0x40 else 0), code & 0x18)
            if loaded is None:
                return 0
            accumulator = loaded
        elif kind in (2, 3):
            memory[operand] = index if kind == 3 else accumulator
        elif code == 0x05:
            at += operand
        elif kind == 5:
            holds = {0x15: accumulator == operand, 0x25: accumulator > operand,
                     0x35: accumulator >= operand, 0x45: accumulator & operand}[code]  # fmt: skip
            at += yes if holds else no
        elif code == 0x07:
            index = accumulator
        else:
            other = index if code & 8 else operand
            accumulator = {0x00: accumulator + other, 0x50: accumulator & other,
                           0x60: accumulator << other}[code & 0xF0]  # fmt: skip


def load(skb: Skb, offset: int, size: int) -> int | None:
    length = {0: 4, 8: 2, 16: 1}[size]
    if offset >= ANCILLARY:
        return {0: skb.protocol, 4: skb.direction, 8: skb.interface}[offset - ANCILLARY]
    data, begin = (skb.network, NETWORK) if offset >= NETWORK else (skb.link, LINK)
    part = data[offset - begin : offset - begin + length]
    return int.from_bytes(part, "big") if len(part) == length else None


def ipv4(
    source: str, destination: str, protocol: int = 6, ports: tuple[int, int] = (40000, 443),
    fragment: int = 0, options: int = 0,
) -> Skb:  # fmt: skip
    header = bytearray(20 + 4 * options)
    header[0] = 0x45 + options
    header[6:8] = struct.pack("!H", fragment)
    header[9] = protocol
    header[12:16] = ipaddress.ip_address(source).packed
    header[16:20] = ipaddress.ip_address(destination).packed
    return Skb(IPV4, bytes(header) + struct.pack("!HH", *ports) + bytes(16))


def ipv6(source: str, destination: str, following: int, body: bytes) -> Skb:
    ends = ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed
    return Skb(IPV6, struct.pack("!IHBB", 6 << 28, len(body), following, 64) + ends + body)


def tagged(skb: Skb, *tags: int) -> Skb:
    """The tags that are left in the packet, outermost first."""
    protocol, network = skb.protocol, skb.network
    for kind in reversed(tags):
        network = struct.pack("!HH", 100, protocol) + network
        protocol = kind
    return Skb(protocol, network)


def let_through(which: Filter, *packets: Skb) -> list[bool]:
    return [bool(run(which, packet)) for packet in packets]


def test_an_address_both_ways_and_no_other() -> None:
    which = matching([Pattern(HOST)], 128)
    assert run(which, ipv4(HOST, OTHER)) == 128
    assert let_through(which, ipv4(OTHER, HOST), ipv4(OTHER, THIRD)) == [True, False]
    assert let_through(which, ipv4(OTHER, HOST, 1), ipv6(OTHER6, HOST6, 6, bytes(20))) == [
        True, False,
    ]  # fmt: skip


def test_the_question_who_has_an_address_and_its_answer() -> None:
    which = matching([Pattern(HOST, 443)], 128)
    host, other = (ipaddress.ip_address(end).packed for end in (HOST, OTHER))
    asked = Skb(ARP, bytes(14) + other + bytes(6) + host)
    answered = Skb(ARP, bytes(14) + host + bytes(6) + other)
    of_others = Skb(ARP, bytes(14) + other + bytes(6) + other)
    assert let_through(which, asked, answered, of_others) == [True, True, False]


def test_a_port_belongs_to_its_address() -> None:
    which = matching([Pattern(HOST, 443)], 128)
    assert let_through(
        which,
        ipv4(OTHER, HOST),
        ipv4(HOST, OTHER, ports=(443, 40000)),
        ipv4(HOST, OTHER, ports=(40000, 443)),
        ipv4(OTHER, HOST, protocol=17, options=3),
        ipv4(OTHER, HOST, protocol=1, ports=(0, 443)),
        ipv4(OTHER, HOST, ports=(0, 0), fragment=100),
        ipv4(OTHER, THIRD, ports=(0, 0), fragment=100),
    ) == [True, True, False, True, False, True, False]


def test_a_port_of_anybody() -> None:
    which = matching([Pattern(port=53)], 128)
    over_ipv6 = ipv6(OTHER6, HOST6, 17, struct.pack("!HH", 40000, 53) + bytes(4))
    assert let_through(
        which, ipv4(OTHER, THIRD, 17, (53, 9)), over_ipv6, ipv4(OTHER, THIRD)
    ) == [True, True, False]  # fmt: skip
    assert let_through(which, ipv4(OTHER, THIRD, 17, (53, 9), fragment=100)) == [False]


def test_ipv6_with_its_neighbour_discovery() -> None:
    which = matching([Pattern(HOST6, 443, transport="tcp")], 128)
    ports = struct.pack("!HH", 40000, 443) + bytes(16)
    asked = bytes([135, 0, 0, 0]) + bytes(4) + ipaddress.ip_address(HOST6).packed
    assert let_through(
        which,
        ipv6(OTHER6, HOST6, 6, ports),
        ipv6(OTHER6, HOST6, 17, ports),
        ipv6(OTHER6, "ff02::1:ff00:7", 58, asked),
        ipv6(OTHER6, HOST6, 44, bytes(24)),
    ) == [True, False, True, True]


def test_one_connection() -> None:
    which = matching([Pattern(HOST, 443, OTHER, 40000, "tcp")], 128)
    assert let_through(
        which,
        ipv4(OTHER, HOST),
        ipv4(HOST, OTHER, ports=(443, 40000)),
        ipv4(OTHER, HOST, ports=(40001, 443)),
        ipv4(THIRD, HOST),
    ) == [True, True, False, False]


@pytest.mark.parametrize("tags", [(VLAN,), (QINQ, VLAN)])
def test_tags_that_are_left_in_the_packet(tags: tuple[int, ...]) -> None:
    which = matching([Pattern(HOST, 443)], 128)
    wanted, other = tagged(ipv4(OTHER, HOST), *tags), tagged(ipv4(OTHER, THIRD), *tags)
    assert let_through(which, wanted, other) == [True, False]


def test_a_mac_address() -> None:
    which = matching([Pattern(mac=MAC), Pattern(HOST)], 128)
    ours, theirs = bytes.fromhex(MAC.replace(":", "")), bytes(6)
    assert let_through(
        which,
        Skb(0x88CC, bytes(40), ours + theirs),
        Skb(0x88CC, bytes(40), theirs + ours),
        Skb(0x88CC, bytes(40), theirs + theirs),
        Skb(IPV4, ipv4(OTHER, HOST).network, b""),
    ) == [True, True, False, True]


def test_some_interfaces_only() -> None:
    which = everything(96, [3, 5, 7])
    assert [run(which, Skb(IPV4, bytes(20), interface=index)) for index in (3, 4, 5, 7, 8)] == [
        96, 0, 96, 96, 0,
    ]  # fmt: skip


def test_what_is_sent_on_the_loopback_interface_is_seen_once() -> None:
    packets = [
        Skb(IPV4, bytes(20), interface=index, direction=direction)
        for index in (1, 2)
        for direction in (0, 4)
    ]
    assert let_through(everything(96), *packets) == [True, False, True, True]


def test_nothing_to_look_for_and_too_much() -> None:
    with pytest.raises(BadInput, match="nothing"):
        matching([], 128)
    with pytest.raises(BadInput, match="too many"):
        matching([Pattern(f"192.0.2.{n}", 1) for n in range(200)], 128)


@pytest.mark.skipif(not shutil.which("tcpdump"), reason="tcpdump is not installed")
@pytest.mark.parametrize(
    "pattern",
    [
        Pattern(HOST), Pattern(HOST, 443), Pattern(HOST6, 443, transport="tcp"), Pattern(port=53),
        Pattern(HOST, 443, OTHER, 40000, "tcp"), Pattern(mac=MAC), Pattern(HOST6),
    ],
)  # fmt: skip
def test_its_words_are_those_of_pcap(pattern: Pattern) -> None:
    words = matching([pattern], 128).expression
    subprocess.run(["tcpdump", "-y", "EN10MB", "-d", words], check=True, capture_output=True)


def test_a_filter_of_the_user_narrows_it() -> None:
    which = narrowed(matching([Pattern(HOST)], 128), "tcp port 443 and not net 192.0.2.8/29")
    assert run(which, ipv4(OTHER, HOST, options=2)) == 128
    assert (
        let_through(
            which,
            ipv4(OTHER, THIRD),  # not of the target
            ipv4(THIRD, HOST),  # not of the filter
            ipv4(OTHER, HOST, 17),
            ipv4(OTHER, HOST, ports=(40000, 80)),
        )
        == [False] * 4
    )
    assert (
        which.expression
        == f"(host {HOST} or arp host {HOST}) and (tcp port 443 and not net 192.0.2.8/29)"
    )


def test_what_the_kernel_knows_can_be_asked() -> None:
    out = narrowed(everything(128), "outbound and ifindex 2")
    ours, theirs = ipv4(OTHER, HOST), ipv4(HOST, OTHER)
    assert let_through(out, replace(ours, direction=4), theirs) == [True, False]
    assert let_through(out, replace(ours, direction=4, interface=3)) == [False]
    six = narrowed(everything(128), "ip6 and udp")
    assert let_through(six, ipv6(OTHER6, HOST6, 17, bytes(20)), ours) == [True, False]


def test_without_a_filter_it_stays_as_it_is() -> None:
    which = matching([Pattern(HOST)], 128)
    assert narrowed(which, " ") is which


@pytest.mark.parametrize(
    ("expression", "because"),
    [
        ("port", "syntax error"),
        ("ether host 02:00:5e:00:53:01", "ethernet addresses"),
        ("vlan 7", "no VLAN support"),
        ("greater 100", "lengths of packets"),
        ("ip6 protochain 6", "a loop"),
    ],
)
def test_what_cannot_narrow_a_capture_is_said(expression: str, because: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_expression(expression)
    assert because in refused.value.because
    assert refused.value.try_


def test_both_together_may_be_too_long() -> None:
    which = matching([Pattern(f"10.0.{n // 256}.{n % 256}") for n in range(140)], 128)
    hosts = " or ".join(f"host 10.1.0.{n}" for n in range(1, 60))
    with pytest.raises(BadInput, match="too long"):
        narrowed(which, hosts)
