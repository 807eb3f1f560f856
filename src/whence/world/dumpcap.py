"""Packets by way of Wireshark's dumpcap, where it is installed and we may not open sockets.

On many systems members of a group may run dumpcap, which has the right to capture from its file
(`capabilities(7)`), and nobody else needs any. It writes pcapng (draft-ietf-opsawg-pcapng) to a
pipe; here that becomes what the ring of our own gives.
"""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import time
from collections.abc import Iterator, Sequence
from typing import IO, NamedTuple, cast

from whence.model import CannotAsk, NotPermitted
from whence.world import pcapng
from whence.world.capabilities import CAP_NET_ADMIN, CAP_NET_RAW
from whence.world.interfaces import LOOPBACK as LOOPBACK_HARDWARE
from whence.world.interfaces import Interface
from whence.world.own_process import wait_for_end
from whence.world.packet_filter import LOOPBACK, SENT, Filter
from whence.world.packet_ring import Packet

PROGRAM = "dumpcap"
OWN = f"{PROGRAM}: "  # how its complaints begin
CAPABILITIES = (CAP_NET_RAW, CAP_NET_ADMIN)  # what root leaves it
UNKNOWN = 255  # a direction that no sll_pkttype stands for
READY = 20.0  # seconds in which it has to have described its interfaces
ENDING = 5.0  # seconds in which it has to have written the rest
CHUNK = 1 << 20
AT_ONCE = 64  # chunks

_SECTION, _INTERFACE, _STATISTICS, _PACKET = 0x0A0D0D0A, 1, 5, 6  # block types
_BLOCK = struct.Struct("=II")
_ENHANCED = struct.Struct("=8xIIIII")  # interface, time high and low, captured, original length
_LINK = struct.Struct("=8xH")
_OPTION = struct.Struct("=HH")
_NAME, _TIME_UNIT, _DROPPED_BY_INTERFACE, _DROPPED_BY_SYSTEM = 2, 9, 5, 7
_NANOSECONDS = 1_000_000_000
_COOKED = pcapng.COOKED_HEADER.size
_VERSIONS = {4: b"\x08\x00", 6: b"\x86\xdd"}  # of IP, to ethertypes


def is_installed() -> bool:
    """Say whether there is a dumpcap that this user may run."""
    return shutil.which(PROGRAM) is not None


class _Link(NamedTuple):
    """An interface as the section describes it."""

    kind: int  # LINKTYPE_
    interface: Interface | None  # None: all
    unit: int  # ns


class DumpcapBlock(NamedTuple):
    """Packets that came together, as they were written."""

    first: int  # times, ns since 1970
    last: int
    packets: int
    data: bytes
    links: tuple[_Link, ...]

    def read(self) -> Iterator[Packet]:
        """Yield its packets."""
        for at, _ in _blocks(self.data):
            number, high, low, kept, length = _ENHANCED.unpack_from(self.data, at)
            link = self.links[number]
            data = self.data[at + 28 : at + 28 + kept]
            packet = _packet(link, _moment(link, high, low), data, length)
            if not _is_copy(packet):
                yield packet


