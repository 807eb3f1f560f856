"""What a program says when it is asked for ``--help``: the one thing of it that is ever run.

It runs as nobody, in namespaces of its own, with nothing to write to and nobody to reach.
"""

from __future__ import annotations

import os
import selectors
import stat
import subprocess
import sys
import time
from pathlib import Path

from whence.model import CannotAsk, NotPermitted
from whence.world.program_file import opened, sums
from whence.world.this_host import asking_for

SANDBOX = Path(__file__).with_name("help_sandbox.py")
PATIENCE = 5.0  # seconds
LARGEST = 64 << 10  # bytes that are kept
QUESTION = "--help"


def help_of(path: str) -> str:
    """Run a program with ``--help``, confined, and give what it says.

    Raises
    ------
    CannotAsk
        If it may not be run, cannot be confined, or says nothing in time.

    """
    path = os.path.realpath(path)
    _refuse_rights(path)
    with opened(path) as file:
        if not os.fstat(file.fileno()).st_mode & 0o111:
            raise CannotAsk(f"{path} was not run", because="it is not executable")
    told, why, ended = _run(path)
    if why:
        raise NotPermitted(
            f"{path} was not run", because=f"it could not be confined: {why}",
            try_="run whence as root, or read its manual page",
        )  # fmt: skip
    if not told.strip():
        how = f"it took over {PATIENCE:.0f} s" if ended is None else f"it ended with {ended}"
        raise CannotAsk(f"{path} {QUESTION} said nothing", because=how)
    return told.decode("utf-8", "replace")


def _refuse_rights(path: str) -> None:
    with asking_for(path):
        mode = Path(path).stat().st_mode
    carried = mode & (stat.S_ISUID | stat.S_ISGID) or '"capabilities"' in sums(path)
    if carried:
        because = "it runs with the rights of others: set-user-ID, set-group-ID or capabilities"
        raise CannotAsk(f"{path} was not run", because=because)


def _run(path: str) -> tuple[bytes, str, int | None]:
    """Give what it said, why it was not run, and how it ended; None: it was ended."""
    refused, told_by = os.pipe()
    command = [sys.executable, "-I", "-S", str(SANDBOX), str(told_by), path, QUESTION]
    with os.fdopen(refused, "rb") as why:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env={}, cwd="/",
                stderr=subprocess.STDOUT, pass_fds=[told_by], start_new_session=True,
            )  # fmt: skip
        finally:
            os.close(told_by)
        with process:
            try:
                said, in_time = _read(process)
            finally:
                process.kill()
            status = process.wait()
        return said, why.read(1000).decode("utf-8", "replace"), status if in_time else None


def _read(process: subprocess.Popen[bytes]) -> tuple[bytes, bool]:
    """Read until it ends, has said enough, or the time is over; say whether it ended."""
    assert process.stdout
    said, end = b"", time.monotonic() + PATIENCE
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        while len(said) < LARGEST:
            if not ready.select(max(0.0, end - time.monotonic())):
                return said, False
            piece = os.read(process.stdout.fileno(), LARGEST - len(said))
            if not piece:
                process.wait(max(0.1, end - time.monotonic()))
                return said, True
            said += piece
    return said, False
