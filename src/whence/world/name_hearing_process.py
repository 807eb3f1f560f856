"""The process that hears names, started, and read."""

from __future__ import annotations

import subprocess
import sys
from typing import IO, cast

import msgspec

from whence.model import CannotAsk
from whence.model.heard_names import HeardLine, HeardName, HearingStatus
from whence.model.refusal import Refusal
from whence.world.own_process import end_reading, last_words
from whence.world.pipe_lines import PipeLines

ENDING = 3.0  # seconds that it may take to end

_LINE = msgspec.json.Decoder(HeardLine)


class NameHearingProcess:
    """Runs ``python -m whence.sensors.name_hearing``, which keeps no right at all."""

    def __init__(self) -> None:
        self.status: HearingStatus | None = None  # None: it has not begun yet
        self._process = subprocess.Popen(
            [sys.executable, "-m", "whence.sensors.name_hearing"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # ^C is for us
        )
        self._lines = PipeLines(cast(IO[bytes], self._process.stdout))

    def read(self, seconds: float = 0.0) -> list[HeardName]:
        """Give what it has heard.

        Raises
        ------
        WhenceError
            If it cannot listen here, or died.

        """
        heard = []
        while lines := self._lines.read(seconds):
            for line in lines:
                told = _LINE.decode(line)
                if isinstance(told, Refusal):
                    raise told.error()
                if isinstance(told, HeardName):
                    heard.append(told)
                else:
                    self.status = told
            seconds = 0.0
        if lines is None and not heard:
            because = last_words(self._process)
            raise CannotAsk("what hears names ended by itself", because=because)
        return heard

    def close(self) -> None:
        """End it."""
        end_reading(self._process, self._lines, ENDING)
