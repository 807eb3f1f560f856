"""The log of the week before: what the log server holds when the story begins."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path

from whence.lab.stories.ghosts.drawing import Drawn
from whence.lab.stories.ghosts.usual import BUSY, HISTORY, Usual, innocent_lines, stamp, week

INNOCENT_PAUSE = 2.0  # seconds between two calls of the backup, and of the scanner
INNOCENT_PORT = 873

Lines = Iterator[tuple[datetime, str]]


def write_history(drawn: Drawn, path: Path, until: datetime, *, traditional: bool = True) -> None:
    """Write the lines of a week into a file, in the order in which they came.

    Their times are as RFC 3164 has them, or as RFC 3339: rsyslog writes either.
    """
    ahead = timedelta(seconds=drawn.ahead)
    own = f"{drawn.firewall} "
    usual = Usual(drawn.seed, drawn.firewall, drawn.lan, drawn.wan)
    every = [week(usual, drawn.usual_per_hour, until), iter(changes(drawn, until))]
    if drawn.variant == "innocent":
        every.append(_innocent(drawn, until))
    with path.open("w", encoding="ascii") as file:
        for moment, line in heapq.merge(*every, key=itemgetter(0)):
            said = moment + ahead if line.startswith(own) else moment
            text = stamp(said) if traditional else f"{said:%Y-%m-%dT%H:%M:%S}+00:00"
            file.write(f"{text} {line}\n")


def changes(drawn: Drawn, until: datetime) -> list[tuple[datetime, str]]:
    """Give what the firewall logged of its update and of being started anew."""
    began = until - timedelta(minutes=drawn.minutes_before)
    address, name = f"{drawn.lan}.7", drawn.firewall

    def said(seconds: float, text: str) -> tuple[datetime, str]:
        return began + timedelta(seconds=seconds), f"{name} {text}"

    def typed(seconds: float, command: str) -> tuple[datetime, str]:
        return said(
            seconds,
            f"%ASA-5-111010: User '{drawn.person}', running 'CLI' from IP {address}, executed "
            f"'{command}'",
        )

    return [
        typed(-75, f"boot system disk0:/{drawn.image}"),
        typed(-52, "write memory"),
        typed(-40, "reload noconfirm"),
        said(-39.5, f"%ASA-5-111008: User '{drawn.person}' executed the 'reload noconfirm' "
                    "command."),
        said(0, "%ASA-6-199002: Startup completed. Beginning operation."),
    ]  # fmt: skip


def _innocent(drawn: Drawn, until: datetime) -> Lines:
    """Each day at this hour a backup runs, and a scanner looks for holes: both are answered."""
    dice = random.Random(drawn.seed + 2)
    day = until - timedelta(days=HISTORY.days)
    while day <= until:
        now = day - BUSY
        while (now := now + timedelta(seconds=dice.expovariate(2 / INNOCENT_PAUSE))) < min(
            day + BUSY, until
        ):
            for line in innocent_lines(
                dice, drawn.firewall, drawn.files, drawn.desk, drawn.web, INNOCENT_PORT
            ):
                yield now, line
        day += timedelta(days=1)
