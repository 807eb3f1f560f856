"""The process that sees what runs of a program write: ``python -m whence.sensors.outputs``.

Nobody waits for it. When it does not keep up, the kernel's ring is full, and what is lost is
counted there for each run.
"""

from __future__ import annotations

import os
import signal
import stat
import struct
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from whence.model import CannotAsk, WhenceError
from whence.model.refusal import Refusal
from whence.model.run_output import (
    OutputEnded,
    OutputLine,
    OutputPiece,
    OutputSettings,
    OutputStatus,
    StreamTotals,
)
from whence.world import capabilities
from whence.world.bpf import BpfObject, packaged
from whence.world.capabilities import CAP_BPF, CAP_PERFMON
from whence.world.handed_over import hand_over
from whence.world.processes import LiveProcesses

CAPABILITIES = frozenset({CAP_BPF, CAP_PERFMON})
OBJECT = packaged("whence.sensors", "outputs.bpf.o")  # before rights are given up
WHAT = "what the runs write cannot be seen"
TURN = 0.1  # seconds
LOOK = 0.25  # seconds between two looks at which runs have ended
SETTLE = 1_000_000_000  # ns after the end of a run in which those whom it started may write

_FIRST = struct.pack("=I", 0)
_LIMIT = struct.Struct("=Q")
_PIECE = struct.Struct("=IIQ")  # struct piece
_RUN = struct.Struct("=QII")  # struct run: this, then two files, then the totals of both
_FILE = struct.Struct("=QQIIII")
_TOTALS = struct.Struct("=4Q")
_RUNS_FULL, _PROCESSES_FULL = range(2)  # enum counter
_TTYS = (4, 5, *range(136, 144))  # major numbers, Documentation/admin-guide/devices.txt
_NULL = 1 << 20 | 3  # as the kernel packs it, include/linux/kdev_t.h


def main(arguments: Sequence[str] | None = None) -> int:
    """Watch until told to end, and give the exit status."""
    (text,) = sys.argv[1:] if arguments is None else arguments
    settings = msgspec.json.decode(text, type=OutputSettings)
    try:
        outputs = Outputs(settings)
    except WhenceError as error:
        os.write(1, msgspec.json.encode(Refusal.of(error)) + b"\n")
        return error.exit_code
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, outputs.end)
    try:
        outputs.run()
    except BrokenPipeError:  # nobody reads any more
        return 0
    return 0


class Outputs:
    """The programs in the kernel, and what is read of them."""

    def __init__(self, settings: OutputSettings) -> None:
        if not LiveProcesses.open().numbered_as_kernel:
            raise CannotAsk(WHAT, because="processes have other numbers in this container than "
                            "the kernel gives them", try_="run it with --pid=host")  # fmt: skip
        if not OBJECT:
            raise CannotAsk(WHAT, because="the eBPF programs are not there",
                            try_="make bpf, or reinstall whence")  # fmt: skip
        try:
            capabilities.give_up_all_but(CAPABILITIES)
            self._bpf = BpfObject(OBJECT)
            self._bpf.attach()
        except CannotAsk as reason:
            because = f"{reason}: {reason.because}" if reason.because else str(reason)
            raise type(reason)(WHAT, because=because, try_=reason.try_) from reason
        self._bpf.map("limit").put(_FIRST, _LIMIT.pack(settings.limit))
        self._pieces = self._bpf.ring("pieces")
        self._runs = self._bpf.map("runs")
        self._counters = self._bpf.map("counters")
        self._ended = False
        hand_over(settings.socket, self._bpf.map("awaited").file)

    def run(self) -> None:
        """Tell what is written, and of each run when that is all."""
        self._tell([self._status()])
        looked = time.monotonic()
        while not self._ended:
            self._tell(map(_piece, self._pieces.gather(TURN)))
            if time.monotonic() - looked >= LOOK:
                looked = time.monotonic()
                before = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - SETTLE
                self._tell(self._over(before))
                self._tell([self._status(before)])
        self._bpf.detach("tp_btf/sys_exit")
        while records := self._pieces.gather(0):
            self._tell(map(_piece, records))
        self._tell(OutputEnded(number, totals) for number, _, totals in self._known())
        self._tell([self._status()])

    def end(self, *_: object) -> None:
        """End with the next turn."""
        self._ended = True

    def _over(self, before: int) -> Iterator[OutputEnded]:
        """Give the runs that ended before a moment; of those, nothing is seen any more.

        What they wrote was in the ring before that, and has been told.
        """
        over = [number for number, ended, _ in self._known() if 0 < ended < before]
        if over:
            self._tell(map(_piece, self._pieces.gather(0)))
        for number in over:
            value = self._runs.take(struct.pack("=I", number))
            if value:
                yield OutputEnded(number, _totals(value))

    def _known(self) -> Iterator[tuple[int, int, tuple[StreamTotals, StreamTotals]]]:
        for key, value in self._runs.items():
            (number,) = struct.unpack("=I", key)
            yield number, _RUN.unpack_from(value)[0], _totals(value)

    def _status(self, until: int = 0) -> OutputStatus:
        count = self._counters.sum
        return OutputStatus(count(_RUNS_FULL), count(_PROCESSES_FULL), self._missed(), until)

    def _missed(self) -> int:
        """Say how often the kernel left our program out: bpf_prog_get_recursion_context()."""
        told = Path(f"/proc/self/fdinfo/{self._bpf.program('returned')}").read_text()
        fields = dict(line.split(":\t", 1) for line in told.splitlines() if ":\t" in line)
        return int(fields.get("recursion_misses", 0))

    def _tell(self, lines: Iterator[OutputLine] | Sequence[OutputLine]) -> None:
        text = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
        while text:
            text = text[os.write(1, text) :]


def _piece(record: bytes) -> OutputPiece:
    run, stream, offset = _PIECE.unpack_from(record)
    return OutputPiece(run, stream, offset, record[_PIECE.size :])


def _totals(run: bytes) -> tuple[StreamTotals, StreamTotals]:
    files = [_FILE.unpack_from(run, _RUN.size + number * _FILE.size) for number in range(2)]
    at = _RUN.size + 2 * _FILE.size
    both = [_TOTALS.unpack_from(run, at + number * _TOTALS.size) for number in range(2)]
    out, err = (
        StreamTotals(_kind(file), written, passed_on, unread + dropped)
        for file, (written, passed_on, unread, dropped) in zip(files, both, strict=True)
    )
    return out, err


def _kind(file: tuple[int, ...]) -> str:
    _, inode, _, special, mode, _ = file
    if not inode:
        return ""
    if stat.S_ISCHR(mode):
        if special == _NULL:
            return "null"
        return "tty" if special >> 20 in _TTYS else "device"
    kinds = {stat.S_IFIFO: "pipe", stat.S_IFREG: "file", stat.S_IFSOCK: "socket"}
    return kinds.get(stat.S_IFMT(mode), "device")


if __name__ == "__main__":
    sys.exit(main())
