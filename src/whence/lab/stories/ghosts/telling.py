"""Telling it as an administrator would go about it: the log first, then each host that it names."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from whence.lab.contract import Office
from whence.lab.mending import carry_out, case_to_prove, remedies
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
SILENT, GRACE = "15s", "5s"
COMMANDS = re.compile(r"^ *→ (whence .*)$", re.MULTILINE)
OVER = 3.0  # seconds, after which a program has read its list anew
NETSTAT = f"{HOME}/netstat.txt"
QUIET = (1.0, 6.0, 6.0, 8.0, 10.0)  # seconds until somebody looks whether it has ended, and again
ADVICE = re.compile(r"→ whence (find \S+ --database .*)")
BLOCK = re.compile(r"[\d.]+/\d+")
LEFT = "Nobody has the time to correct that now.\n"
MEND = "On each host, somebody does what it says, and whence watches:\n"
IN_THE_LOG = "And in the log:\n"
INTRODUCTION = """\
The log server writes all lines into {log}. Nobody knows what has changed. So, there:
"""


def tell(office: Office, telling: Telling) -> Iterator[Answer]:
    """Ask the log server, then the hosts that it names; do what they say, and look again."""
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
    found: list[Found] = []
    for words in handed_on:
        if words[1] not in ("logs", "changes"):
            yield from _follow(office, telling, drawn, words, changes, found)
    telling.show(MEND)
    with ThreadPoolExecutor(len(drawn.ghosts)) as terminals:  # one for each host
        for answers in terminals.map(lambda one: _lay(office, telling, drawn, one), found):
            yield from answers
    yield from _look_again(office, telling, drawn)


@dataclass(slots=True)
class Found:
    """A ghost that was found on its host."""

    ghost: Ghost
    case: str  # of the first address that it calls
    told: list[tuple[str, Answer]]  # each address, and the answer that says how to put it right


def _look_again(office: Office, telling: Telling, drawn: Drawn) -> Iterator[Answer]:
    """Ask the log; that something has ended shows there when something else is logged."""
    telling.show(IN_THE_LOG)
    laid = [ghost.address for ghost in drawn.active if ghost.kind != drawn.left]
    for pause in QUIET:
        time.sleep(pause)
        looked = telling.ask(prefix(office, "logs"), "logs", "explain", LOG)
        yield looked
        if all(has_ended(looked.text, address) for address in laid):
            return


def _follow(
    office: Office,
    telling: Telling,
    drawn: Drawn,
    words: list[str],
    changes: list[str],
    found: list[Found],
) -> Iterator[Answer]:
    """Go on with what a part of the increase hands over: “whence SOURCE; whence TARGET; …”."""
    source, *targets = (word.rstrip(";") for word in words if word != "whence")
    ghost = next((one for one in drawn.active if one.address == source), None)
    if ghost is None:
        if source == drawn.spoofed:
            telling.show(f"On the firewall {drawn.firewall}, a neighbour of {source}:\n")
            wall = prefix(office, "firewall")
            yield telling.ask(wall, "station", source, "--ask-neighbours")
        return
    if ghost.windows:
        yield from _import(office, telling, ghost, targets[0])
        return
    telling.show(f"On {ghost.host}, which has the address {source}:\n")
    there = prefix(office, ghost.kind)
    one = Found(ghost, "", [])
    for target in targets:
        answer = telling.ask(there, target, "--wait", WAIT)
        yield answer
        if case := None if one.case else case_to_prove(answer.text):
            one.case = case
            found.append(one)
            if changes:
                yield telling.ask(there, *changes, "--case", case, "--count", "3")
        if advice := ADVICE.search(answer.text):
            answer = telling.ask(there, *shlex.split(advice[1]))
            yield answer
        one.told.append((target.rpartition(":")[0], answer))


def _lay(office: Office, telling: Telling, drawn: Drawn, found: Found) -> list[Answer]:
    """Watch the packets of a host while somebody there does what the answers say."""
    done: list[Answer] = []

    def mend(_: str) -> None:
        if found.ghost.kind == drawn.left:
            telling.show(LEFT)
            return
        for address, told in found.told:
            if not _is_put_right(address, done):
                done.extend(_put_right(office, telling, drawn, found.ghost, address, told))

    words = (found.case, "--until-silent", SILENT, "-i", "eth0", "--grace", GRACE)
    watched = telling.ask(prefix(office, found.ghost.kind), *words, person=mend)
    return [*done, watched]


def _put_right(
    office: Office, telling: Telling, drawn: Drawn, ghost: Ghost, address: str, told: Answer
) -> Iterator[Answer]:
    """Carry out the first thing that an answer says would stop it."""
    by = databases.run_as("postgres") if ghost.kind == "monitoring" else ()
    for remedy in remedies(told.text)[:1]:
        yield from carry_out(
            office.machine(ghost.kind), remedy, address, drawn.right(ghost), telling.show, by
        )


def _is_put_right(text: str, done: Sequence[Answer]) -> bool:
    """Say whether an address is of a range that was put right already."""
    address = ip_address(text)
    ranges = (ip_network(block) for one in done for block in BLOCK.findall(one.command))
    return any(address in network for network in ranges)


def _import(office: Office, telling: Telling, ghost: Ghost, target: str) -> Iterator[Answer]:
    """Take in what somebody wrote down on a Windows host, where there is no whence."""
    logs = prefix(office, "logs")
    text = netstat(office.machine(ghost.kind), ghost, target)
    write(office.machine("logs"), NETSTAT, text)
    telling.show(f"{ghost.host} runs Windows; its administrator sends a log of netstat:\n")
    yield telling.ask(logs, "import", NETSTAT, "--host", ghost.host, "--every", "1s")
    _correct(office, ghost)
    time.sleep(OVER)  # all machines of the lab see each other's processes, as no office's do
    yield telling.ask(logs, target)


def _correct(office: Office, ghost: Ghost) -> None:
    """Do what the administrator of a Windows host does, on which nobody can ask whence."""
    machine = office.machine(ghost.kind)
    if ghost.kind == "inventory":
        databases.correct_sqlite(machine, ghost)
    else:
        databases.correct_postgresql(machine, ghost)
