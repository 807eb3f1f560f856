"""A station with a TCP of its own, which no sensor of this kernel sees.

Usage: ``apart.py FILE``, which says ``calls ADDRESS PLACE:PORT PAUSE``, or ``answers ADDRESS PORT
LOG``; needs root. All machines of the lab share a kernel: a sensor on the firewall sees all of its
sockets, and whence all command lines, as is so in no office. The machine that it runs on routes to
ADDRESS, and answers for it by ARP.
"""

from __future__ import annotations

import fcntl
import os
import random
import select
import socket
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

SET_UP, TUN_WITHOUT_HEADER = 0x400454CA, 0x1001  # TUNSETIFF, IFF_TUN | IFF_NO_PI: if_tun.h
NAME = "apart0"
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
TTL = 65  # its machine counts it down to 64
PATIENCE = 2.0  # seconds for an answer
REQUEST = b"GET / HTTP/1.0\r\n\r\n"
RESPONSE = b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n"


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment of TCP, RFC 9293."""

    source: str
    port: int
    to: str
    to_port: int
    sequence: int
    acknowledged: int
    flags: int
    data: bytes = b""

    def reply(self, flags: int, data: bytes = b"") -> Segment:
        """Go on where this segment says that the other end is."""
        taken = len(self.data) + bool(self.flags & (SYN | FIN))
        begun = self.acknowledged or random.getrandbits(32)
        heard = (self.sequence + taken) & 0xFFFFFFFF
        return Segment(self.to, self.to_port, self.source, self.port, begun, heard, flags, data)

    def packed(self) -> bytes:
        """Write it as a packet of IPv4, RFC 791."""
        ends = socket.inet_aton(self.source) + socket.inet_aton(self.to)
        head = (self.port, self.to_port, self.sequence, self.acknowledged, 5 << 4, self.flags)
        tcp = struct.pack("!HHIIBBHHH", *head, 64240, 0, 0) + self.data
        check = checksum(ends + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(tcp)) + tcp)
        tcp = tcp[:16] + struct.pack("!H", check) + tcp[18:]
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, TTL, 6, 0) + ends
        return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + tcp


def segment(packet: bytes) -> Segment | None:
    """Read a packet; None if it is none of TCP over IPv4."""
    head = (packet[0] & 15) * 4
    if packet[0] >> 4 != 4 or packet[9] != socket.IPPROTO_TCP or len(packet) < head + 20:
        return None
    port, to_port, sequence, heard, length, flags = struct.unpack_from("!HHIIBB", packet, head)
    source, to = socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20])
    data = packet[head + (length >> 4) * 4 :]
    return Segment(source, port, to, to_port, sequence, heard, flags, data)


def checksum(data: bytes) -> int:
    """Give the checksum of the Internet, RFC 1071."""
    data += b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def calls(device: int, address: str, remote: str, port: int) -> None:
    """Call once: ask for a page, read it, and hang up when the other end does."""
    own = random.randrange(32768, 61000)
    begun = Segment(address, own, remote, port, random.getrandbits(32), 0, SYN)
    os.write(device, begun.packed())
    deadline = time.monotonic() + PATIENCE
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([device], [], [], left)[0]:
            return
        heard = segment(os.read(device, 65535))
        if heard is None or (heard.port, heard.to_port) != (port, own):
            continue
        if heard.flags & SYN:
            os.write(device, heard.reply(PSH | ACK, REQUEST).packed())
        elif heard.data or heard.flags & FIN:
            os.write(device, heard.reply(ACK | heard.flags & FIN).packed())
        if heard.flags & (FIN | RST):
            return


def answers(device: int, port: int, log: Path) -> None:
    """Answer whoever calls, and write down who did, as a firewall would; until killed."""
    while True:
        heard = segment(os.read(device, 65535))
        if heard is None or heard.to_port != port:
            continue
        if heard.flags & SYN:
            os.write(device, heard.reply(SYN | ACK).packed())
        elif heard.data:
            os.write(device, heard.reply(PSH | ACK | FIN, RESPONSE).packed())
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            with log.open("a", encoding="utf-8") as lines:
                lines.write(f"{now} TCP {heard.source}:{heard.port} -> {heard.to}:{port}\n")
        elif heard.flags & FIN:
            os.write(device, heard.reply(ACK).packed())


def main(file: str) -> None:
    """Call, or answer, until killed."""
    way, address, place, rest = Path(file).read_text(encoding="utf-8").split()
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, SET_UP, struct.pack("16sH22x", NAME.encode(), TUN_WITHOUT_HEADER))
    for line in (
        f"ip link set {NAME} up",
        f"ip route add {address}/32 dev {NAME}",
        "sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.eth0.proxy_arp=1",
    ):
        subprocess.run(line.split(), check=True)
    if way == "answers":
        answers(device, int(place), Path(rest))
    remote, _, port = place.rpartition(":")
    while True:
        calls(device, address, remote, int(port))
        time.sleep(float(rest) * random.uniform(0.5, 1.5))


if __name__ == "__main__":
    main(*sys.argv[1:])
