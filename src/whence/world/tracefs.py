"""The kernel's own event tracing: an instance of ours below tracefs, gone when we are.

Events are read in their binary form (Documentation/trace/ring-buffer-design.rst), because in the
text form a program whose name holds a line break could write lines of its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import re
import select
import struct
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from whence.model import CannotAsk, NotPermitted
from whence.world.priority import go_first
from whence.world.processes import LiveProcesses

NEW_TASK = "task/task_newtask"
EXECUTED = "sched/sched_process_exec"
SOCKET_STATE = "sock/inet_sock_set_state"
EVENTS = (NEW_TASK, EXECUTED, SOCKET_STATE)
# SYN_SENT begins and ends, LISTEN begins and ends, SYN_RECV becomes ESTABLISHED.
STATES = "newstate==2 || oldstate==2 || newstate==10 || oldstate==10 || oldstate==3"

BUFFER = 2048  # kB for each CPU
PAGE = 64 << 10  # bytes: larger than a page of the ring buffer on any machine
NAME = "whence"
NUMBERS = itertools.count(1)

PADDING, TIME_EXTEND, TIME_STAMP = 29, 30, 31
LONGEST_DELTA_BITS = 27
LITTLE = sys.byteorder == "little"
COMMITTED = (1 << 20) - 1  # bits of a page's commit field that hold its length
FIELD = re.compile(
    r"field:(?P<type>[^;]*?)\s(?P<name>\w+)(?:\[\w*\])?;"
    r"\s*offset:(?P<offset>\d+);\s*size:(?P<size>\d+);\s*signed:(?P<signed>\d)"
)

FSOPEN, FSCONFIG, FSMOUNT = 430, 431, 432  # the same on every architecture
FSCONFIG_CMD_CREATE = 6

Value = int | bytes


@dataclass(frozen=True, slots=True)
class TraceEvent:
    """One event: what happened when, and in which thread."""

    name: str
    nanoseconds: int  # CLOCK_BOOTTIME
    fields: Mapping[str, Value]

    def number(self, field: str) -> int:
        """Give a field that is a number; 0 where this kernel does not have it."""
        value = self.fields.get(field, 0)
        return value if isinstance(value, int) else 0

    def raw(self, field: str) -> bytes:
        """Give a field that is text or an address."""
        value = self.fields.get(field, b"")
        return value if isinstance(value, bytes) else b""

    @property
    def thread(self) -> int:
        """The thread in which it happened."""
        return self.number("common_pid")


@dataclass(frozen=True, slots=True)
class Field:
    """Where a field stands in an event, and how it is to be read."""

    name: str
    offset: int
    size: int
    kind: str  # "number", "signed", "bytes" or "located": 16 bits of length, 16 of offset

    def read(self, record: bytes) -> Value:
        """Read it; what lies outside of the record is empty."""
        raw = record[self.offset : self.offset + self.size]
        if self.kind == "bytes":
            return raw
        number = int.from_bytes(raw, sys.byteorder, signed=self.kind == "signed")
        if self.kind != "located":
            return number
        offset, length = number & 0xFFFF, number >> 16
        return record[offset : offset + length].split(b"\0", 1)[0]


@dataclass(frozen=True, slots=True)
class Format:
    """What an event of one kind looks like: its ``format`` file."""

    name: str
    number: int
    fields: tuple[Field, ...]

    @classmethod
    def parse(cls, name: str, text: str) -> Format:
        """Read a ``format`` file.

        Raises
        ------
        ValueError
            If it is not one.

        """
        number = re.search(r"^ID: (\d+)$", text, re.MULTILINE)
        if not number:
            raise ValueError(f"no format of {name}")
        return cls(name, int(number[1]), tuple(_field(m) for m in FIELD.finditer(text)))

    def event(self, nanoseconds: int, record: bytes) -> TraceEvent:
        """Read one event."""
        fields = {field.name: field.read(record) for field in self.fields}
        return TraceEvent(self.name, nanoseconds, fields)


def _field(match: re.Match[str]) -> Field:
    kind = "signed" if match["signed"] == "1" else "number"
    if match["type"].startswith("__data_loc"):
        kind = "located"
    elif "[" in match[0].partition(";")[0]:
        kind = "bytes"
    return Field(match["name"], int(match["offset"]), int(match["size"]), kind)


def page_records(page: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield time and bytes of each event of a page; stop where it makes no sense."""
    if len(page) < 16:
        return
    now, commit = struct.unpack_from("=QQ", page)
    at, end = 16, min(16 + (commit & COMMITTED), len(page))
    while at + 4 <= end:
        head = struct.unpack_from("=I", page, at)[0]
        kind, delta = (head & 0x1F, head >> 5) if LITTLE else (head >> 27, head & 0x7FFFFFF)
        extra = struct.unpack_from("=I", page, at + 4)[0] if at + 8 <= end else 0
        if kind == TIME_EXTEND:
            now, at = now + delta + (extra << LONGEST_DELTA_BITS), at + 8
        elif kind == TIME_STAMP:
            now, at = (now & ~((1 << 59) - 1)) | delta | extra << LONGEST_DELTA_BITS, at + 8
        elif kind == PADDING:
            if not delta:
                return
            at += 4 + extra
        else:
            start = at + 4 if kind else at + 8
            length = kind * 4 if kind else extra - 4
            if length <= 0:
                return
            now += delta
            yield now, page[start : start + length]
            at = start + ((length + 3) & ~3)


