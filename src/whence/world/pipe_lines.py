"""The lines that a process of our own writes to a pipe."""

from __future__ import annotations

import os
import selectors
from typing import IO

CHUNK = 1 << 16


class PipeLines:
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
        """Read no more."""
        self._selector.close()
        self._pipe.close()
