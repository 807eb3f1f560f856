"""The process that is asked before each run of a program: started, and read."""

from __future__ import annotations

import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from typing import IO, cast

import msgspec

from whence.model import CannotAsk
from whence.model.refusal import Refusal
from whence.model.trapped import RunBegan, RunEnded, TrapLine, TrapSettings, TrapStatus
from whence.world.own_process import ask_to_end, end_reading, last_words
from whence.world.pipe_lines import PipeLines

ENDING = 5.0  # seconds in which it may say its last
KILLED = -9

_LINE = msgspec.json.Decoder(TrapLine)


class TrapProcess:
    """Runs ``python -m whence.sensors.trapping``, which keeps two capabilities."""

    def __init__(self, settings: TrapSettings) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "whence.sensors.trapping", msgspec.json.encode(settings)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(settings.awaited,) if settings.awaited >= 0 else (),
            start_new_session=True,  # ^C is for us: it is then told to end
        )
        self._read: deque[bytes] = deque()
        self._lines = PipeLines(cast(IO[bytes], self._process.stdout))

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def read(self, seconds: float) -> Iterator[RunBegan | RunEnded | TrapStatus]:
        """Yield what it says within so many seconds.

        Raises
        ------
        WhenceError
            If it cannot watch here, or died.

        """
        lines = [] if self._read else self._lines.read(seconds)
        if lines is None:
            raise self._died()
        self._read.extend(lines)
        while self._read:  # what is not taken, because somebody is interrupted, stays here
            told = _LINE.decode(self._read.popleft())
            if isinstance(told, Refusal):
                raise told.error()
            yield told

    def end(self) -> Iterator[RunBegan | RunEnded | TrapStatus]:
        """Tell it to end, and yield the last that it says."""
        ask_to_end(self._process)
        while (lines := self._lines.read(ENDING)) is not None:
            self._read.extend(lines)
            while self._read:
                told = _LINE.decode(self._read.popleft())
                if not isinstance(told, Refusal):
                    yield told

    def close(self) -> None:
        """End it, and wait for that."""
        end_reading(self._process, self._lines, ENDING)

    def __enter__(self) -> TrapProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _died(self) -> CannotAsk:
        because = last_words(self._process)
        if self._process.returncode == KILLED:
            because = (
                "it was killed; the kernel does so when it hangs or is stopped for 3 s, since "
                "whoever runs the program waits for it"
            )
        return CannotAsk(
            "the trap ended by itself", because=because, try_="set it again; nothing is blocked"
        )
