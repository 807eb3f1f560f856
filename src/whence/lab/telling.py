"""How a story is told: an administrator types a command, and whence answers."""

from __future__ import annotations

import random
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from whence.lab.building import tool

WHENCE = (sys.executable, "-m", "whence.cli.main")
ENTER = "then press Enter: "  # whence waits for a person, see world.person
LONGEST = 300.0  # seconds after which whence has not kept its word
ENDING = 20.0  # seconds for it to end after ^C


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
        person: Callable[[str], None] | None = None,
        longest: float = LONGEST,
    ) -> Answer:
        """Type ``whence WORDS`` where ``prefix`` leads, and give what it answers.

        ``meanwhile`` is done again and again until it has, after ``pauses`` seconds by chance.
        A ``person`` does what whence asks to be done by hand, and presses Enter.
        """
        command = shlex.join(("whence", *words))
        self.show(f"  $ {command}\n")
        argv = (*_leash(), *prefix, *self.whence, *words)
        with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as warned:
            began = time.monotonic()
            with subprocess.Popen(
                argv,
                stdin=subprocess.PIPE if person else subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.PIPE if person else warned,
                text=True,
            ) as asking:
                try:
                    if person:
                        warned.write(_do_by_hand(asking, person, self.show))
                    _wait(asking, began + longest, meanwhile, pauses)
                finally:
                    asking.kill()
            seconds = time.monotonic() - began
            texts = _all(said), _all(warned)
        answer = Answer(command, *texts, asking.returncode, seconds)
        self.show(answer.text or answer.errors)
        return answer

    def type(self, prefix: Sequence[str], line: str, keys: str = "") -> Answer:
        """Type a line into a shell as whence printed it; ``keys`` go to what the line starts."""
        self.show(f"  $ {line}")
        began = time.monotonic()
        done = subprocess.run(
            (*_leash(), *prefix, "sh", "-c", line),
            input=keys,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        seconds = time.monotonic() - began
        return Answer(line, done.stdout, done.stderr, done.returncode, seconds)

    @contextmanager
    def beside(self, prefix: Sequence[str], *words: str) -> Iterator[None]:
        """Have ``whence WORDS`` run in a second terminal meanwhile, and end it then.

        Whoever is to go meanwhile does not wait for it. ^C would not reach it where whoever
        started us ignores that, as nohup(1) does.
        """
        self.show(f"  $ {shlex.join(('whence', *words))}   # in a second terminal\n")
        with subprocess.Popen(
            (*_leash(), *prefix, *self.whence, *words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as running:
            try:
                yield
            finally:
                try:
                    running.terminate()
                    with suppress(subprocess.TimeoutExpired):
                        running.wait(ENDING)
                finally:
                    running.kill()


def _leash() -> tuple[str, ...]:
    """Give the words by which a program does not stay behind on a machine that is to go."""
    return (tool("setpriv"), "--pdeathsig", "TERM")


def _do_by_hand(
    asking: subprocess.Popen[str], person: Callable[[str], None], show: Callable[[str], None]
) -> str:
    """Do what is asked for until nothing more is; give all that was written meanwhile."""
    assert asking.stdin
    assert asking.stderr
    written, line = "", ""
    while character := asking.stderr.read(1):
        written += character
        line = "" if character == "\n" else line + character
        if line == ENTER:
            request = written.splitlines()[-2].removeprefix(ENTER)
            show(f"  {request}")
            person(request)
            written, line = f"{written}\n", ""
            asking.stdin.write("\n")
            asking.stdin.flush()
    return written


def _wait(
    asking: subprocess.Popen[str],
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
