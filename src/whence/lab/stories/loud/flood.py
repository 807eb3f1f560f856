"""A loud program: sends datagrams to one place, without a pause, and never hears anything.

Usage: ``flood.py ADDRESS:PORT RATE SECONDS|forever``.
"""

from __future__ import annotations

import random
import socket
import sys
import time
from contextlib import suppress


def main(place: str, rate: str, seconds: str) -> None:
    """Send so many datagrams a second."""
    address, _, port = place.rpartition(":")
    end = float("inf") if seconds == "forever" else time.monotonic() + float(seconds)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        while time.monotonic() < end:
            with suppress(OSError):  # nobody there, no cable: it does not care
                channel.sendto(random.randbytes(random.randrange(60, 400)), (address, int(port)))
            time.sleep(random.uniform(0.5, 1.5) / float(rate))


if __name__ == "__main__":
    main(*sys.argv[1:])
