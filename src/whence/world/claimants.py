"""Who on a link says that an address is theirs: ARP (RFC 826, RFC 5227), and ND (RFC 4861).

All who answer are taken: two are a conflict. Needs CAP_NET_RAW.
"""

from __future__ import annotations

import ipaddress
import select
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from whence.model import NotPermitted
from whence.model.mac_addresses import BROADCAST
from whence.world.links import Link

ETH_P_ARP, REQUEST, REPLY = 0x0806, 1, 2
PACKET_OUTGOING = 4
ICMP6_FILTER, SOLICITATION, ADVERTISEMENT = 1, 135, 136
SOURCE_MAC, TARGET_MAC = 1, 2  # options, RFC 4861 4.6.1
IPV6_RECVHOPLIMIT, IPV6_HOPLIMIT = 51, 52
WAIT = 1.0  # seconds in which answers are collected
TURNS = (0.0, 0.3, 0.6)  # when it is asked; RFC 5227 2.1.1 asks three times
MOST = 1000  # packets that are looked at
_ARP = struct.Struct("!HHBBH6s4s6s4s")
_ETHERNET = struct.Struct("!6s6sH")

Ask = Callable[[socket.socket, int], None]  # the socket, and how often it was asked before
Read = Callable[[socket.socket], str | None]  # the MAC address of who claims it


@dataclass(slots=True)
class Claims:
    """Who claimed an address on a link, and what else was heard meanwhile."""

    link: Link
    macs: dict[str, float] = field(default_factory=dict)  # MAC → seconds until its first answer
    times: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)


def claimants(address: str, link: Link) -> Claims:
    """Ask everybody on a link whose an address is, and collect all answers for a second.

    Raises
    ------
    NotPermitted
        If this user may not send such packets.

    """
    claims = Claims(link)
    if not link.mac:
        return claims  # no Ethernet: the loopback interface, a tunnel
    version = _over_ipv6 if ":" in address else _over_arp
    try:
        version(address, claims)
    except PermissionError as e:
        raise NotPermitted(
            f"may not ask who has {address}",
            because="that takes CAP_NET_RAW",
            try_="run it as root",
        ) from e
    return claims


def _over_arp(address: str, claims: Claims) -> None:
    link = claims.link
    wanted, own = socket.inet_aton(address), bytes.fromhex(link.mac.replace(":", ""))
    head = _ETHERNET.pack(bytes.fromhex(BROADCAST.replace(":", "")), own, ETH_P_ARP)

    def ask(channel: socket.socket, before: int) -> None:
        # A probe (RFC 5227) changes nobody's table; machines that ignore probes are then asked.
        sender = bytes(4) if before < 2 or claims.macs else socket.inet_aton(link.address)
        channel.send(head + _ARP.pack(1, 0x800, 6, 4, REQUEST, own, sender, bytes(6), wanted))

    def read(channel: socket.socket) -> str | None:
        data, sender = channel.recvfrom(2048)
        return None if sender[2] == PACKET_OUTGOING else arp_claim(data, address)

    kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK
    with socket.socket(socket.AF_PACKET, kind, socket.htons(ETH_P_ARP)) as channel:
        channel.bind((link.interface, ETH_P_ARP))
        _collect(channel, claims, ask, read)


def arp_claim(frame: bytes, address: str) -> str | None:
    """Give the MAC address of who says in a frame that an address is theirs.

    Raises
    ------
    ValueError
        If it is no ARP for IPv4 over Ethernet.

    """
    if len(frame) < _ETHERNET.size + _ARP.size:
        raise ValueError("it is cut off")
    hardware, protocol, *sizes, operation, mac, sender, _, _ = _ARP.unpack_from(
        frame, _ETHERNET.size
    )
    if (hardware, protocol, *sizes) != (1, 0x800, 6, 4) or operation not in (REQUEST, REPLY):
        raise ValueError("it is no ARP for IPv4 over Ethernet")
    return mac.hex(":") if sender == socket.inet_aton(address) else None


