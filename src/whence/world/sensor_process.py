"""A sensor as a process of its own, read through its standard output."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import IO, cast

import msgspec

from whence.model import CannotAsk, Flow, NotPermitted, SensorStatus, Sighting, ecs

AUTO = "auto"
ENDING = 5.0  # seconds that a sensor may take to detach before it is killed
CHUNK = 1 << 16


class SensorProcess:
    """Runs ``python -m whence.sensors`` and reads what it sees, a JSON object a line.

    The sensor keeps only its own rights; this process needs none of them afterwards.
    """

    def __init__(self, matching: Sequence[Flow] = (), level: str = AUTO) -> None:
        argv = [sys.executable, "-m", "whence.sensors", "--level", level]
        for flow in matching:
            stated = {k: v for k, v in msgspec.to_builtins(flow).items() if v is not None}
            argv += ["--match", msgspec.json.encode(stated).decode()]
        self._process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
        self._lines = _Lines(cast(IO[bytes], self._process.stdout))
        self._read: deque[bytes] = deque()

    def events(self, seconds: float | None = None) -> Iterator[Sighting | SensorStatus | None]:
        """Yield what the sensor says, and None about once a second while it says nothing.

        What was not taken from an earlier call comes first. Ends after ``seconds``, or never when
        that is None.

        Raises
        ------
        CannotAsk
            If the sensor cannot run here, or died.

        """
        yield from self._taken()
        end = None if seconds is None else time.monotonic() + seconds
        while end is None or time.monotonic() < end:
            left = 1.0 if end is None else min(1.0, max(0.0, end - time.monotonic()))
            lines = self._lines.read(left)
            if lines is None:
                raise self._died()
            if not lines:
                yield None
            self._read.extend(lines)
            yield from self._taken()

    def _taken(self) -> Iterator[Sighting | SensorStatus]:
        while self._read:
            yield self._event(self._read.popleft())

    def timed_events(
        self, most: timedelta
    ) -> Iterator[tuple[timedelta, Sighting | SensorStatus | None]]:
        """Yield events with the time since this call; ends after ``most``."""
        began = time.monotonic()
        for event in self.events(most.total_seconds()):
            yield timedelta(seconds=time.monotonic() - began), event

    def ticking_events(
        self, every: float = 1.0
    ) -> Iterator[tuple[bool, Sighting | SensorStatus | None]]:
        """Yield events without end; the flag is set about once in ``every`` seconds."""
        due = time.monotonic() + every
        for event in self.events():
            tick = time.monotonic() >= due
            yield tick, event
            if tick:
                due = time.monotonic() + every

    def close(self) -> None:
        """Let the sensor detach, and wait for its end."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(ENDING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._lines.close()
        if self._process.stderr:
            self._process.stderr.close()

    def __enter__(self) -> SensorProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _event(self, line: bytes) -> Sighting | SensorStatus:
        document = msgspec.json.decode(line)
        if error := document.get("error"):
            kind = NotPermitted if error.get("exit_code") == NotPermitted.exit_code else CannotAsk
            raise kind(error["what"], because=error.get("because", ""), try_=error.get("try", ""))
        if document["event"]["action"] == "sensor-status":
            return ecs.to_status(document)
        return ecs.to_sighting(document)

    def _died(self) -> CannotAsk:
        status = self._process.wait()
        errors = self._process.stderr.read() if self._process.stderr else b""
        words = errors.decode("utf-8", "replace").strip().splitlines()
        because = words[-1] if words else f"exit status {status}"
        return CannotAsk("the sensor ended by itself", because=because, try_="whence doctor")


class _Lines:
    """The whole lines that a pipe has, without waiting longer than asked."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._rest = b""
        self._ended = False
        os.set_blocking(pipe.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(pipe, selectors.EVENT_READ)

    def read(self, seconds: float) -> list[bytes] | None:
        """Give the lines that come within ``seconds``; None when the pipe is closed."""
        if self._ended:
            return None
        if not self._selector.select(seconds):
            return []
        chunk = os.read(self._pipe.fileno(), CHUNK)
        if not chunk:
            self._ended = True  # a line without its end is of a sensor that was killed
            return None
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        return lines

    def close(self) -> None:
        self._selector.close()
        self._pipe.close()
