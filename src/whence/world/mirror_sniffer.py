"""Frames as they arrive at the interface that a switch mirrors to: packet(7).

One socket is handed what may be the suspect's, and keeps when each came and a digest that is the
same for copies of it; a switch that gives no copies may cut frames of mirrored ports instead.
Another is handed the heads of all unicast frames, as many as we get round to: who still talks tells
whether the switch did what it was told.
"""

from __future__ import annotations

import errno
import hashlib
import select
import socket
import struct
import time
from collections.abc import Iterator
from typing import NamedTuple

from whence.model import CannotAsk
from whence.model.bisection import Frame, Mark
from whence.world.interfaces import interface
from whence.world.packet_filter import Filter
from whence.world.packet_filters import compile_filter
from whence.world.packet_ring import (
    PACKET_STATISTICS,
    SO_TIMESTAMPNS,
    SOL_PACKET,
    attach,
    bind,
    open_packet_socket,
)

ADD_MEMBERSHIP, PROMISCUOUS, IGNORE_OUTGOING = 1, 1, 23  # PACKET_ of linux/if_packet.h
MOST = 200  # frames that are read at once; a flood is as loud with fewer
HEADS = 300
KEPT = 256  # octets of a frame that is the suspect's
IPV4, IPV6 = b"\x08\x00", b"\x86\xdd"
TAGS = (b"\x81\x00", b"\x88\xa8")  # IEEE 802.1Q


class Head(NamedTuple):
    """Who sent a unicast frame, and to whom."""

    source: str
    to: str


class MirrorSniffer:
    """Listens on an interface."""

    def __init__(self, name: str, which: Filter) -> None:
        """Begin to listen.

        Raises
        ------
        NotPermitted, CannotAsk, BadInput
            If that is not possible, or there is no such interface.

        """
        number = interface(name).index
        self.name = name
        self.dropped = 0
        self.cut = 0  # octets of a frame of a mirrored port; none is cut
        heads = compile_filter("not ether broadcast and not ether multicast")
        self._suspect = _listen(number, which, 4 << 20)
        try:
            self._heads = _listen(number, Filter(heads.program, heads.expression), 1 << 18)
        except BaseException:
            self._suspect.close()
            raise

    def frames(self, until: float) -> Iterator[Frame]:
        """Yield what comes until a moment, s since 1970.

        Raises
        ------
        CannotAsk
            If the link is down.

        """
        while True:
            left = until - time.time()
            readable, _, _ = select.select([self._suspect], [], [], max(0.0, left))
            if readable:
                yield from self._read()
            if left <= 0:
                return

    def heads(self) -> list[Head]:
        """Give the heads of unicast frames that came since, or of some of them."""
        found = []
        for _ in range(HEADS):
            try:
                data = self._heads.recv(14)
            except OSError:
                break
            if len(data) >= 12:
                found.append(Head(data[6:12].hex(":"), data[:6].hex(":")))
        return found

    def forget(self) -> None:
        """Throw away the heads that wait; they are of before."""
        while self.heads():
            pass

    def close(self) -> None:
        """End it."""
        self._suspect.close()
        self._heads.close()

    def __enter__(self) -> MirrorSniffer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> Iterator[Frame]:
        for _ in range(MOST):
            try:
                data, told, _, _ = self._suspect.recvmsg(KEPT, 64)
            except BlockingIOError:
                break
            except OSError as e:
                if e.errno == errno.ENETDOWN:
                    raise CannotAsk(f"the link {self.name} is down") from e
                raise CannotAsk(f"could not listen on {self.name}", because=str(e)) from e
            yield Frame(_time(told), digest(data), mark(data, self.cut))
        counted = self._suspect.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
        self.dropped += struct.unpack("=II", counted)[1]


def digest(frame: bytes) -> str:
    """Give what is the same for copies of a frame, also one that a router passed on."""
    same = frame[12:]
    if frame[12:14] == IPV4 and len(frame) >= 34:
        same = frame[14:22] + frame[26:]  # without TTL, protocol and checksum of the header
    return hashlib.blake2b(same, digest_size=6).hexdigest()


def mark(frame: bytes, cut: int) -> Mark:
    """Say whether a frame was cut to so many octets: it is shorter than its IP header says."""
    if not cut or len(frame) > cut:
        return ""
    at = 12
    while frame[at : at + 2] in TAGS:
        at += 4
    kind, header = frame[at : at + 2], frame[at + 2 :]
    if kind == IPV4:
        promised = int.from_bytes(header[2:4], "big")
    elif kind == IPV6:
        promised = 40 + int.from_bytes(header[4:6], "big")
    else:
        return "short"
    return "port" if promised > len(header) else "short"


def bpf(expression: str) -> Filter:
    """Make a filter of an expression as tcpdump takes it."""
    compiled = compile_filter(expression)
    return Filter(compiled.program, expression)


def _listen(number: int, which: Filter, room: int) -> socket.socket:
    listening = open_packet_socket(socket.SOCK_RAW)
    try:
        listening.setsockopt(SOL_PACKET, IGNORE_OUTGOING, 1)
        listening.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        attach(listening, which)
        bind(listening, number)
        membership = struct.pack("=iHH8s", number, PROMISCUOUS, 0, b"")
        listening.setsockopt(SOL_PACKET, ADD_MEMBERSHIP, membership)
        listening.setblocking(False)
    except OSError as e:
        listening.close()
        raise CannotAsk("could not listen for mirrored frames", because=str(e)) from e
    return listening


def _time(told: list[tuple[int, int, bytes]]) -> float:
    for _, kind, data in told:
        if kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("@ll", data[:16])
            return float(seconds + nanoseconds / 1e9)
    return time.time()
