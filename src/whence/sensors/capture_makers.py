"""Whose packet is it: packets wait, for a moment, for the sensor to tell. Pure.

A packet is here a tenth of a second after it passed. The sensor tells of its connection as soon,
but by another way; so a packet of a flow that nobody has told of yet waits in a queue, and all
that came later wait behind it: packets stay in their order. Neither the time nor the queue grows.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from whence.sensors.capture_packets import ends
from whence.world.packet_ring import Packet

PATIENCE = 1_000_000_000  # ns that a packet waits
MOST_WAITING = 50_000  # packets
MOST_KNOWN = 100_000  # directions of flows
EARLIER = 2_000_000_000  # ns that a packet may be older than the sighting of its connection


class Maker(NamedTuple):
    """Who makes a flow, in the words of the file, and since when that is known."""

    since: int  # ns since 1970
    comment: bytes  # as pcapng.comment_option writes it
    comment_earlier: bytes  # the same for packets that are older than the sighting


class Makers:
    """Who makes which flow, as far as the sensor has told."""

    def __init__(self, most: int = MOST_KNOWN) -> None:
        self._most = most
        self._known: OrderedDict[bytes, tuple[Maker, ...]] = OrderedDict()

    def add(self, directions: tuple[bytes, ...], maker: Maker) -> None:
        """Take in what the sensor told. The last two are kept: ports are used again."""
        for one in directions:
            before = self._known.pop(one, ())
            self._known[one] = (*before[-1:], maker)
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    def comment(self, direction: bytes, packet: Packet) -> bytes | None:
        """Say who made a packet; None if nobody has told."""
        found = self._known.get(direction)
        if found is None:
            return None
        time = packet.time
        for maker in reversed(found):
            if maker.since <= time + EARLIER:
                return maker.comment
        return found[0].comment_earlier


class Waiting:
    """The queue of packets that wait to be told of."""

    def __init__(
        self, makers: Makers, *, most: int = MOST_WAITING, patience: int = PATIENCE
    ) -> None:
        self._makers = makers
        self._most = most
        self._patience = patience
        self._packets: deque[tuple[Packet, bytes, int]] = deque()
        self._nobody: OrderedDict[bytes, None] = OrderedDict()  # waited for in vain

    def __len__(self) -> int:
        return len(self._packets)

    def add(self, packets: Iterable[Packet], now: int) -> list[tuple[Packet, bytes]]:
        """Take in packets, oldest first; give those that need not wait, with their comment."""
        if not self._patience:
            return [(packet, b"") for packet in packets]
        passing: list[tuple[Packet, bytes]] = []
        for packet in packets:
            direction = ends(packet)
            comment = self._comment(packet, direction)
            if comment is None or self._packets:
                self._packets.append((packet, direction, now))
                if len(self._packets) > self._most:
                    passing += self.ready(now)
            else:
                passing.append((packet, comment))
        return passing

    def ready(self, now: int, *, ending: bool = False) -> Iterator[tuple[Packet, bytes]]:
        """Yield the packets that need not wait any longer, each with its comment."""
        while self._packets:
            packet, direction, since = self._packets[0]
            comment = self._comment(packet, direction)
            if comment is None and not ending:
                if now - since < self._patience and len(self._packets) <= self._most:
                    return
                self._give_up(direction)
            self._packets.popleft()
            yield packet, comment or b""

    def _comment(self, packet: Packet, direction: bytes) -> bytes | None:
        """Give what is to be said of a packet's maker; None where that may still be told."""
        comment = self._makers.comment(direction, packet) if direction else b""
        return b"" if comment is None and direction in self._nobody else comment

    def _give_up(self, direction: bytes) -> None:
        self._nobody[direction] = None
        if len(self._nobody) > MOST_KNOWN:
            self._nobody.popitem(last=False)
