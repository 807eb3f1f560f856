"""A capture as a process of its own: ``python -m whence.sensors.capturing SETTINGS``.

SETTINGS is ``model.capture.CaptureSettings`` as JSON. It opens its sockets, lays down all rights,
and writes files that belong to the user who began it. On its standard input it is told who makes
which flow (``world.capture_process.Told``, one JSON object a line); on its standard output it says
each second how it is (``model.capture.CaptureStatus``), or once, when it cannot go on,
``{"error": …}``. It ends, and completes its files, on SIGTERM, SIGINT and the end of its input.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from whence.model import CannotAsk, WhenceError
from whence.model.capture import CaptureSettings, CaptureStatus
from whence.sensors.capture_events import Events, Memory
from whence.sensors.capture_makers import Maker, Makers, Waiting
from whence.sensors.capture_packets import LINK_TYPES, ends_of
from whence.sensors.capture_writer import CaptureWriter
from whence.world import capabilities, dumpcap, pcapng
from whence.world.capabilities import CAP_NET_RAW
from whence.world.capture_folder import CaptureFolder
from whence.world.capture_process import Told, error_line
from whence.world.dumpcap import Dumpcap, DumpcapBlock
from whence.world.interfaces import Interface, interface, interface_at
from whence.world.narrowed_filter import narrowed
from whence.world.packet_filter import everything, matching
from whence.world.packet_ring import CAPABILITIES, Block, Packet, PacketRing, Trigger

ENDING = (signal.SIGTERM, signal.SIGINT)
LOOK = 0.2  # seconds between two looks, at most
EVERY = 1.0  # seconds between two statuses
TRIGGER = 64  # bytes of a packet that only says that it came
SELDOM = 50_000  # new objects before the next collection
CHUNK = 1 << 16
SECOND = 1_000_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Capture until told to end, and give the exit status."""
    (text,) = sys.argv[1:] if arguments is None else arguments
    settings = msgspec.json.decode(text, type=CaptureSettings)
    ended = threading.Event()
    for number in ENDING:
        signal.signal(number, lambda *_: ended.set())
    try:
        with Capture(settings) as capture:
            capture.run(ended)
    except WhenceError as error:
        os.write(1, error_line(error))
        return error.exit_code
    except BrokenPipeError:
        pass
    return 0


