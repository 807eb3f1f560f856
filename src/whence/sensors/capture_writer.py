"""Writes packets to the files of a capture, within its limits, and says what it could not."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from whence import __version__
from whence.model.capture import Limits
from whence.sensors.capture_packets import LINK_TYPES, cooked, flags, whole
from whence.sensors.capture_ring import Delete, Now, Seal, Stop, next_step
from whence.world import pcapng
from whence.world.capture_folder import CaptureFile, CaptureFolder, Sealed
from whence.world.interfaces import Interface
from whence.world.packet_ring import Packet

Told = tuple[Packet, bytes]  # a packet, and its comment or nothing
OVERHEAD = 80  # bytes of a packet's block and link layer, at most
AT_ONCE = 2000  # packets that are written together
HEAD = 4096  # bytes that beginning and end of a file may take
RESUME = 1 << 20  # bytes more that have to be free before writing goes on: fewer, longer gaps
FULL = "the disk is full: what is to stay free would be used up"


class CaptureWriter:
    """Packets in, files out."""

    def __init__(
        self,
        folder: CaptureFolder,
        limits: Limits,
        comments: Sequence[str],
        which: str,
        largest: int,
        named: Callable[[int], Interface],
        clock: Callable[[], int],
        *,
        is_cooked: bool,
    ) -> None:
        self._folder, self._limits = folder, limits
        self._comments, self._which, self._largest = comments, which, largest
        self._named, self._clock = named, clock
        self._cooked = is_cooked
        self._sealed: list[Sealed] = []
        self._file: CaptureFile | None = None
        self._interfaces: dict[int, int] = {}  # by their number in the system
        self._delivered: dict[int, int] = {}
        self._began = self._first = self._last = 0
        self._gap: tuple[int, int, int] | None = None  # packets, from, to
        self._kernel = (0, 0)  # received and dropped, when the file was begun
        self.kernel = (0, 0)  # the same, now
        self.packets = self.size = self.files = self.deleted = self.unwritten = self.named = 0
        self.problem = ""

    def write(self, packets: Sequence[Told]) -> None:
        """Write packets, oldest first."""
        for at in range(0, len(packets), AT_ONCE):
            self._write(packets[at : at + AT_ONCE])

    def tick(self) -> None:
        """Complete a file that is old enough, and delete what need not be kept longer."""
        self._make_room(0)

    def seal(self) -> None:
        """Complete the file that is written."""
        if self._file is None:
            return
        now = self._clock()
        received, dropped = (new - old for new, old in zip(self.kernel, self._kernel, strict=True))
        try:
            self._file.append(self._statistics(now, received, dropped))
        except OSError as e:
            self.problem = e.strerror or str(e)
        digest = self._file.close()
        self._sealed.append(Sealed(self._file.name, self._file.size, now / 1e9))
        self._note(
            file=self._file.name,
            size=self._file.size,
            sha256=digest,
            packets=sum(self._delivered.values()),
            first=_moment(self._first),
            last=_moment(self._last),
            kernel_dropped=dropped,
        )
        self._file = None

    def _write(self, packets: Sequence[Told]) -> None:
        wanted = HEAD + OVERHEAD * len(packets)
        wanted += sum([one.kept + len(comment) for one, comment in packets])
        if not self._make_room(wanted + (RESUME if self.problem else 0)):
            self._lose(packets, FULL)
            return
        try:
            if self._file is None:
                self._begin(packets[0][0].time)
            self._append(packets)
        except OSError as e:  # somebody else took what was free
            self._lose(packets, e.strerror or str(e))
            return
        if self.problem:
            self._note(problem="", at=_moment(self._clock()))
        self.problem = ""

    def _append(self, packets: Sequence[Told]) -> None:
        assert self._file is not None
        known, delivered = dict(self._interfaces), dict(self._delivered)
        blocks: list[bytes] = []
        form = cooked if self._cooked else whole
        gap = self._gap_comment()
        for packet, comment in packets:
            number = known.get(packet.interface)
            if number is None:
                number = known[packet.interface] = len(known) + self._cooked
                blocks.append(self._description(packet.interface))
            delivered[number] = delivered.get(number, 0) + 1
            data = form(packet)
            # What the link layer adds, or the card took out, was on the wire as well.
            length = packet.length + len(data) - len(packet.data)
            blocks.append(
                pcapng.packet(number, packet.time, data, length, flags(packet), gap + comment)
            )
            gap = b""
        joined = b"".join(blocks)
        self._file.append(joined)
        self._interfaces, self._delivered, self._gap = known, delivered, None
        self.size += len(joined)
        self.packets += len(packets)
        self.named += len(packets) - [comment for _, comment in packets].count(b"")
        self._last = packets[-1][0].time

    def _begin(self, first: int) -> None:
        now = self._clock()
        self.files += 1
        name = f"{datetime.fromtimestamp(first / 1e9, UTC):%Y%m%dT%H%M%SZ}-{self.files:05}.pcapng"
        self._file = self._folder.begin(name)
        self._interfaces, self._delivered = {}, {}
        self._began, self._first, self._last = now, first, first
        self._kernel = self.kernel
        head = pcapng.section(f"whence {__version__}", "Linux", self._comments)
        if self._cooked:  # what the kernel dropped is known for all interfaces together
            head += pcapng.interface(pcapng.COOKED, self._largest + 24, "any", self._which)
        self._file.append(head)
        self.size += len(head)

    def _description(self, index: int) -> bytes:
        found = self._named(index)
        if self._cooked:
            return pcapng.interface(pcapng.COOKED, self._largest + 24, found.name, self._which)
        link = LINK_TYPES.get(found.hardware, pcapng.ETHERNET)
        return pcapng.interface(link, self._largest, found.name, self._which)

    def _statistics(self, now: int, received: int, dropped: int) -> bytes:
        times = (self._began, now)
        comments = ["received and dropped: of all interfaces of this capture together"]
        if self.unwritten:
            comments.append(f"not written to disk since the capture began: {self.unwritten}")
        first = pcapng.statistics(
            0, times, self._delivered.get(0, 0), received, dropped, comments
        ) if self._cooked or self._interfaces else b""  # fmt: skip
        return first + b"".join(
            pcapng.statistics(number, times, delivered)
            for number, delivered in self._delivered.items()
            if number
        )

    def _make_room(self, wanted: int) -> bool:
        while True:
            step = next_step(self._limits, self._now(wanted))
            if isinstance(step, Seal):
                self.seal()
            elif isinstance(step, Delete):
                self._folder.delete(step.name)
                self._sealed = [file for file in self._sealed if file.name != step.name]
                self.deleted += 1
                self._note(deleted=step.name)
            else:
                return not isinstance(step, Stop)

    def _now(self, wanted: int) -> Now:
        return Now(
            self._clock() / 1e9,
            wanted,
            self._folder.free(),
            tuple(self._sealed),
            self._file.size if self._file else 0,
            self._began / 1e9,
        )

    def _lose(self, packets: Sequence[Told], because: str) -> None:
        if not self.problem:
            self._note(problem=because, at=_moment(self._clock()))
        self.problem = because
        self.unwritten += len(packets)
        lost, since, _ = self._gap or (0, packets[0][0].time, 0)
        self._gap = lost + len(packets), since, packets[-1][0].time

    def _gap_comment(self) -> bytes:
        if self._gap is None:
            return b""
        lost, since, until = self._gap
        text = f"{lost} packets before this one were not written, from {_moment(since)} to " \
               f"{_moment(until)}: {FULL}"  # fmt: skip
        self._note(gap=lost, since=_moment(since), until=_moment(until))
        return pcapng.comment_option(text)

    def _note(self, **fields: object) -> None:
        self._folder.note(json.dumps(fields))


def _moment(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC).isoformat(timespec="microseconds")
