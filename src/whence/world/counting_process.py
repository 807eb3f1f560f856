"""The process that counts packets, read through its standard output."""

from __future__ import annotations

import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

import msgspec

from whence.model import CannotAsk, WhenceError
from whence.model.refusal import Refusal
from whence.world.own_process import ask_to_end, last_words, wait_for_end
from whence.world.packet_counts import Counts

LENGTH = struct.Struct("=I")
ENDING = 5.0  # seconds that it may take to write its last counts


def frame(counts: Counts) -> bytes:
    """Write counts as they go through the pipe."""
    return _framed({"counts": counts})


def frame_of_error(error: WhenceError) -> bytes:
    """Write, likewise, why there are none."""
    return _framed({"error": Refusal.of(error)})


def _framed(value: object) -> bytes:
    body = msgspec.msgpack.encode(value)
    return LENGTH.pack(len(body)) + body


class CountingProcess:
    """Runs ``python -m whence.sensors.packet_counting`` and reads what it counts."""

    def __init__(self, interfaces: Sequence[str], every: float = 1.0, by: str = "") -> None:
        argv = [sys.executable, "-m", "whence.sensors.packet_counting", *interfaces]
        argv += ["--every", str(every), *(("--by", by) if by else ())]
        self._process = subprocess.Popen(
            argv,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # ^C is for us: it is asked for its last counts then
        )

    def counts(self, seconds: float | None = None) -> Iterator[Counts]:
        """Yield what was counted, about once in ``every``; the last after ``seconds``.

        Raises
        ------
        BadInput, NotPermitted, CannotAsk
            If it cannot count here, or died.

        """
        yield self._next()
        until = None if seconds is None else time.monotonic() + seconds
        while until is None or time.monotonic() < until:
            yield self._next()
        yield from self.rest()

    def rest(self) -> Iterator[Counts]:
        """End it, and yield what it counted last."""
        ask_to_end(self._process)
        while (found := self._read()) is not None:
            yield found

    def close(self) -> None:
        """End it."""
        ask_to_end(self._process)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()
        wait_for_end(self._process, ENDING)

    def __enter__(self) -> CountingProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _next(self) -> Counts:
        found = self._read()
        if found is None:
            raise self._died()
        return found

    def _read(self) -> Counts | None:
        pipe = self._process.stdout
        if pipe is None:
            return None
        head = pipe.read(LENGTH.size)
        if len(head) < LENGTH.size:
            return None
        document = msgspec.msgpack.decode(pipe.read(LENGTH.unpack(head)[0]))
        if error := document.get("error"):
            raise msgspec.convert(error, Refusal).error()
        return msgspec.convert(document["counts"], Counts)

    def _died(self) -> CannotAsk:
        because = last_words(self._process)
        return CannotAsk("what counts the packets ended by itself", because=because)
