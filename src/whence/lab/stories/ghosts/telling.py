"""Telling it as an administrator would go about it: the log first, then each host that it names."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Iterator

from whence.lab.contract import Office
from whence.lab.root_view import HOME, write
from whence.lab.stories.ghosts import databases
from whence.lab.stories.ghosts.building import LOG, drawn_of, prefix
from whence.lab.stories.ghosts.drawing import Drawn, Ghost
from whence.lab.stories.ghosts.judging import has_ended
from whence.lab.stories.ghosts.windows import netstat
from whence.lab.telling import Answer, Telling

LONG_ENOUGH = 14.0  # seconds of the flood before somebody looks
SPORADIC = 30.0  # … where it comes in bursts
WAIT = "1m"
COMMANDS = re.compile(r"^ *→ (whence .*)$", re.MULTILINE)
CASE = re.compile(r" case: (\S+)")
OVER = 3.0  # seconds, after which a program has read its list anew
NETSTAT = f"{HOME}/netstat.txt"
QUIET = (19.0, 6.0, 6.0, 10.0)  # seconds until somebody looks whether it has ended, and again
ADVICE = re.compile(r"→ whence (find \S+ --database .*)")
CORRECTED = """\
Each was corrected by hand, where whence says that it stands. Has it ended?
"""
INTRODUCTION = """\
The log server writes all lines into {log}. Nobody knows what has changed. So, there:
"""


def tell(office: Office, telling: Telling) -> Iterator[Answer]:
    """Ask the log server, then the hosts that it names; correct what they tell, and look again."""
    drawn = drawn_of(office)
    enough = SPORADIC if drawn.variant == "sporadic-only" else LONG_ENOUGH
    time.sleep(max(0.0, float(office.known["began"]) + enough - time.time()))
    telling.show(INTRODUCTION.format(log=LOG))
    logs = prefix(office, "logs")
    explained = telling.ask(logs, "logs", "explain", LOG)
    yield explained
    handed_on = [
        shlex.split(line.partition("   #")[0]) for line in COMMANDS.findall(explained.text)
    ]
    for words in handed_on:
        if words[1:3] == ["logs", "forecast"]:
            telling.show("And the disk:\n")
            yield telling.ask(logs, *words[1:])
    changes = next((words[1:] for words in handed_on if words[1] == "changes"), [])
    for words in handed_on:
        if words[1] not in ("logs", "changes"):
            yield from _follow(office, telling, drawn, words, changes)
    telling.show(CORRECTED)
    for pause in QUIET:  # that it has ended shows when something else is logged
        time.sleep(pause)
        looked = telling.ask(logs, "logs", "explain", LOG)
        yield looked
        if all(has_ended(looked.text, ghost.address) for ghost in drawn.active):
            return


def _follow(
    office: Office, telling: Telling, drawn: Drawn, words: list[str], changes: list[str]
) -> Iterator[Answer]:
    """Go on with what a part of the increase hands over: “whence SOURCE; whence TARGET”."""
    source, target = words[1].rstrip(";"), words[-1]
    ghost = next((one for one in drawn.active if one.address == source), None)
    if ghost is None:
        if source == drawn.spoofed:
            telling.show(f"On the firewall {drawn.firewall}, a neighbour of {source}:\n")
            wall = prefix(office, "firewall")
            yield telling.ask(wall, "station", source, "--ask-neighbours")
        return
    if ghost.windows:
        yield from _import(office, telling, ghost, target)
        return
    telling.show(f"On {ghost.host}, which has the address {source}:\n")
    there = prefix(office, ghost.kind)
    answer = telling.ask(there, target, "--wait", WAIT)
    yield answer
    if advice := ADVICE.search(answer.text):
        yield telling.ask(there, *shlex.split(advice[1]))
    correct(office, ghost)
    case = CASE.search(answer.text)
    if changes and case:
        yield telling.ask(there, *changes, "--case", case[1], "--count", "3")


def _import(office: Office, telling: Telling, ghost: Ghost, target: str) -> Iterator[Answer]:
    """Take in what somebody wrote down on a Windows host, where there is no whence."""
    logs = prefix(office, "logs")
    text = netstat(office.machine(ghost.kind), ghost)
    write(office.machine("logs"), NETSTAT, text)
    telling.show(f"{ghost.host} runs Windows; its administrator sends a log of netstat:\n")
    yield telling.ask(logs, "import", NETSTAT, "--host", ghost.host, "--every", "1s")
    correct(office, ghost)
    time.sleep(OVER)  # all machines of the lab see each other's processes, as no office's do
    yield telling.ask(logs, target)


def correct(office: Office, ghost: Ghost) -> None:
    """Do what the person does who was told where it stands."""
    machine = office.machine(ghost.kind)
    if ghost.kind == "inventory":
        databases.correct_sqlite(machine, ghost)
    elif ghost.kind == "monitoring":
        databases.correct_postgresql(machine, ghost)
    else:
        machine.run("sed", "-i", f"/{ghost.network}/d", ghost.settings)
