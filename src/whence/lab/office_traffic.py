"""Frames on the lab's switch: a suspect behind one port, look-alikes, ordinary traffic."""

from __future__ import annotations

import errno
import heapq
import random
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from whence.lab.office_switch import OfficeSwitch, mac_of
from whence.world.namespaces import inside

SUSPECT, ORDINARY, DISCARD = 6667, 53, 9  # UDP ports
FILTER = f"udp dst port {SUSPECT}"
UNPLUGGED = frozenset({errno.ENOBUFS, errno.ENETDOWN})  # of a link that goes down or comes up


@dataclass(frozen=True, slots=True)
class Source:
    """Something that sends by chance (or regularly), so many events a second."""

    port: int  # 0: seen where frames are mirrored to, whatever is mirrored
    rate: float
    to: int = SUSPECT
    burst: int = 1  # frames of an event, 20 ms apart
    regular: bool = False


class OfficeTraffic:
    """Sends until it is closed; for a ``with`` block."""

    def __init__(self, switch: OfficeSwitch, *sources: Source, seed: int = 1) -> None:
        self.sent: list[tuple[float, int]] = []  # when, by which port
        self.late = 0.0  # s, the longest that a frame was sent after its time
        self._switch = switch
        self._sources = sources
        self._chance = random.Random(seed)
        self._number = 0
        self._ended = threading.Event()
        self._sockets = {port: self._open(port) for port in {0, *range(1, switch.ports + 1)}
                         if port not in switch.machines}  # fmt: skip
        self._thread = threading.Thread(target=self._send_all, name="traffic", daemon=True)

    def __enter__(self) -> OfficeTraffic:
        gateway = self._switch.ports
        if gateway in self._sockets:  # so that the switch knows where the gateway is
            frame = _frame(gateway, 1, DISCARD, 0)
            self._sockets[gateway].send(frame)
            # Its link may not have been up yet, and then all frames to it would be flooded.
            self._sources = (*self._sources, Source(gateway, 1, DISCARD, regular=True))
        time.sleep(0.05)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(10)
        for opened in self._sockets.values():
            opened.close()

    def _open(self, port: int) -> socket.socket:
        space = self._switch.hosts if port else self._switch.namespace
        name = f"h{port}" if port else "mon"

        def bound() -> socket.socket:
            opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            opened.bind((name, 0))
            return opened

        make: Callable[[], socket.socket] = bound
        return inside(f"/run/netns/{space}", make)

    def _send_all(self) -> None:
        began = time.monotonic()
        due = [(self._pause(source), index, 0) for index, source in enumerate(self._sources)]
        heapq.heapify(due)
        while due and not self._ended.is_set():
            at, index, left = heapq.heappop(due)
            if self._ended.wait(max(0.0, began + at - time.monotonic())):
                return
            self.late = max(self.late, time.monotonic() - began - at)
            source = self._sources[index]
            self._send(source)
            left = left or source.burst
            pause = 0.02 if left > 1 else self._pause(source)
            heapq.heappush(due, (at + pause, index, left - 1))

    def _send(self, source: Source) -> None:
        self._number += 1
        sender = source.port or 99
        frame = _frame(sender, self._switch.ports, source.to, self._number)
        try:
            self._sockets[source.port].send(frame)
        except OSError as error:
            if error.errno not in UNPLUGGED:
                raise
            return  # lost in the moment in which its cable was pulled
        if source.to == SUSPECT:
            self.sent.append((time.time(), source.port))

    def _pause(self, source: Source) -> float:
        return 1 / source.rate if source.regular else self._chance.expovariate(source.rate)


def _frame(sender: int, to: int, port: int, number: int) -> bytes:
    """Make an Ethernet frame with a UDP datagram, whose number makes it different from others."""
    payload = struct.pack("!I", number) + b"whence lab" + bytes(32)
    udp = struct.pack("!HHHH", 40000, port, 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number & 0xFFFF, 0, 64, 17, 0,
                       bytes((10, 99, 0, sender)), bytes((10, 99, 0, to)))  # fmt: skip
    checked = head[:10] + struct.pack("!H", _checksum(head)) + head[12:]
    macs = bytes.fromhex((mac_of(to) + mac_of(sender)).replace(":", ""))
    return macs + b"\x08\x00" + checked + udp


def _checksum(head: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(head) // 2}H", head))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF
