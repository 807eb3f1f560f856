"""Runs the commands that change a mirror on this machine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence

from whence.model import CannotAsk

Command = Callable[[Sequence[str], str], str]
PATIENCE = 20.0  # s
LONGEST = 4 << 20  # characters of what is printed
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def run(argv: Sequence[str], text: str = "") -> str:
    """Run a command, with ``text`` as its input, and give what it printed.

    Raises
    ------
    CannotAsk
        With the command's own last words, if it fails.

    """
    program = shutil.which(argv[0], path=SYSTEM_PATH)
    if program is None:
        raise CannotAsk(f"could not run {argv[0]}", because="it is not installed")
    try:
        done = subprocess.run(
            (program, *argv[1:]), input=text, capture_output=True, text=True, errors="replace",
            timeout=PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as e:
        raise CannotAsk(f"{argv[0]} did not end within {PATIENCE:.0f} s") from e
    except OSError as e:
        raise CannotAsk(f"could not run {argv[0]}", because=e.strerror or str(e)) from e
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()
        because = words[0] if words else f"exit status {done.returncode}"
        raise CannotAsk(f"{argv[0]} failed", because=because)
    return done.stdout[:LONGEST]
