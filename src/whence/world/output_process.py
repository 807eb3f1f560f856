"""The process that sees what runs of a program write: started, and read."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import IO, cast

import msgspec

from whence.model import CannotAsk
from whence.model.refusal import Refusal
from whence.model.run_output import (
    OutputEnded,
    OutputLine,
    OutputPiece,
    OutputSettings,
    OutputStatus,
)
from whence.world.handed_over import taken_over
from whence.world.own_process import ask_to_end, end_reading, last_words
from whence.world.pipe_lines import PipeLines

READY = 30.0  # seconds that it may take to begin
ENDING = 5.0  # seconds in which it may say its last

_LINE = msgspec.json.Decoder(OutputLine)


class OutputProcess:
    """Runs ``python -m whence.sensors.outputs``, which keeps two capabilities."""

    def __init__(self, limit: int) -> None:
        """Start it, and wait until it sees.

        Raises
        ------
        CannotAsk
            If it cannot be seen here what is written.

        """
        ours, its = socket.socketpair()
        with ours, its:
            settings = OutputSettings(limit, its.fileno())
            self._process = subprocess.Popen(
                [sys.executable, "-m", "whence.sensors.outputs", msgspec.json.encode(settings)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(its.fileno(),),
                start_new_session=True,  # ^C is for us: it is then told to end
            )
            its.close()
            self._lines = PipeLines(cast(IO[bytes], self._process.stdout))
            self.awaited = -1  # the map of processes that are about to become a run
            try:
                ours.settimeout(READY)
                file = taken_over(ours)
                if file is None:
                    raise self._refused()
                self.awaited = file
            except BaseException:
                self.close()
                raise

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def read(self, seconds: float) -> Iterator[OutputPiece | OutputEnded | OutputStatus]:
        """Yield what it says within so many seconds.

        Raises
        ------
        CannotAsk
            If it died.

        """
        lines = self._lines.read(seconds)
        if lines is None:
            raise CannotAsk("what the runs write is not seen any more: its sensor ended by itself",
                            because=last_words(self._process))  # fmt: skip
        yield from self._told(lines)

    def end(self) -> Iterator[OutputPiece | OutputEnded | OutputStatus]:
        """Tell it to end, and yield the last that it says."""
        ask_to_end(self._process)
        while (lines := self._lines.read(ENDING)) is not None:
            yield from self._told(lines)

    def let_go_of_map(self) -> None:
        """Close the map here, once another process has it."""
        if self.awaited >= 0:
            os.close(self.awaited)
            self.awaited = -1

    def close(self) -> None:
        """End it, and wait for that."""
        self.let_go_of_map()
        end_reading(self._process, self._lines, ENDING)

    def _told(self, lines: list[bytes]) -> Iterator[OutputPiece | OutputEnded | OutputStatus]:
        for line in lines:
            told = _LINE.decode(line)
            if not isinstance(told, Refusal):
                yield told

    def _refused(self) -> Exception:
        for line in self._lines.read(ENDING) or ():
            told = _LINE.decode(line)
            if isinstance(told, Refusal):
                return told.error()
        return CannotAsk("what the runs write cannot be seen: its sensor ended by itself",
                         because=last_words(self._process))  # fmt: skip