class Capture:
    """Packets from the ring, by way of memory and queue, into files."""

    def __init__(self, settings: CaptureSettings) -> None:
        self._engine = _engine(settings.engine)
        if self._engine == "own":
            capabilities.keep_only(CAPABILITIES)
        elif os.geteuid() == 0:
            capabilities.keep_only(dumpcap.CAPABILITIES)  # and it gets no more than that
        found = [interface(name) for name in settings.interfaces]
        indices = [one.index for one in found]
        only = indices[0] if len(indices) == 1 else 0
        cooked = not found or any(one.hardware not in LINK_TYPES for one in found)
        which = narrowed(matching(settings.patterns, settings.largest, indices), settings.filter)
        taken = which
        if settings.around:
            taken = narrowed(everything(settings.largest, indices), settings.filter)
        self._which = which.expression
        self._folder = CaptureFolder(Path(settings.folder))
        self._ring: PacketRing | Dumpcap
        self._trigger: Trigger | Dumpcap | None = None
        if self._engine == "own":
            self._ring = PacketRing(taken, cooked=cooked, interface=only, size=settings.ring)
            self._trigger = Trigger(which, interface=only) if settings.around else None
        else:
            self._ring = Dumpcap(
                taken, found, cooked=cooked, largest=settings.largest, size=settings.ring
            )
            if settings.around:
                self._trigger = Dumpcap(which, found, cooked=cooked, largest=TRIGGER)
        capabilities.keep_only(())
        self._around = settings.around
        self._events = self._memory = None
        if settings.around:
            self._events = Events(
                round(settings.around.before * SECOND), round(settings.around.after * SECOND)
            )
            self._memory = Memory(settings.around.memory)
        self._makers = Makers()
        self._waiting = Waiting(self._makers, patience=SECOND if settings.names_processes else 0)
        self._names: dict[int, Interface] = {one.index: one for one in found}
        self._writer = CaptureWriter(
            self._folder,
            settings.limits,
            _comments(settings, which.expression),
            taken.expression,
            settings.largest,
            self._interface,
            time.time_ns,
            is_cooked=cooked,
        )
        self._rest = b""
        self._told = 0.0

    def run(self, ended: threading.Event) -> None:
        """Capture until told to end."""
        gc.freeze()
        gc.set_threshold(SELDOM)
        self._say()
        files = [0, self._ring.fileno()]
        if self._trigger:
            files.append(self._trigger.fileno())
        while not ended.is_set():
            ready, _, _ = select.select(files, [], [], LOOK)
            if 0 in ready and not self._hear():
                break
            try:
                self._step(self._ring.blocks())
            except CannotAsk:
                self._complete()
                raise
            if time.monotonic() - self._told >= EVERY:
                self._writer.tick()
                self._say()
        self._end()

    def close(self) -> None:
        """Close the sockets."""
        self._ring.close()
        if self._trigger:
            self._trigger.close()

    def __enter__(self) -> Capture:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _end(self) -> None:
        self._step(self._ring.finish())
        self._complete()
        self._say(ended=True)

    def _complete(self) -> None:
        if self._events and self._events.until:
            self._write_span(self._events.until)
        self._writer.write([*self._waiting.ready(time.time_ns(), ending=True)])
        self._ring.count()
        self._writer.kernel = self._ring.received, self._ring.dropped
        self._writer.seal()

    def _step(self, blocks: Iterator[Block | DumpcapBlock]) -> None:
        now = time.time_ns()
        for packets in self._packets(blocks, now):
            self._writer.write(self._waiting.add(packets, now))
        self._writer.write([*self._waiting.ready(now)])
        if self._events and self._events.is_over(now) and not len(self._waiting):
            self._events.end()
            self._writer.seal()

    def _packets(
        self, blocks: Iterator[Block | DumpcapBlock], now: int
    ) -> Iterator[Iterator[Packet]]:
        if not (self._events and self._memory and self._trigger):
            yield from (block.read() for block in blocks)
            return
        self._events.happened(self._trigger.times())
        for block in blocks:
            self._memory.add(block, self._events.needed_since(now))
        if self._events.until:
            yield self._memory.take(self._events.since, self._events.until)
        else:
            self._memory.forget(self._events.needed_since(now))

    def _write_span(self, until: int) -> None:
        if self._memory and self._events:
            packets = self._memory.take(self._events.since, until)
            self._writer.write(self._waiting.add(packets, time.time_ns()))

    def _interface(self, index: int) -> Interface:
        if index not in self._names:
            self._names[index] = interface_at(index)
        return self._names[index]

    def _hear(self) -> bool:
        """Take in who makes which flow; say whether there can be more."""
        chunk = os.read(0, CHUNK)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            told = msgspec.json.decode(line, type=Told)
            directions = ends_of(told.flow)
            if directions:
                comment, earlier = map(pcapng.comment_option, (told.comment, told.earlier))
                self._makers.add(directions, Maker(told.since, comment, earlier))
        return bool(chunk)

    def _say(self, *, ended: bool = False) -> None:
        self._told = time.monotonic()
        self._ring.count()
        writer = self._writer
        writer.kernel = self._ring.received, self._ring.dropped
        status = CaptureStatus(
            packets=writer.packets,
            size=writer.size,
            files=writer.files,
            deleted=writer.deleted,
            received=self._ring.received,
            dropped=self._ring.dropped,
            unwritten=writer.unwritten,
            named=writer.named,
            events=self._events.seen if self._events else 0,
            pushed_out=self._memory.pushed_out if self._memory else 0,
            problem=writer.problem,
            which=self._which,
            engine=self._engine,
            ended=ended,
        )
        os.write(1, msgspec.json.encode(status) + b"\n")


def _engine(wanted: str) -> str:
    """Choose what hands packets over: the ring of our own, unless only dumpcap has the right."""
    if wanted != "auto":
        return wanted
    may = CAP_NET_RAW in capabilities.held()
    return "own" if may or not dumpcap.is_installed() else "dumpcap"


def _comments(settings: CaptureSettings, which: str) -> list[str]:
    """Say in each file what it is."""
    comments = [f"whence capture {settings.title}"]
    if settings.around:
        before, after = settings.around.before, settings.around.after
        comments.append(f"all packets {before:g} s before and {after:g} s after those of: {which}")
    return comments


if __name__ == "__main__":
    sys.exit(main())