class TraceInstance:
    """An instance of event tracing with the events that name who connects."""

    def __init__(self, directory: Path, mounted: int | None = None) -> None:
        self.directory = directory
        self._mounted = mounted
        self._pipes: list[int] = []
        self._poll = select.poll()
        self._later: list[TraceEvent] = []

    @classmethod
    def open(cls) -> TraceInstance:
        """Begin to trace, and remove what a killed whence left behind.

        Raises
        ------
        NotPermitted
            If this user may not trace.
        CannotAsk
            If the kernel cannot.

        """
        point = _mount_point()
        mounted = None if point else _mount_detached()
        root = point or Path(f"/proc/self/fd/{mounted}")
        processes = LiveProcesses.open()
        if not processes.numbered_as_kernel:
            raise CannotAsk(
                "what the kernel traces cannot be told of processes here",
                because="it numbers them as the first pid namespace does, and /proc here does not",
                try_="run it with --pid=host",
            )
        instance = cls(root / "instances" / _own_name(processes), mounted)
        go_first()
        try:
            remove_stale(root / "instances", processes)
            instance._begin()
        except (OSError, ValueError) as e:
            instance.close()
            if isinstance(e, PermissionError):
                raise NotPermitted("may not trace the kernel", try_="run it as root") from e
            raise CannotAsk("the kernel does not trace its events", because=str(e)) from e
        return instance

    @property
    def lost(self) -> int:
        """How many events were overwritten before they could be read."""
        text = "".join(
            stats.read_text() for stats in self.directory.glob("per_cpu/cpu[0-9]*/stats")
        )
        counters = re.findall(r"^(?:overrun|commit overrun|dropped events): (\d+)$", text, re.M)
        return sum(map(int, counters))

    def read(self, seconds: float) -> list[TraceEvent]:
        """Give what has happened, in order; wait so long at most for something to happen.

        Each CPU has a buffer of its own. What is younger than the moment before the first of them
        was read is kept for the next time, because something older may still turn up.
        """
        if not self._later:
            self._poll.poll(seconds * 1000)
        complete = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        events = [*self._later, *self._drained()]
        events.sort(key=lambda event: event.nanoseconds)
        self._later = [event for event in events if event.nanoseconds > complete]
        return events[: len(events) - len(self._later)]

    def close(self) -> None:
        """Stop tracing, and leave nothing behind."""
        while self._pipes:
            os.close(self._pipes.pop())
        remove(self.directory)
        if self._mounted is not None:
            os.close(self._mounted)
            self._mounted = None

    def _begin(self) -> None:
        self.directory.mkdir()
        self._write("trace_clock", "boot")
        self._write("buffer_size_kb", str(BUFFER))
        with contextlib.suppress(OSError):  # before 5.1 a reader is always woken at once
            self._write("buffer_percent", "0")
        self._write(f"events/{SOCKET_STATE}/filter", STATES)
        assert self._formats  # before the first event
        for pipe in sorted(self.directory.glob("per_cpu/cpu[0-9]*/trace_pipe_raw")):
            self._pipes.append(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
            self._poll.register(self._pipes[-1], select.POLLIN)
        for event in EVENTS:
            self._write(f"events/{event}/enable", "1")

    @cached_property
    def _formats(self) -> dict[int, Format]:
        below = self.directory / "events"
        formats = (Format.parse(name, (below / name / "format").read_text()) for name in EVENTS)
        return {one.number: one for one in formats}

    def _drained(self) -> Iterator[TraceEvent]:
        for pipe in self._pipes:
            while page := _read_page(pipe):
                for nanoseconds, record in page_records(page):
                    if known := self._formats.get(int.from_bytes(record[:2], sys.byteorder)):
                        yield known.event(nanoseconds, record)

    def _write(self, file: str, text: str) -> None:
        (self.directory / file).write_text(text)


def remove_stale(instances: Path, processes: LiveProcesses) -> None:
    """Remove the instances of whence processes that were killed before they could."""
    for instance in instances.glob(f"{NAME}-*-*-*"):
        _, pid, started, _ = instance.name.rsplit("-", 3)
        with contextlib.suppress(CannotAsk):
            if str(processes.stat(int(pid)).started) == started:
                continue
        remove(instance)


def remove(instance: Path) -> None:
    """Remove an instance; what still traces in it is stopped first, as far as that goes."""
    with contextlib.suppress(OSError):
        (instance / "events/enable").write_text("0")
    with contextlib.suppress(OSError):
        instance.rmdir()


def _own_name(processes: LiveProcesses) -> str:
    started = processes.stat(os.getpid()).started
    return f"{NAME}-{os.getpid()}-{started}-{next(NUMBERS)}"


def _read_page(pipe: int) -> bytes:
    try:
        return os.read(pipe, PAGE)
    except BlockingIOError:
        return b""


def _mount_point() -> Path | None:
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    points = [Path(fields[1]) for fields in mounts if fields[2] == "tracefs"]
    return points[0] if points else None


def _mount_detached() -> int:
    """Mount tracefs where nobody else sees it, fsmount(2); it is gone when this is closed.

    Raises
    ------
    NotPermitted, CannotAsk
        If this user may not mount, or the kernel has no tracefs.

    """
    libc = ctypes.CDLL(None, use_errno=True)
    context = libc.syscall(FSOPEN, b"tracefs", 1)
    try:
        if context >= 0 and not libc.syscall(FSCONFIG, context, FSCONFIG_CMD_CREATE, None, None, 0):
            mounted = libc.syscall(FSMOUNT, context, 1, 0)
            if mounted >= 0:
                return int(mounted)
        because = os.strerror(ctypes.get_errno())
    finally:
        if context >= 0:
            os.close(context)
    if os.geteuid():
        raise NotPermitted("tracefs is not mounted", because=because, try_="run it as root")
    raise CannotAsk("tracefs is not mounted and cannot be", because=because)
