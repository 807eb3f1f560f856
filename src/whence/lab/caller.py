"""An ordinary client: asks one of its servers every second or so, for ever.

Usage: ``caller.py [pause=SECONDS] ADDRESS:PORT…``
"""

from __future__ import annotations

import random
import socket
import sys
import time


def main(places: list[str]) -> None:
    """Call the places in a random order until killed."""
    pause = 1.0  # on average
    if places[0].startswith("pause="):
        pause, places = float(places[0].partition("=")[2]), places[1:]
    while True:
        address, _, port = random.choice(places).rpartition(":")
        call(address, int(port))
        time.sleep(pause * random.uniform(0.5, 1.5))


def call(address: str, port: int) -> None:
    """Ask for a page and read the answer; a server that is away is no reason to stop."""
    try:
        with socket.create_connection((address, port), timeout=2) as server:
            server.sendall(b"GET / HTTP/1.0\r\n\r\n")
            server.recv(4096)
    except OSError:
        pass


if __name__ == "__main__":
    main(sys.argv[1:])
