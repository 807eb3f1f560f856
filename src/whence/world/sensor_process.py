"""A sensor as a process of its own, read through its standard output."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import IO, cast

import msgspec

from whence.model import CannotAsk, Flow, SensorStatus, Sighting
from whence.model.sensor_lines import LineReader
from whence.world.own_process import end_reading, last_words
from whence.world.pipe_lines import PipeLines

AUTO = "auto"
ENDING = 5.0  # seconds that a sensor may take to detach before it is killed
READY = 60.0  # seconds after which a sensor that has said nothing is taken for stuck


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
            argv,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # ^C is for us: it is told to end then
        )
        self._lines = PipeLines(cast(IO[bytes], self._process.stdout))
        self._reader = LineReader()
        self._read: deque[bytes] = deque()
        self._ready = False  # whether it has said anything

    def events(self, seconds: float | None = None) -> Iterator[Sighting | SensorStatus | None]:
        """Yield what the sensor says, and None about once a second while it says nothing.

        What was not taken from an earlier call comes first. Ends after ``seconds``, or never when
        that is None. They count from the first that it says: before that it sees nothing.

        Raises
        ------
        CannotAsk
            If the sensor cannot run here, says nothing at all, or died.

        """
        for _, event in self._timed(seconds):
            yield event

    def timed_events(
        self, most: timedelta
    ) -> Iterator[tuple[timedelta, Sighting | SensorStatus | None]]:
        """Yield events with the time since the sensor was ready; ends after ``most``."""
        for spent, event in self._timed(most.total_seconds()):
            yield timedelta(seconds=spent), event

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
        end_reading(self._process, self._lines, ENDING)

    def __enter__(self) -> SensorProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _timed(
        self, seconds: float | None
    ) -> Iterator[tuple[float, Sighting | SensorStatus | None]]:
        began, spent = time.monotonic(), 0.0
        while True:
            while self._read:
                event = self._reader.event(self._read.popleft())
                if event:
                    yield spent, event
            if seconds is not None and spent >= seconds:
                return
            lines = self._lines.read(1.0 if seconds is None else min(1.0, seconds - spent))
            if lines is None:
                raise self._died()
            if lines and not self._ready:
                began, self._ready = time.monotonic(), True
            waited = time.monotonic() - began
            if not self._ready and waited > READY:
                raise CannotAsk(
                    "the sensor does not start",
                    because=f"it said nothing for {READY:.0f} s",
                    try_="whence doctor",
                )
            spent = waited if self._ready else 0.0
            self._read.extend(lines)
            if not lines:
                yield spent, None

    def _died(self) -> CannotAsk:
        because = last_words(self._process)
        return CannotAsk("the sensor ended by itself", because=because, try_="whence doctor")
