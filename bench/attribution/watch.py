"""Run one method beside the workload: when it is ready, what it printed, what it cost."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 30.0  # seconds that a method may take until it is ready


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process and all below it have used so far."""

    at: float
    cpu_seconds: float
    memory_bytes: int  # the sum of the peaks of those alive


@dataclass(slots=True)
class Watched:
    """A running method."""

    process: subprocess.Popen[bytes]
    arrived: Callable[[bytes], None]  # is handed each line as it comes
    errors: IO[bytes]
    ready: threading.Event = field(default_factory=threading.Event)
    peak_bytes: int = 0
    finished: bool = False

    def usage(self) -> Usage:
        found = usage(self.process.pid)
        self.peak_bytes = max(self.peak_bytes, found.memory_bytes)
        return found

    def complaint(self) -> str:
        """The last thing that the method wrote to its standard error."""
        self.errors.seek(0)
        lines = self.errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else f"ended with status {self.process.poll()}"


class NotReady(Exception):
    """The method never began to watch; the text is its own complaint."""


@contextmanager
def watched(
    command: list[str], ready: bytes | None, arrived: Callable[[bytes], None], stop: signal.Signals
) -> Iterator[Watched]:
    """Start a method, wait until it watches, and end it and its children afterwards.

    ``ready`` is part of a line that says so; None means that half a second is enough.
    """
    with TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        method = Watched(process, arrived, errors)
        reader = threading.Thread(target=_read, args=(method, ready), daemon=True)
        sampler = threading.Thread(target=_sample, args=(method,), daemon=True)
        try:
            reader.start()
            _await(method, ready)
            sampler.start()
            yield method
        finally:
            method.finished = True
            _stop(process, stop)
            reader.join(10)


def _read(method: Watched, ready: bytes | None) -> None:
    if method.process.stdout is None:
        return
    for line in method.process.stdout:
        if ready is not None and not method.ready.is_set() and ready in line:
            method.ready.set()
        method.arrived(line)


def _await(method: Watched, ready: bytes | None) -> None:
    if ready is None:
        time.sleep(0.5)
    else:
        until = time.monotonic() + PATIENCE
        while not method.ready.wait(0.05):
            if method.process.poll() is not None or time.monotonic() > until:
                raise NotReady(method.complaint())
    if method.process.poll() is not None:
        raise NotReady(method.complaint())


def _sample(method: Watched) -> None:
    while not method.finished:
        method.usage()
        time.sleep(0.5)


def _stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """End the session that we started: the process and what it left running."""
    for wish, patience in ((how, 10), (signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, wish)
            process.wait(patience)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
        break


def usage(session: int) -> Usage:
    """Add up what the processes of a session and the children they have reaped have used."""
    cpu, memory = 0.0, 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rpartition(") ")[2].split()
            if int(fields[3]) != session:
                continue
            status = (process / "status").read_text()
        except OSError:
            continue  # gone by now: its parent holds what it used
        cpu += sum(map(int, fields[11:15])) / TICKS  # utime stime cutime cstime, proc(5)
        memory += next(
            (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0
        )
    return Usage(time.monotonic(), cpu, memory * 1024)
