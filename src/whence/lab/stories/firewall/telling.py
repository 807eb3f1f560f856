"""Telling the firewall's story: one command, while the jobs run again and again."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence

from whence.lab.building import CannotBuild
from whence.lab.contract import Judgement, Office, held_against
from whence.lab.office import callers
from whence.lab.stories.firewall import furnishing
from whence.lab.telling import Answer, Telling

WAIT = "3m"
FIRST = 90.0  # seconds within which a job that runs each minute has run

LOGGED = """\
This is what its log shows:

  {logged}
"""
BEGINNING = (
    "Each is over after some milliseconds, before anybody could look. So, on the firewall:\n"
)


def tell(office: Office, telling: Telling) -> Iterator[Answer]:
    """Ask whence who makes the connections."""
    if office.variant != "cron":  # cron takes a minute for it, and whence waits for that anyway
        telling.show(LOGGED.format(logged=first_call(office)))
    telling.show(BEGINNING)
    target = f"{office.known['address']}:{office.known['port']}"
    words = (target, "--wait", WAIT, "--online")
    maker = telling.ask(office.prefix, *words, meanwhile=lambda: trigger(office))
    yield maker
    if script := re.search(r" by (/\S+) \(pid ", maker.sentence):
        yield telling.ask(office.prefix, "program", script[1])


def judge(truth: Mapping[str, str], answers: Sequence[Answer]) -> Judgement:
    """Look whether the first lines name everything: who and why, who is at the other end."""
    return held_against(truth, "\n".join(said(answer) for answer in answers))


def said(answer: Answer) -> str:
    """Give what an answer says above the facts, up to the verdict."""
    above, verdict, below = answer.text.partition("verdict: ")
    return above + verdict + "".join(below.split()[:1])


def trigger(office: Office) -> None:
    """Have the jobs run now, as the hourly trigger would; cron needs none."""
    if office.variant != "cron":
        office.machine("firewall").start(*furnishing.ANACRON, furnishing.ANACRON_TABLE)


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
            if f"-> {office.known['address']}:{office.known['port']}" in line:
                return line
        time.sleep(0.1)
    raise CannotBuild("nobody called the remote address", try_="whence lab demo once more")
