"""Questions to one machine on a link of ours, by TCP: how SMB greets, what a device describes.

Nothing goes through a router, and no more is read than a few thousand bytes, for a few seconds.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from whence.world import smb_wire, ssdp_wire
from whence.world.links import Link
from whence.world.neighbour_datagrams import endpoint

SMB_PORT = 445
PATIENCE = 2.0  # seconds for all of a conversation


class Stream:
    """A connection whose whole life is bounded."""

    def __init__(self, channel: socket.socket, seconds: float) -> None:
        self._channel = channel
        self._end = time.monotonic() + seconds

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self._channel.settimeout(self._left())
        self._channel.sendall(data)

    def read(self, most: int) -> bytes:
        """Read what is there, up to so many bytes; nothing once the other end is done."""
        self._channel.settimeout(self._left())
        return self._channel.recv(most)

    def exactly(self, count: int) -> bytes:
        """Read so many bytes.

        Raises
        ------
        ValueError
            If the other end stops before.

        """
        data = bytearray()
        while len(data) < count:
            piece = self.read(count - len(data))
            if not piece:
                raise ValueError("it stopped in the middle")
            data += piece
        return bytes(data)

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("it took too long")
        return left


@contextmanager
def connected(link: Link, address: str, port: int, seconds: float) -> Iterator[Stream]:
    """Connect to a machine on a link of ours, for a ``with`` block.

    Raises
    ------
    OSError
        If it cannot be reached, or does not want us.

    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as channel:
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_DONTROUTE, 1)
        channel.settimeout(seconds)
        start = time.monotonic()
        channel.connect(endpoint(address, port, link))
        yield Stream(channel, max(0.1, seconds - (time.monotonic() - start)))


def smb_greeting(link: Link, address: str) -> smb_wire.Greeting:
    """Let an SMB server greet; nobody logs in.

    Raises
    ------
    OSError, ValueError
        If nothing listens there, or what does is no SMB 2 server.

    """
    with connected(link, address, SMB_PORT, PATIENCE) as stream:
        if not smb_wire.is_negotiated(_exchange(stream, smb_wire.negotiate())):
            raise ValueError("it speaks no SMB 2")
        return smb_wire.greeting(_exchange(stream, smb_wire.session_setup()))


def _exchange(stream: Stream, message: bytes) -> bytes:
    stream.send(smb_wire.framed(message))
    return stream.exactly(smb_wire.frame_length(stream.exactly(4)))


def device_description(link: Link, address: str, port: int, path: str) -> bytes:
    """Fetch the start of a device's description: one plain request, and no redirection followed.

    Raises
    ------
    OSError, ValueError
        If it cannot be fetched.

    """
    host = f"[{address}]" if ":" in address else address
    request = f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
    with connected(link, address, port, PATIENCE) as stream:
        stream.send(request.encode())
        data = bytearray()
        while len(data) < ssdp_wire.LARGEST and (piece := stream.read(8192)):
            data += piece
    head, _, body = bytes(data).partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.") or b" 200" not in head.split(b"\r\n")[0]:
        raise ValueError("it does not give its description")
    return body
