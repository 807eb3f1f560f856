"""Captures made by hand: frames, and the files that hold them."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

MAC, ROUTER = "02:00:00:00:00:09", "02:00:00:00:00:01"
NOON = 1_795_003_200.0  # 2026-11-18 12:00:00 UTC
ETHERNET = 1  # LINKTYPE_ETHERNET
INCOMING, OUTGOING = 1, 2  # epb_flags, the lowest two bits
SYN, ACK, RST, FIN, PSH = 2, 16, 4, 1, 8


@dataclass(frozen=True)
class Frame:
    seconds: float
    data: bytes
    interface: int = 0
    direction: int = 0


def ethernet(payload: bytes, source: str = MAC, destination: str = ROUTER, kind: int = 0x800,
             vlan: int | None = None) -> bytes:  # fmt: skip
    tag = struct.pack("!HH", 0x8100, vlan) if vlan else b""
    return _mac(destination) + _mac(source) + tag + struct.pack("!H", kind) + payload


def ipv4(source: str, destination: str, protocol: int, payload: bytes, ttl: int = 64) -> bytes:
    head = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0, ttl, protocol, 0,
        socket.inet_aton(source), socket.inet_aton(destination),
    )  # fmt: skip
    return head[:10] + struct.pack("!H", _sum(head)) + head[12:] + payload


def udp(source: str, destination: str, ports: tuple[int, int], payload: bytes = b"x" * 40,
        ttl: int = 64) -> bytes:  # fmt: skip
    segment = struct.pack("!HHHH", *ports, 8 + len(payload), 0) + payload
    return ipv4(source, destination, 17, segment, ttl)


def tcp(source: str, destination: str, ports: tuple[int, int], flags: int, sequence: int = 1,
        acknowledged: int = 0, payload: bytes = b"", ttl: int = 64) -> bytes:  # fmt: skip
    head = struct.pack("!HHIIBBHHH", *ports, sequence, acknowledged, 0x50, flags, 65535, 0, 0)
    return ipv4(source, destination, 6, head + payload, ttl)


def conversation(source: str, destination: str, ports: tuple[int, int], at: float = NOON,
                 asked: bytes = b"x" * 100, told: bytes = b"y" * 400) -> list[Frame]:  # fmt: skip
    """A TCP connection from its beginning to its end."""
    there, back = (source, destination, ports), (destination, source, ports[::-1])
    n, m = 1 + len(asked), 1 + len(told)
    packets = [
        tcp(*there, SYN, 0),
        tcp(*back, SYN | ACK, 0, 1),
        tcp(*there, ACK, 1, 1),
        tcp(*there, ACK | PSH, 1, 1, asked),
        tcp(*back, ACK | PSH, 1, n, told),
        tcp(*there, ACK | FIN, n, m),
        tcp(*back, ACK | FIN, m, n + 1),
        tcp(*there, ACK, n + 1, m + 1),
    ]
    return [Frame(at + 0.01 * i, ethernet(packet)) for i, packet in enumerate(packets)]


def dns_answer(client: str, server: str, name: str, address: str) -> bytes:
    parts = name.encode().split(b".")
    labels = b"".join(bytes([len(part)]) + part for part in parts) + b"\0"
    answer = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + socket.inet_aton(address)
    message = struct.pack("!HHHHHH", 7, 0x8180, 1, 1, 0, 0) + labels + b"\0\1\0\1" + answer
    return udp(server, client, (53, 40053), message)


def arp(operation: int, sender: tuple[str, str], target: tuple[str, str]) -> bytes:
    body = struct.pack("!HHBBH", 1, 0x800, 6, 4, operation)
    body += _mac(sender[0]) + socket.inet_aton(sender[1])
    body += _mac(target[0]) + socket.inet_aton(target[1])
    return ethernet(body, sender[0], "ff:ff:ff:ff:ff:ff", 0x806)


def write_pcap(path: Path, frames: Iterable[Frame], link: int = ETHERNET) -> Path:
    """Write a capture as tcpdump does: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap."""
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)]
    for frame in frames:
        whole, part = divmod(round(frame.seconds * 1e6), 1_000_000)
        size = len(frame.data)
        parts.append(struct.pack("<IIII", whole, part, size, size) + frame.data)
    path.write_bytes(b"".join(parts))
    return path


def write_pcapng(path: Path, frames: Iterable[Frame], interfaces: Sequence[str],
                 links: Sequence[int] = ()) -> Path:  # fmt: skip
    """Write a capture of several interfaces, with the direction of each packet."""
    parts = [_block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    for name, link in zip(interfaces, links or [ETHERNET] * len(interfaces), strict=True):
        parts.append(_block(1, struct.pack("<HHI", link, 0, 0) + _option(2, name.encode())
                            + _option(0, b"")))  # fmt: skip
    for frame in frames:
        stamp = round(frame.seconds * 1e6)
        body = struct.pack("<IIIII", frame.interface, stamp >> 32, stamp & 0xFFFFFFFF,
                           len(frame.data), len(frame.data))  # fmt: skip
        body += _padded(frame.data)
        if frame.direction:
            body += _option(2, struct.pack("<I", frame.direction)) + _option(0, b"")
        parts.append(_block(6, body))
    path.write_bytes(b"".join(parts))
    return path


def _block(kind: int, body: bytes) -> bytes:
    size = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + size + body + size


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def _sum(head: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(head) // 2}H", head))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF
