"""How a story is told: an administrator types a command, and whence answers."""

from __future__ import annotations

import random
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from whence.lab.building import tool

WHENCE = (sys.executable, "-m", "whence.cli.main")
LONGEST = 300.0  # seconds after which whence has not kept its word


@dataclass(frozen=True, slots=True)
class Answer:
    """A command that was typed, and what came of it."""

    command: str  # as it was typed
    text: str  # what it wrote to its output
    errors: str
    status: int
    seconds: float  # from the command to the end of its answer

    @property
    def sentence(self) -> str:
        """The first line, which is to be all of it."""
        return self.text.strip().partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Telling:
    """Plays the administrator."""

    whence: tuple[str, ...] = WHENCE  # the words that start it
    show: Callable[[str], None] = print

    def ask(
        self,
        prefix: Sequence[str],
        *words: str,
        meanwhile: Callable[[], None] | None = None,
        pauses: tuple[float, float] = (3, 8),
        longest: float = LONGEST,
    ) -> Answer:
        """Type ``whence WORDS`` where ``prefix`` leads, and give what it answers.

        ``meanwhile`` is done again and again until it has, after ``pauses`` seconds by chance.
        """
        # setpriv: if we are killed, whence does not stay behind on a machine that is to go.
        leash = (tool("setpriv"), "--pdeathsig", "TERM")
        command = shlex.join(("whence", *words))
        self.show(f"  $ {command}\n")
        with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as warned:
            argv = (*leash, *prefix, *self.whence, *words)
            began = time.monotonic()
            with subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=said, stderr=warned
            ) as asking:
                try:
                    _wait(asking, began + longest, meanwhile, pauses)
                finally:
                    asking.kill()
            seconds = time.monotonic() - began
            texts = _all(said), _all(warned)
        answer = Answer(command, *texts, asking.returncode, seconds)
        self.show(answer.text or answer.errors)
        return answer


def _wait(
    asking: subprocess.Popen[bytes],
    deadline: float,
    meanwhile: Callable[[], None] | None,
    pauses: tuple[float, float],
) -> None:
    while time.monotonic() < deadline:
        pause = random.uniform(*pauses) if meanwhile else deadline - time.monotonic()
        try:
            asking.wait(pause)
        except subprocess.TimeoutExpired:
            if meanwhile:
                meanwhile()
        else:
            return


def _all(written: IO[str]) -> str:
    written.seek(0)
    return written.read()