def _over_ipv6(address: str, claims: Claims) -> None:
    link = claims.link
    wanted = ipaddress.ip_address(address).packed
    group = f"ff02::1:ff{wanted[13]:02x}:{wanted[14]:02x}{wanted[15]:02x}"  # RFC 4291 2.7.1
    source = struct.pack("!BB6s", SOURCE_MAC, 1, bytes.fromhex(link.mac.replace(":", "")))
    message = struct.pack("!BBHI16s", SOLICITATION, 0, 0, 0, wanted) + source

    def ask(channel: socket.socket, before: int) -> None:
        channel.sendto(message, (group, 0, 0, link.index))

    def read(channel: socket.socket) -> str | None:
        data, extra, _, _ = channel.recvmsg(2048, 256)
        hops = [value[0] for level, kind, value in extra if kind == IPV6_HOPLIMIT and value]
        if hops != [255]:  # it came through a router: RFC 4861 7.1.2
            raise ValueError("it is not from this link")
        return advertised(data, address)

    kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK
    with socket.socket(socket.AF_INET6, kind, socket.IPPROTO_ICMPV6) as channel:
        allowed = [0xFFFFFFFF] * 8  # a bit that is set is a type that is not wanted
        allowed[ADVERTISEMENT >> 5] &= ~(1 << (ADVERTISEMENT & 31))
        channel.setsockopt(socket.IPPROTO_ICMPV6, ICMP6_FILTER, struct.pack("=8I", *allowed))
        channel.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        channel.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, link.index)
        channel.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1)
        channel.bind((link.address, 0, 0, link.index if _is_local(link.address) else 0))
        _collect(channel, claims, ask, read)


def advertised(message: bytes, address: str) -> str | None:
    """Give the MAC address of who says in a neighbour advertisement that an address is theirs.

    Raises
    ------
    ValueError
        If it is none, or its options do not fit together.

    """
    if len(message) < 24 or message[0] != ADVERTISEMENT:
        raise ValueError("it is no neighbour advertisement")
    if message[8:24] != ipaddress.ip_address(address).packed:
        return None
    at = 24
    while at + 8 <= len(message):
        kind, size = message[at], message[at + 1] * 8
        if not size:
            raise ValueError("an option has no length")
        if kind == TARGET_MAC and size == 8:
            return message[at + 2 : at + 8].hex(":")
        at += size
    return None


def _collect(channel: socket.socket, claims: Claims, ask: Ask, read: Read) -> None:
    start, asked = time.monotonic(), 0
    for _ in range(MOST):
        while asked < len(TURNS) and time.monotonic() >= start + TURNS[asked]:
            ask(channel, asked)
            asked += 1
        due = TURNS[asked] if asked < len(TURNS) else WAIT
        left = start + due - time.monotonic()
        if left <= 0 and due == WAIT:
            return
        if select.select([channel], [], [], max(0.0, left))[0]:
            _take(channel, claims, read, start)
    claims.dropped[f"all after {MOST} packets"] += 1


def _take(channel: socket.socket, claims: Claims, read: Read, start: float) -> None:
    try:
        mac = read(channel)
    except ValueError as reason:
        claims.dropped[f"not understood: {reason}"] += 1
        return
    if mac:
        claims.macs.setdefault(mac, time.monotonic() - start)
        claims.times[mac] += 1


def _is_local(address: str) -> bool:
    return ipaddress.ip_address(address).is_link_local


def rows(address: str, claims: Claims) -> Iterator[dict[str, object]]:
    """Tell of each who claimed an address, the quickest first."""
    for mac, seconds in claims.macs.items():
        yield {
            "ip": address, "mac": mac, "interface": claims.link.interface,
            "milliseconds": round(1000 * seconds, 1), "answers": claims.times[mac],
        }  # fmt: skip
