"""An ordinary backup: sends large pieces to one server, or is that server.

Usage: ``saver.py to ADDRESS:PORT PIECES_A_SECOND``, or ``saver.py at ADDRESS:PORT``.
"""

from __future__ import annotations

import random
import socket
import sys
import time
from contextlib import suppress

PIECE = 1400  # bytes


def main(way: str, place: str, rate: str = "1") -> None:
    """Save, or take what is saved, until killed."""
    address, _, port = place.rpartition(":")
    if way == "at":
        take(address, int(port))
    while True:
        with suppress(OSError):
            save(address, int(port), float(rate))
        time.sleep(1)


def save(address: str, port: int, rate: float) -> None:
    """Send pieces at an even rate."""
    with socket.create_connection((address, port), timeout=5) as server:
        while True:
            server.sendall(random.randbytes(PIECE))
            time.sleep(1 / rate)


def take(address: str, port: int) -> None:
    """Read what comes, from one at a time."""
    with socket.create_server((address, port)) as listening:
        while True:
            with listening.accept()[0] as client, suppress(OSError):
                while client.recv(1 << 16):
                    pass


if __name__ == "__main__":
    main(*sys.argv[1:])
