"""Telling the firewall's story: from the first question to the silence, while the jobs run."""

from __future__ import annotations

import re
import shlex
import sys
import time
from collections.abc import Iterator, Sequence

from whence.lab.building import CannotBuild
from whence.lab.contract import Office
from whence.lab.office import callers
from whence.lab.stories.firewall.ending import (
    MADE_BY,
    STILL,
    carry_out,
    remedies,
    set_a_trap,
    watch,
)
from whence.lab.stories.firewall.evidence import (
    by_its_clock,
    captured,
    target_of,
    told_by_the_provider,
    which_way,
)
from whence.lab.stories.firewall.hours import Hours, hours
from whence.lab.telling import Answer, Telling

WAIT = "3m"
SINCE = re.compile(r"^  who now +whence \S+ (--since '[^']+')", re.MULTILINE)
FIRST = 90.0  # seconds within which a job that runs each minute has run

LOGGED = """\
This is what its log shows:

  {logged}
"""
BEGINNING = (
    "Each is over after some milliseconds, before anybody could look. So, on the firewall:\n"
)


def tell(office: Office, telling: Telling) -> Iterator[Answer]:
    """Ask whence who makes the connections, stop them as it suggests, and ask for the silence."""
    with hours(office) as clock:
        if office.variant != "cron":  # it takes a minute, and whence waits for that anyway
            telling.show(LOGGED.format(logged=first_call(office, clock)))
        telling.show(BEGINNING)
        with telling.beside(office.prefix, "record"):
            yield from _asked(office, telling, clock)


def _asked(office: Office, telling: Telling, clock: Hours) -> Iterator[Answer]:
    with captured(office, telling):
        maker = _who(office, telling)
    yield maker
    yield from which_way(office, telling)
    if script := MADE_BY.search(maker.sentence):
        yield telling.ask(office.prefix, "program", script[1])
    yield from set_a_trap(office, telling, maker)
    if office.variant == "clocks":
        yield from told_by_the_provider(office, telling)
        maker = _who(office, telling)
        yield maker
    typed = [*carry_out(office, telling, remedies(maker.text))]
    yield from typed
    if office.variant == "second":
        clock.job = "cron.weekly"
    watched = [*watch(office, telling, maker)]
    yield from watched
    if office.variant != "second":
        return
    telling.show(STILL)
    again = _who(office, telling, *_since(watched))
    yield again
    done = [answer.command for answer in typed]
    yield from carry_out(office, telling, remedies(again.text), done)
    yield from watch(office, telling, again)


def _who(office: Office, telling: Telling, *since: str) -> Answer:
    return telling.ask(office.prefix, target_of(office), *since, "--wait", WAIT, "--online")


def _since(watched: Sequence[Answer]) -> list[str]:
    """Give from when on is to be looked, as the watch for silence says: before, it was another."""
    said = SINCE.search(watched[-1].text) if watched else None
    return shlex.split(said[1]) if said else []


def first_call(office: Office, clock: Hours) -> str:
    """Let the mystery happen once, unwatched, and give the line of the log about it.

    Raises
    ------
    CannotBuild
        If it does not happen.

    """
    print("waiting until it happens once", file=sys.stderr)
    clock.strike()
    deadline = time.monotonic() + FIRST
    while time.monotonic() < deadline:
        for line in callers():
            if f"-> {target_of(office)}" in line:
                return by_its_clock(office, line)
        time.sleep(0.1)
    raise CannotBuild("nobody called the remote address", try_="whence lab demo once more")
