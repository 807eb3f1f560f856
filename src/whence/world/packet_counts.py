"""Counting of packets by flow, in the kernel: attach to interfaces, and read the tables."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Mapping, Sequence

import msgspec

from whence.model import CannotAsk, NotPermitted
from whence.world.bpf import TCX_EGRESS, TCX_INGRESS, BpfMap, BpfObject
from whence.world.capabilities import CAP_BPF, CAP_NET_ADMIN, CAP_NET_RAW
from whence.world.interfaces import LOOPBACK, Interface

CAPABILITIES = (CAP_NET_ADMIN, CAP_BPF)
FOR_SOCKETS = (CAP_NET_RAW,)  # also, where there is no tcx
TCX, SOCKET = "tcx", "packet socket"
SO_ATTACH_BPF = 50  # include/uapi/asm-generic/socket.h
EVERY_PROTOCOL = 3  # ETH_P_ALL
FIRST = struct.pack("=I", 0)
_LOST, _LOST_BYTES, _NOT_IP, _NOT_IP_BYTES = range(4)  # enum counter of packets.bpf.c


class Counts(msgspec.Struct, frozen=True):
    """What was counted since the last time; the last four since the beginning."""

    records: bytes  # struct flow_key and struct flow, one after the other
    wall: int  # ns since 1970, when it was read
    boot: int  # ns of CLOCK_BOOTTIME, at the same time
    interfaces: dict[int, str]
    by: str
    lost: int
    lost_bytes: int
    not_ip: int
    not_ip_bytes: int


class PacketCounters:
    """Programs that count on interfaces for as long as this process lives."""

    def __init__(
        self,
        image: bytes,
        interfaces: Sequence[Interface],
        by: str = "",
        sizes: Mapping[str, int] | None = None,
    ) -> None:
        """Begin to count; ``by`` is empty for tcx where there is one.

        Raises
        ------
        NotPermitted, CannotAsk
            If the kernel refuses.

        """
        self._interfaces = interfaces
        self._sockets: list[socket.socket] = []
        self._bpf = BpfObject(image, sizes=sizes)
        try:
            self.by = self._attach(by)
        except BaseException:
            self.close()
            raise
        self._tables = (self._bpf.map("flows_even"), self._bpf.map("flows_odd"))
        self._current = self._bpf.map("current")
        self._counters = self._bpf.map("counters")
        self._turn = 0

    def take(self) -> Counts:
        """Give what was counted since the last time. Nothing falls between two takes."""
        full = self._swap()
        records = b"".join(key + value for key, value in full.drain())
        total = self._counters.sum
        return Counts(
            records,
            time.time_ns(),
            time.clock_gettime_ns(time.CLOCK_BOOTTIME),
            {found.index: found.name for found in self._interfaces},
            self.by,
            total(_LOST),
            total(_LOST_BYTES),
            total(_NOT_IP),
            total(_NOT_IP_BYTES),
        )

    def close(self) -> None:
        """Stop counting."""
        for tap in self._sockets:
            tap.close()
        self._sockets = []
        self._bpf.close()

    def __enter__(self) -> PacketCounters:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _swap(self) -> BpfMap:
        """Let the kernel count in the other table, and give the one that nobody writes to."""
        full, empty = self._tables[self._turn], self._tables[1 - self._turn]
        self._current.put(FIRST, empty.reference)
        self._turn = 1 - self._turn
        return full

    def _attach(self, by: str) -> str:
        if by != SOCKET:
            try:
                for found in self._interfaces:
                    self._attach_tcx(found)
                return TCX
            except NotPermitted:
                raise
            except CannotAsk:  # before Linux 6.6
                if by == TCX:
                    raise
        for found in self._interfaces:
            self._sockets.append(self._tap(found))
        return SOCKET

    def _attach_tcx(self, found: Interface) -> None:
        kind = "ethernet" if found.has_ethernet_header else "plain"
        self._bpf.attach_to_interface(f"{kind}_out", found.index, TCX_EGRESS)
        if found.hardware != LOOPBACK:  # what leaves it comes in again
            self._bpf.attach_to_interface(f"{kind}_in", found.index, TCX_INGRESS)

    def _tap(self, found: Interface) -> socket.socket:
        kind = "ethernet" if found.has_ethernet_header else "plain"
        try:
            # Bound to no protocol, it gets nothing before its filter is there: packet(7).
            tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        except PermissionError as e:
            raise NotPermitted(
                "may not listen to packets", because="we lack CAP_NET_RAW", try_="run it as root"
            ) from e
        program = self._bpf.program(f"{kind}_tap")
        tap.setsockopt(socket.SOL_SOCKET, SO_ATTACH_BPF, struct.pack("=i", program))
        tap.bind((found.name, EVERY_PROTOCOL))
        return tap