class Dumpcap:
    """A running dumpcap, read as a packet ring is."""

    def __init__(
        self,
        which: Filter,
        interfaces: Sequence[Interface],
        *,
        cooked: bool,
        largest: int,
        size: int = 64 << 20,
    ) -> None:
        """Start it, and wait until it captures.

        Raises
        ------
        NotPermitted
            If it is not installed, or this user may not run it.
        CannotAsk
            If it cannot capture; the reason is its own.

        """
        program = shutil.which(PROGRAM)
        if not program:
            raise NotPermitted(
                "there is no dumpcap that this user may run",
                because="it is not installed, or only for the members of a group",
                try_="apt-get install wireshark-common, then: usermod -aG wireshark USER",
            )
        self.received = self.dropped = 0
        self._links: list[_Link] = []
        self._known = {one.name: one for one in interfaces}
        self._rest = b""
        self._early: list[DumpcapBlock] = []  # what came before all interfaces were described
        self._process = subprocess.Popen(
            _arguments(program, which, interfaces, cooked, largest, size),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._pipe = cast(IO[bytes], self._process.stdout)
        os.set_blocking(self._pipe.fileno(), False)
        self._await(1 if cooked else len(interfaces))

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def fileno(self) -> int:
        """Give what becomes readable when there are packets."""
        return self._pipe.fileno()

    def blocks(self) -> Iterator[DumpcapBlock]:
        """Yield what is there.

        Raises
        ------
        CannotAsk
            If it has ended, by itself.

        """
        yield from self._early
        self._early = []
        for _ in range(AT_ONCE):
            chunk = self._read()
            if chunk is None:
                return
            if not chunk:
                raise CannotAsk("dumpcap ended; the files can be read", because=self._complaint())
            yield from self._take(chunk)

    def finish(self) -> Iterator[DumpcapBlock]:
        """Let it end, and yield what it still had."""
        self._process.send_signal(signal.SIGINT)
        end = time.monotonic() + ENDING
        while (chunk := self._read()) != b"" and time.monotonic() < end:
            if chunk is None:
                time.sleep(0.02)
            else:
                yield from self._take(chunk)

    def count(self) -> None:
        """Do nothing: what was dropped is told when it ends."""

    def times(self) -> list[int]:
        """Give when packets came, ns since 1970; the packets themselves are let go."""
        return [packet.time for block in self.blocks() for packet in block.read()]

    def close(self) -> None:
        """End it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        self._pipe.close()
        wait_for_end(self._process, ENDING)
        cast(IO[bytes], self._process.stderr).close()

    def _await(self, interfaces: int) -> None:
        end = time.monotonic() + READY
        while len(self._links) < interfaces:
            chunk = self._read()
            if chunk == b"" or time.monotonic() > end:
                raise self._refused()
            if chunk is None:
                time.sleep(0.02)
            else:
                self._early += self._take(chunk)

    def _refused(self) -> CannotAsk:
        because = self._complaint()
        self.close()
        if "permission" not in because:
            return CannotAsk("dumpcap cannot capture", because=because, try_="dumpcap -D")
        return NotPermitted(
            "may not capture packets",
            because=f"we lack CAP_NET_RAW, and dumpcap says: {because}",
            try_="run it as root, or let dumpcap do it: dpkg-reconfigure wireshark-common",
        )

    def _complaint(self) -> str:
        self._process.kill()
        self._process.wait()
        lines = cast(IO[bytes], self._process.stderr).read().decode("utf-8", "replace").split("\n")
        said = [line.removeprefix(OWN) for line in lines if line.startswith(OWN)]
        reasons = [line for line in said if "cap_set_proc" not in line]
        return reasons[0] if reasons else f"exit status {self._process.returncode}"

    def _read(self) -> bytes | None:
        """Give what there is; nothing at the end, None where nothing is there yet."""
        try:
            return os.read(self._pipe.fileno(), CHUNK)
        except BlockingIOError:
            return None

    def _take(self, chunk: bytes) -> Iterator[DumpcapBlock]:
        data = self._rest + chunk
        whole, begin = 0, 0
        times: list[int] = []
        for at, length in _blocks(data):
            whole = at + length
            if _kind(data, at) == _PACKET:
                number, high, low, _, _ = _ENHANCED.unpack_from(data, at)
                times.append(_moment(self._links[number], high, low))
                continue
            if times:
                yield self._block(data[begin:at], times)
                times = []
            begin = whole
            self._note(data[at:whole])
        if times:
            yield self._block(data[begin:whole], times)
        self._rest = data[whole:]

    def _block(self, data: bytes, times: list[int]) -> DumpcapBlock:
        self.received += len(times)
        return DumpcapBlock(min(times), max(times), len(times), data, tuple(self._links))

    def _note(self, block: bytes) -> None:
        kind = _kind(block, 0)
        if kind == _INTERFACE:
            options = dict(_options(block, 16))
            unit = options.get(_TIME_UNIT, b"\6")[0]
            name = options.get(_NAME, b"").decode("utf-8", "replace")
            (link,) = _LINK.unpack_from(block)
            self._links.append(_Link(link, self._known.get(name), _NANOSECONDS // 10**unit))
        elif kind == _STATISTICS:
            for code, value in _options(block, 20):
                if code in (_DROPPED_BY_INTERFACE, _DROPPED_BY_SYSTEM):
                    self.dropped += int.from_bytes(value, "little")


def _arguments(
    program: str,
    which: Filter,
    interfaces: Sequence[Interface],
    cooked: bool,
    largest: int,
    size: int,
) -> list[str]:
    expression = which.expression
    names = [one.name for one in interfaces]
    if cooked:
        if interfaces:
            only = " or ".join(f"ifindex {one.index}" for one in interfaces)
            expression = f"({only}) and ({expression})" if expression else only
        names = ["any"]
    argv = [program, "-q", "-w", "-", "-f", expression]
    argv += ["-s", str(largest + (_COOKED if cooked else 0)), "-B", str(max(2, size >> 20))]
    for name in names:
        argv += ["-i", name, *(["-y", "LINUX_SLL2"] if cooked else [])]
    return argv


def _blocks(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the whole blocks begin, and how long they are."""
    at = 0
    while at + 12 <= len(data):
        _, length = _BLOCK.unpack_from(data, at)
        if length < 12 or at + length > len(data):
            return
        yield at, length
        at += length


def _kind(data: bytes, at: int) -> int:
    kind: int = _BLOCK.unpack_from(data, at)[0]
    return kind


def _options(block: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 8 <= len(block):
        code, length = _OPTION.unpack_from(block, at)
        if not code:
            return
        yield code, block[at + 4 : at + 4 + length]
        at += 4 + (length + 3 & ~3)


def _moment(link: _Link, high: int, low: int) -> int:
    return (high << 32 | low) * link.unit


def _packet(link: _Link, moment: int, data: bytes, length: int) -> Packet:
    seconds, nanoseconds = divmod(moment, _NANOSECONDS)
    if link.kind == pcapng.COOKED:
        protocol, index, hardware, direction, size, sender = pcapng.COOKED_HEADER.unpack_from(data)
        kept = data[_COOKED:]
        lengths = (len(kept), length - _COOKED, 0, 0, 0, 0, 0)
        ends = (protocol, index, hardware, direction, size, sender, kept)
        return Packet._make((0, seconds, nanoseconds, *lengths, *ends))
    found = link.interface or Interface("", 0, LOOPBACK_HARDWARE)
    network = 14 if link.kind == pcapng.ETHERNET else 0
    protocol = data[12:14] if network else _VERSIONS.get(data[0] >> 4 if data else 0, b"\0\0")
    lengths = (len(data), length, 0, 0, network, 0, 0)
    ends = (protocol, found.index, found.hardware, UNKNOWN, 6, data[6:12] + b"\0\0", data)
    return Packet._make((0, seconds, nanoseconds, *lengths, *ends))


def _is_copy(packet: Packet) -> bool:
    """Say whether it is what loopback sends: it is received at once, and is counted there."""
    return packet.interface == LOOPBACK and packet.direction == SENT
