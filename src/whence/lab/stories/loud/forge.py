"""A loud program that forges who it is: other MAC addresses all the time, an IP of nobody.

Usage: ``forge.py SOURCE ADDRESS:PORT RATE GATEWAY_MAC``; needs root, and eth0.
"""

from __future__ import annotations

import random
import socket
import struct
import sys
import time
from contextlib import suppress


def main(source: str, place: str, rate: str, gateway: str) -> None:
    """Send so many datagrams a second."""
    address, _, port = place.rpartition(":")
    to = bytes.fromhex(gateway.replace(":", ""))
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as channel:
        channel.bind(("eth0", 0))
        while True:
            card = bytes((0x02, *random.randbytes(5)))
            with suppress(OSError):  # no cable: it does not care
                channel.send(to + card + b"\x08\x00" + datagram(source, address, int(port)))
            time.sleep(random.uniform(0.5, 1.5) / float(rate))


def datagram(source: str, to: str, port: int) -> bytes:
    """Make a UDP datagram from an address that need not be ours; without a checksum: RFC 768."""
    payload = random.randbytes(random.randrange(60, 400))
    udp = struct.pack("!HHHH", 40000, port, 8 + len(payload), 0) + payload
    ends = socket.inet_aton(source) + socket.inet_aton(to)
    number = random.randrange(1 << 16)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0) + ends
    words = struct.unpack("!10H", head)
    total = sum(words)
    total = (total & 0xFFFF) + (total >> 16)
    checksum = ~(total + (total >> 16)) & 0xFFFF
    return head[:10] + struct.pack("!H", checksum) + head[12:] + udp


if __name__ == "__main__":
    main(*sys.argv[1:])
