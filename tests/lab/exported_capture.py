"""A capture for exporters to read, of which every flow is known."""

from __future__ import annotations

import random
import socket
import struct
from collections import Counter
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

ETHERNET = bytes.fromhex("020000000002020000000001")
SYN, ACK, FIN, PSH = 2, 16, 1, 8
Ends = tuple[str, int, str, int, str]  # source, port, destination, port, transport


@dataclass
class Truth:
    """What was written, by the flow's ends with who began first."""

    packets: Counter[Ends] = field(default_factory=Counter)
    bytes: Counter[Ends] = field(default_factory=Counter)  # of IP
    back_packets: Counter[Ends] = field(default_factory=Counter)
    back_bytes: Counter[Ends] = field(default_factory=Counter)

    def count(self, ends: Ends, length: int, *, back: bool) -> None:
        (self.back_packets if back else self.packets)[ends] += 1
        (self.back_bytes if back else self.bytes)[ends] += length


def checksum(data: bytes) -> int:
    data += bytes(len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


def packet(source: str, destination: str, protocol: int, content: bytes) -> bytes:
    one, other = ip_address(source).packed, ip_address(destination).packed
    if len(one) == 16:
        return struct.pack("!IHBB", 6 << 28, len(content), protocol, 64) + one + other + content
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(content), 0, 0, 64, protocol, 0) + one + other
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + content


def tcp(ports: tuple[int, int], flags: int, length: int) -> bytes:
    return struct.pack("!HHIIBBHHH", *ports, 1, 1, 0x50, flags, 1000, 0, 0) + bytes(length)


def udp(ports: tuple[int, int], length: int) -> bytes:
    return struct.pack("!HHHH", *ports, 8 + length, 0) + bytes(length)


def write_capture(path: Path, begin: float, flows: int = 200, seed: int = 1) -> Truth:
    """Write finished TCP connections, UDP questions and unanswered SYNs over IPv4 and IPv6."""
    chance = random.Random(seed)
    truth = Truth()
    frames: list[tuple[float, bytes]] = []
    for number in range(flows):
        v6 = number % 5 == 0
        client = f"2001:db8::1:{number:x}" if v6 else f"10.1.{number // 200}.{number % 200 + 1}"
        server = f"2001:db8::2:{number % 7:x}" if v6 else f"198.51.100.{number % 7 + 1}"
        transport = ("tcp", "udp", "silent")[number % 3]
        there = (20000 + number, 53 if transport == "udp" else 443)
        ends = (client, there[0], server, there[1], "udp" if transport == "udp" else "tcp")
        time = begin + chance.random() * 5
        for back, content in conversation(transport, there, chance):
            protocol = socket.IPPROTO_UDP if transport == "udp" else socket.IPPROTO_TCP
            pair = (server, client) if back else (client, server)
            data = packet(*pair, protocol, content)
            truth.count(ends, len(data), back=back)
            frames.append((time, ETHERNET + (b"\x86\xdd" if v6 else b"\x08\x00") + data))
            time += 0.01
    write(path, sorted(frames, key=lambda frame: frame[0]))
    return truth


def conversation(
    transport: str, there: tuple[int, int], chance: random.Random
) -> list[tuple[bool, bytes]]:
    """Give the segments of one flow; the flag says that it goes back."""
    back = there[::-1]
    if transport == "udp":
        return [(False, udp(there, 40)), (True, udp(back, chance.randrange(50, 400)))]
    if transport == "silent":
        return [(False, tcp(there, SYN, 0))] * 3
    middle = [
        (way, tcp(back if way else there, ACK | PSH, chance.randrange(1, 800)))
        for way in (False, True) * chance.randrange(1, 6)
    ]
    return [
        (False, tcp(there, SYN, 0)),
        (True, tcp(back, SYN | ACK, 0)),
        (False, tcp(there, ACK, 0)),
        *middle,
        (False, tcp(there, FIN | ACK, 0)),
        (True, tcp(back, FIN | ACK, 0)),
        (False, tcp(there, ACK, 0)),
    ]


def write(path: Path, frames: list[tuple[float, bytes]]) -> None:
    """Write a pcap file of Ethernet frames."""
    with path.open("wb") as file:
        file.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for time, frame in frames:
            seconds, part = divmod(round(time * 1_000_000), 1_000_000)
            file.write(struct.pack("=IIII", seconds, part, len(frame), len(frame)) + frame)
