"""The process that captures: started, told who makes which flow, and read."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import msgspec

from whence.model import CannotAsk, Flow, WhenceError
from whence.model.capture import CaptureSettings, CaptureStatus
from whence.model.refusal import Refusal
from whence.world.durable import make_folder, permit, remove_folder
from whence.world.own_process import ask_to_end, last_words, wait_for_end

ENDING = 30.0  # seconds in which it may complete its files
FOLDER = 0o700


class Told(msgspec.Struct, frozen=True):
    """Who makes a flow, in the words of the file."""

    flow: Flow
    since: int  # ns since 1970
    comment: str
    earlier: str  # the comment of packets that are older


def error_line(error: WhenceError) -> bytes:
    """Write why a capture cannot go on."""
    return msgspec.json.encode({"error": Refusal.of(error)}) + b"\n"


class CaptureProcess:
    """Runs ``python -m whence.sensors.capturing``, which has no rights once it has begun."""

    def __init__(self, settings: CaptureSettings) -> None:
        self._folder = Path(settings.folder)
        self._has_made_folder = not self._folder.exists()
        make_folder(self._folder, FOLDER)
        permit(self._folder, FOLDER)
        self._is_to_end = False
        self.untold = 0  # makers that it could not be told of, because it was busy
        argv = [sys.executable, "-m", "whence.sensors.capturing"]
        self._process = subprocess.Popen(
            [*argv, msgspec.json.encode(settings).decode()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # ^C is for us: it is then told to complete its files
        )
        self._lock = threading.Lock()
        os.set_blocking(cast(IO[bytes], self._process.stdin).fileno(), False)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def tell(self, told: Told) -> None:
        """Tell it who makes a flow; never wait for that."""
        line = msgspec.json.encode(told) + b"\n"
        with self._lock:
            pipe = self._process.stdin
            if pipe is None or pipe.closed:
                return
            try:
                # A line is shorter than PIPE_BUF or cut so by the sender: all of it or nothing.
                os.write(pipe.fileno(), line)
            except BlockingIOError:
                self.untold += 1
            except BrokenPipeError:
                pass

    def statuses(self, seconds: float | None = None) -> Iterator[CaptureStatus]:
        """Yield how it is, once a second; the last time when it has ended, after ``seconds``.

        Raises
        ------
        WhenceError
            If it cannot capture here, or died.

        """
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            if until is not None and time.monotonic() >= until:
                self.end()
                until = None
            status = self._read()
            yield status
            if status.ended:
                return

    def end(self) -> None:
        """Tell it to complete its files; ``statuses`` gives the last one then."""
        self._is_to_end = True
        ask_to_end(self._process)

    def close(self) -> None:
        """End it, and wait for that; a folder into which nothing was written is not left behind."""
        self.end()
        with self._lock, contextlib.suppress(OSError):
            cast(IO[bytes], self._process.stdin).close()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()
        wait_for_end(self._process, ENDING)
        if self._has_made_folder:
            remove_folder(self._folder)  # unless there is something in it

    def __enter__(self) -> CaptureProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> CaptureStatus:
        line = cast(IO[bytes], self._process.stdout).readline()
        if not line:
            if self._is_to_end and self._process.wait() == -signal.SIGTERM:
                return CaptureStatus(ended=True)  # before it had begun
            raise self._died()
        document: dict[str, Any] = msgspec.json.decode(line)
        if error := document.get("error"):
            raise msgspec.convert(error, Refusal).error()
        return msgspec.convert(document, CaptureStatus)

    def _died(self) -> CannotAsk:
        because = last_words(self._process)
        return CannotAsk("the capture ended by itself; its files can be read", because=because)
