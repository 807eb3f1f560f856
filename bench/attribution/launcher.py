"""Start the workload as cron would: from a process that belongs to init, not to the bench.

The parents of a process are part of what a sensor tells, so the long command lines of whoever runs
the bench would be part of what is measured.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

TRUTH = 9  # the file descriptor on which the workload writes the truth; sh wants one digit


@dataclass(frozen=True, slots=True)
class Launcher:
    """A shell whose parent is init, and that runs what it is told, one command after the other."""

    folder: Path
    commands: IO[str]

    def run(self, command: Sequence[str], env: Mapping[str, str], told: str = "") -> str:
        """Run a command to its end, with ``told`` as its input, and give what it printed."""
        told_to, said, status = (self.folder / name for name in ("told", "said", "status"))
        told_to.write_text(told)
        settings = [f"{name}={value}" for name, value in {**env, "BENCH_TRUTH": TRUTH}.items()]
        line = shlex.join(["env", *settings, *command])
        self.commands.write(f"{line} <{told_to} >{said} {TRUTH}>>{self.truth}; echo $? >{status}\n")
        self.commands.flush()
        ended = status.read_text().strip()  # a FIFO: this waits
        if ended != "0":
            raise RuntimeError(f"{command[-1]} ended with status {ended}")
        return said.read_text()

    @property
    def truth(self) -> Path:
        return self.folder / "truth"


@contextmanager
def launcher(folder: Path) -> Iterator[Launcher]:
    """Start the shell; it ends when nobody holds its input any more."""
    os.mkfifo(folder / "status")
    heard, written = os.pipe()
    with os.fdopen(written, "w") as commands:
        with os.fdopen(heard) as stdin:
            nothing = subprocess.DEVNULL  # or it would keep the pipes of the bench open
            subprocess.run(["setsid", "--fork", "sh"], stdin=stdin, stdout=nothing, check=True)
        yield Launcher(folder, commands)
