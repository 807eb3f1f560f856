"""Questions to one machine on a link of ours, by UDP, and only its own answers.

Nothing goes through a router (SO_DONTROUTE, socket(7)), time and number of answers are bounded,
and what is not taken is counted.
"""

from __future__ import annotations

import errno
import ipaddress
import select
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from whence.world.links import Link

LARGEST = 9000  # bytes of a datagram: RFC 6762 17
MOST = 64  # answers that are taken
MOST_HEARD = 2000  # datagrams that are looked at, whoever sent them
IP_RECVTTL, IP_RECVERR, IPV6_RECVERR, IPV6_RECVHOPLIMIT, IPV6_HOPLIMIT = 12, 11, 25, 51, 52
HOPS = {socket.AF_INET: (socket.IPPROTO_IP, socket.IP_MULTICAST_TTL),
        socket.AF_INET6: (socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """A datagram of the machine that was asked."""

    data: bytes
    ttl: int  # as it arrived; 0: the kernel did not say


@dataclass(frozen=True, slots=True)
class Sent:
    """A datagram, and where it goes: to the machine itself, or to a group on its link."""

    data: bytes
    port: int
    group: str = ""


@dataclass(slots=True)
class Conversation:
    """What was sent to an address on a link, and what came back."""

    link: Link
    address: str
    refused: bool = False  # its kernel said that nothing hears there
    absent: bool = False  # the kernel found nobody with that address on the link
    dropped: Counter[str] = field(default_factory=Counter)

    def answers(self, questions: Sequence[Sent], seconds: float) -> Iterator[Heard]:
        """Send each question twice, and yield the answers until the time is over.

        Raises
        ------
        OSError
            If nothing can be sent there.

        """
        with self._opened() as channel:
            start = time.monotonic()
            turns = [start, start + seconds / 2]
            heard = taken = 0
            while (now := time.monotonic()) < start + seconds and heard < MOST_HEARD:
                if turns and now >= turns[0]:
                    self._send(channel, questions)
                    turns.pop(0)
                until = min([start + seconds, *turns])
                if not select.select([channel], [], [], max(0.0, until - now))[0]:
                    continue
                heard += 1
                if (one := self._received(channel)) is None:
                    continue
                taken += 1
                if taken > MOST:
                    self.dropped[f"answers after {MOST}"] += 1
                    continue
                yield one
            if heard >= MOST_HEARD:
                self.dropped[f"all after {MOST_HEARD} datagrams"] += 1

    def understood(self, heard: Heard, read: Callable[[bytes], object]) -> object | None:
        """Read an answer; one that makes no sense is counted, and is None."""
        try:
            return read(heard.data)
        except ValueError as reason:
            self.dropped[f"not understood: {reason}"] += 1
            return None

    def _send(self, channel: socket.socket, questions: Sequence[Sent]) -> None:
        for question in questions:
            there = question.group or self.address
            try:
                channel.sendto(question.data, endpoint(there, question.port, self.link))
            except OSError as e:  # perhaps of the question before, as IP_RECVERR tells it
                self._note(e)

    def _received(self, channel: socket.socket) -> Heard | None:
        try:
            data, extra, _, sender = channel.recvmsg(LARGEST, 256)
        except BlockingIOError:  # what made it ready is no datagram, but an error
            self._drain(channel)
            return None
        except OSError as e:
            self._note(e)
            return None
        if not _is_same(sender[0], self.address):
            self.dropped["from others"] += 1
            return None
        return Heard(data, _hops(extra))

    def _drain(self, channel: socket.socket) -> None:
        """Read what the kernel keeps of errors, IP_RECVERR of ip(7): it was told already."""
        with suppress(BlockingIOError):
            channel.recvmsg(LARGEST, 512, socket.MSG_ERRQUEUE)

    def _note(self, error: OSError) -> None:
        """Tell a machine that refuses from one that is not there, and from a fault of ours."""
        if error.errno == errno.ECONNREFUSED:
            self.refused = True
        elif error.errno in (errno.EHOSTUNREACH, errno.EHOSTDOWN):
            self.absent = True
        else:
            raise error

    def _opened(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        channel = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_DONTROUTE, 1)
            channel.setsockopt(*HOPS[family], 1)
            if family == socket.AF_INET:
                channel.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
                channel.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
                own = socket.inet_aton(self.link.address)
                channel.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, own)
            else:
                channel.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1)
                channel.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
                index = self.link.index
                channel.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
            channel.bind(endpoint(self.link.address, 0, self.link))
        except OSError:
            channel.close()
            raise
        return channel


def endpoint(address: str, port: int, link: Link) -> tuple[str, int] | tuple[str, int, int, int]:
    """Write an address as the socket module wants it; IPv6's local ones with their link."""
    if ":" not in address:
        return address, port
    found = ipaddress.ip_address(address)
    local = found.is_link_local or found.is_multicast
    return address, port, 0, link.index if local else 0


def _is_same(sender: str, address: str) -> bool:
    try:
        return ipaddress.ip_address(sender.partition("%")[0]) == ipaddress.ip_address(address)
    except ValueError:
        return False


def _hops(extra: Sequence[tuple[int, int, bytes]]) -> int:
    for level, kind, data in extra:
        ours = (level, kind) in (
            (socket.IPPROTO_IP, socket.IP_TTL),
            (socket.IPPROTO_IPV6, IPV6_HOPLIMIT),
        )
        if ours and len(data) >= 4:
            return int(struct.unpack("=i", data[:4])[0])
    return 0
