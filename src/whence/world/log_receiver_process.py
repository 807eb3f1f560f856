"""The process that receives log lines: started, and read."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
from collections.abc import Iterator
from typing import IO, cast

import msgspec

from whence.model import CannotAsk
from whence.model.log_receiving import ReceiverSettings, ReceiverStatus
from whence.model.refusal import Refusal
from whence.world.own_process import ask_to_end, last_words, wait_for_end

ENDING = 30.0  # seconds in which it may complete the spool
CHUNK = 1 << 16
LOOK = 0.2  # seconds after which somebody who waits is asked whether to go on


class LogReceiverProcess:
    """Runs ``python -m whence.sensors.log_receiving``, which has no rights once it listens."""

    def __init__(self, settings: ReceiverSettings) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "whence.sensors.log_receiving",
                msgspec.json.encode(settings).decode(),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # ^C is for us: it is then told to complete the spool
        )
        self._rest = b""

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def statuses(self) -> Iterator[ReceiverStatus | None]:
        """Yield how it is, once a second; None in between; the last when it has ended.

        Raises
        ------
        WhenceError
            If it cannot receive here, or died.

        """
        pipe = cast(IO[bytes], self._process.stdout).fileno()
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while True:
                if not selector.select(LOOK):
                    yield None
                    continue
                chunk = os.read(pipe, CHUNK)
                *lines, self._rest = (self._rest + chunk).split(b"\n")
                for line in lines:
                    status = _read(line)
                    yield status
                    if status.ended:
                        return
                if not chunk:
                    raise CannotAsk(
                        "the receiver ended by itself; what it had received is in the spool",
                        because=last_words(self._process),
                    )

    def end(self) -> None:
        """Tell it to complete the spool; ``statuses`` gives the last one then."""
        ask_to_end(self._process)

    def close(self) -> None:
        """End it, and wait for that."""
        self.end()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()
        wait_for_end(self._process, ENDING)

    def __enter__(self) -> LogReceiverProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _read(line: bytes) -> ReceiverStatus:
    document = msgspec.json.decode(line)
    if error := document.get("error"):
        raise msgspec.convert(error, Refusal).error()
    return msgspec.convert(document, ReceiverStatus)
