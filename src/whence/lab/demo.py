"""The story from the first line to the last, with the real whence in it."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from whence.lab.building import CannotBuild, tool
from whence.lab.office import Office, Truth, callers, down, trigger, up

WHENCE = (sys.executable, "-m", "whence.cli.main")
WAIT = "3m"
FIRST = 90.0  # seconds within which a job that runs each minute has run
LONGEST = 300.0  # seconds after which whence has not kept its word

BEGINNING = """\
{hostname} is a firewall. It makes connections that nobody ordered; this is what its log shows:

  {logged}

Each is over after some milliseconds, before anybody could look. So, on the firewall:

  $ whence {address}:{port} --wait {wait}
"""


def demo(whence: Sequence[str] = WHENCE, seed: int | None = None, variant: str = "anacron") -> int:
    """Tell the story, and give 0 if whence found out the truth by itself, else 1.

    ``whence`` are the words that start it. The lab is taken down whatever happens.
    """
    with _signals_that_clean_up():
        office = up(seed, variant)
        try:
            print(_beginning(office), flush=True)
            answer = ask(office, whence)
            print(answer, flush=True)
            missing = untold(office.truth, answer)
            print(judgement(office, missing), flush=True)
            return 1 if missing else 0
        finally:
            down()


def first_call(office: Office) -> str:
    """Let the mystery happen once, unwatched, and give the line of the log about it.

    Raises
    ------
    CannotBuild
        If it does not happen.

    """
    print("waiting until it happens once", file=sys.stderr)
    trigger(office)
    deadline = time.monotonic() + FIRST
    while time.monotonic() < deadline:
        for line in callers():
            if f"-> {office.address}:{office.port}" in line:
                return line
        time.sleep(0.1)
    raise CannotBuild("nobody called the remote address", try_="whence lab demo once more")


def ask(office: Office, whence: Sequence[str]) -> str:
    """Run whence on the firewall until it answers; meanwhile the jobs run again and again."""
    # setpriv: if we are killed, whence does not stay behind on a firewall that is to go.
    leash = (tool("setpriv"), "--pdeathsig", "TERM")
    target = f"{office.address}:{office.port}"
    argv = (*leash, *office.prefix, *whence, target, "--wait", WAIT)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as asking:
        try:
            return _answer(office, asking)
        finally:
            asking.kill()


def untold(truth: Truth, answer: str) -> list[str]:
    """Name what the first line of an answer, which is to be all of it, does not say."""
    sentence = answer.strip().partition("\n")[0]
    wanted = (truth.script, truth.job, truth.launcher, truth.package)
    return [word for word in wanted if word not in sentence]


def judgement(office: Office, missing: Sequence[str]) -> str:
    """Say whether the answer was right."""
    if missing:
        return f"WRONG: the answer does not name {', '.join(missing)} (seed {office.seed})."
    truth = office.truth
    return f"right: {truth.script} of {truth.package}, by {truth.launcher} because of {truth.job}."


def _answer(office: Office, asking: subprocess.Popen[str]) -> str:
    waited = 0.0
    while True:
        pause = random.uniform(3, 8)
        try:
            return asking.communicate(timeout=pause)[0]
        except subprocess.TimeoutExpired:
            waited += pause
        if waited > LONGEST:
            asking.kill()
        trigger(office)


def _beginning(office: Office) -> str:
    return BEGINNING.format(
        hostname=office.hostname,
        logged=first_call(office),
        address=office.address,
        port=office.port,
        wait=WAIT,
    )


@contextmanager
def _signals_that_clean_up() -> Iterator[None]:
    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
