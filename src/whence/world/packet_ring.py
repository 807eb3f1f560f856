"""Packets as they pass the interfaces, by a ring that the kernel and we share: packet(7).

TPACKET_V3, Documentation/networking/packet_mmap.rst: the kernel fills blocks and hands them over
when they are full, or a tenth of a second old.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import socket
import struct
import time
from collections.abc import Iterator
from typing import NamedTuple

from whence.model import CannotAsk, NotPermitted
from whence.world.capabilities import CAP_NET_RAW
from whence.world.packet_filter import Filter

CAPABILITIES = (CAP_NET_RAW,)  # what opening takes; afterwards nothing is needed

EVERY_PROTOCOL = 3  # ETH_P_ALL
SOL_PACKET, SO_ATTACH_FILTER, SO_TIMESTAMPNS = 263, 26, 35
PACKET_RX_RING, PACKET_STATISTICS, PACKET_VERSION, TPACKET_V3 = 5, 6, 10, 2
BLOCK = 1 << 20
FRAME = 2048  # only to be stated: blocks hold packets of any length
RETIRE = 100  # ms after which the kernel hands over a block that is not full
OURS, VLAN_VALID, VLAN_TYPE_VALID = 1, 0x10, 0x40  # TP_STATUS_ of linux/if_packet.h
VLAN = 0x8100

_BLOCK_HEADER = struct.Struct("=8xIIIIQ4I")  # status, packets, first, length, number, times
_PACKET = struct.Struct("=IIIIIIHH4xIH12x2siHBB8s")  # of struct tpacket3_hdr and sockaddr_ll
_ADDRESS = struct.Struct("=HHi12x")  # struct sockaddr_ll
_STATUS = 8  # where in a block the kernel says whose it is
_NANOSECONDS = 1_000_000_000


class Packet(NamedTuple):
    """A packet, or its beginning: what struct tpacket3_hdr and sockaddr_ll say, and its bytes."""

    step: int
    seconds: int  # since 1970
    nanoseconds: int
    kept: int  # bytes
    length: int  # on the wire, without what the card took out
    status: int
    begin: int  # where the bytes begin, behind the header; and the network layer
    network_begin: int
    tag: int  # the VLAN tag that the card took out, with its priority
    tag_type: int
    protocol_bytes: bytes  # ethertype
    interface: int
    hardware: int  # ARPHRD_
    direction: int  # sll_pkttype: 0 to us, 1 broadcast, 2 multicast, 3 to others, 4 sent by us
    sender_length: int
    sender: bytes  # the link-layer address of the sender, 8 bytes
    data: bytes

    @property
    def time(self) -> int:
        """When it passed, ns since 1970."""
        return self.seconds * _NANOSECONDS + self.nanoseconds

    @property
    def network(self) -> int:
        """Where in its bytes the network layer begins."""
        return max(0, self.network_begin - self.begin)

    @property
    def protocol(self) -> int:
        """Its ethertype."""
        return int.from_bytes(self.protocol_bytes, "big")

    @property
    def vlan(self) -> int:
        """Give the tag that the card took out; -1: none."""
        return self.tag if self.status & VLAN_VALID else -1

    @property
    def vlan_type(self) -> int:
        """The ethertype of that tag."""
        return self.tag_type if self.status & VLAN_TYPE_VALID else VLAN


class Block(NamedTuple):
    """A block of packets, copied out of the ring."""

    first: int  # times, ns since 1970
    last: int
    packets: int
    data: bytes

    def read(self) -> Iterator[Packet]:
        """Yield its packets."""
        return _packets(self.data, struct.unpack_from("=I", self.data, 16)[0], self.packets)


class PacketRing:
    """A packet socket with its ring."""

    def __init__(
        self, which: Filter, *, cooked: bool, interface: int = 0, size: int = 64 << 20
    ) -> None:
        """Open it; 0 is all interfaces. Cooked packets come without their link-layer header.

        Raises
        ------
        NotPermitted
            Without CAP_NET_RAW.
        CannotAsk
            If the kernel has no such sockets, or not the memory.

        """
        kind = socket.SOCK_DGRAM if cooked else socket.SOCK_RAW
        self._socket = open_packet_socket(kind)
        self._blocks = max(4, size // BLOCK)
        self._turn = 0
        self.received = self.dropped = 0
        try:
            self._socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V3)
            wanted = (BLOCK, self._blocks, FRAME, BLOCK // FRAME * self._blocks, RETIRE, 0, 0)
            self._socket.setsockopt(SOL_PACKET, PACKET_RX_RING, struct.pack("=7I", *wanted))
            self._ring = mmap.mmap(self._socket.fileno(), BLOCK * self._blocks)
            attach(self._socket, which)
            bind(self._socket, interface)
        except OSError as e:
            self._socket.close()
            raise CannotAsk("could not open a ring for packets", because=str(e)) from e

    def fileno(self) -> int:
        """Give what becomes readable when there are packets."""
        return self._socket.fileno()

    def blocks(self) -> Iterator[Block]:
        """Yield what is there, copied, so that the kernel can write on at once."""
        for _ in range(self._blocks):
            at = self._turn * BLOCK
            status, count, _, length, _, s, ns, end_s, end_ns = _BLOCK_HEADER.unpack_from(
                self._ring, at
            )
            if not status & OURS:
                return
            data = self._ring[at : at + length]
            struct.pack_into("=I", self._ring, at + _STATUS, 0)
            self._turn = (self._turn + 1) % self._blocks
            if count:
                yield Block(s * _NANOSECONDS + ns, end_s * _NANOSECONDS + end_ns, count, data)

    def finish(self) -> Iterator[Block]:
        """Yield what is left, once the kernel has handed over the block that it was filling."""
        time.sleep(1.5 * RETIRE / 1000)
        yield from self.blocks()

    def count(self) -> None:
        """Bring ``received`` and ``dropped`` up to date; the kernel counts dropped ones in both."""
        told = self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 12)
        packets, drops, _ = struct.unpack("=III", told)
        self.received += packets
        self.dropped += drops

    def close(self) -> None:
        """Close it."""
        self._ring.close()
        self._socket.close()


def open_packet_socket(kind: int) -> socket.socket:
    """Open a packet socket that hears nothing yet.

    Raises
    ------
    NotPermitted, CannotAsk
        If that is not possible.

    """
    try:
        return socket.socket(socket.AF_PACKET, kind, 0)
    except PermissionError as e:
        raise NotPermitted(
            "may not capture packets",
            because="that takes CAP_NET_RAW",
            try_="run it as root, or: setpriv --ambient-caps +net_raw --inh-caps +net_raw …",
        ) from e
    except OSError as e:
        raise CannotAsk("this kernel has no packet sockets", because=str(e)) from e


def attach(listening: socket.socket, which: Filter) -> None:
    """Let the kernel hand over only what a filter lets through."""
    program = which.packed()
    kept = ctypes.create_string_buffer(program, len(program))
    fprog = struct.pack("@HP", len(program) // 8, ctypes.addressof(kept))
    listening.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, fprog)


def bind(listening: socket.socket, interface: int) -> None:
    """Begin to listen on an interface; 0: on all, also those to come."""
    # socket.bind() would ask for the name of an interface, and all of them have none.
    address = _ADDRESS.pack(socket.AF_PACKET, socket.htons(EVERY_PROTOCOL), interface)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.bind(listening.fileno(), address, len(address)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


class Trigger:
    """Says when a packet comes that a filter lets through; the packet itself is not of interest."""

    def __init__(self, which: Filter, *, interface: int = 0) -> None:
        self._socket = open_packet_socket(socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        attach(self._socket, which)
        bind(self._socket, interface)
        self._socket.setblocking(False)

    def fileno(self) -> int:
        """Give what becomes readable when there was one."""
        return self._socket.fileno()

    def times(self, most: int = 1000) -> list[int]:
        """Give when they came, ns since 1970."""
        found: list[int] = []
        for _ in range(most):
            try:
                _, told, _, _ = self._socket.recvmsg(1, 64)
            except BlockingIOError:
                break
            for _, kind, data in told:
                if kind == SO_TIMESTAMPNS:
                    seconds, nanoseconds = struct.unpack("@ll", data[:16])
                    found.append(seconds * _NANOSECONDS + nanoseconds)
        return found

    def close(self) -> None:
        """Close it."""
        self._socket.close()


def _packets(data: bytes, at: int, count: int) -> Iterator[Packet]:
    unpack, make = _PACKET.unpack_from, Packet._make
    for _ in range(count):
        fields = unpack(data, at)
        where = at + fields[6]
        yield make((*fields, data[where : where + fields[3]]))
        at += fields[0]
