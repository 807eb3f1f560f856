"""Telling the loud host's story: who is loud, which machine is it, where is it plugged in?"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping, Sequence

from whence.lab.contract import Judgement, Office, held_against
from whence.lab.machines import Machine
from whence.lab.stories.loud import wiring
from whence.lab.stories.loud.building import MIRRORED, PLAN, drawn
from whence.lab.stories.loud.drawing import PORTS, Drawn
from whence.lab.telling import Answer, Telling

PORT = re.compile(r"\bp(\d+)\b")
SILENT, GRACE = "6s", "3s"
PLUG = re.compile(r"(plug in|unplug): (.*)")


def tell(office: Office, telling: Telling) -> Iterator[Answer]:
    """Ask who is loud, which machine that is and where, which at the hub; unplug it, and watch."""
    there = drawn(office)
    loud = telling.ask(office.prefix, "talkers", "-i", "lan", "--for", "5s", "--count", "5")
    yield loud
    address = loud.sentence.partition(" ")[0]
    happens(office, there)
    telling.ask(office.prefix, "config", "cables", PLAN)
    answer = telling.ask(office.prefix, address, "--ask-neighbours", "--ask-devices")
    yield answer
    if office.variant in MIRRORED:
        found = yield from _by_mirror(office, there, telling, address)
        answer = found or answer
    if office.variant in ("hub", "mirror"):
        answer = _by_cable(office, there, telling, address)
        yield answer
    yield _until_silent(office, there, telling, address, answer.sentence)


def judge(truth: Mapping[str, str], answers: Sequence[Answer]) -> Judgement:
    """Look whether the first lines name everything."""
    return held_against(truth, "\n".join(said(answer) for answer in answers))


def said(answer: Answer) -> str:
    """Give what an answer claims: its first line; of a way of cables, all of it."""
    return answer.text if "cables show" in answer.command else answer.sentence


def happens(office: Office, there: Drawn) -> None:
    """Do what is done to the loud one in the middle of it, in some variants."""
    loud = there.loud
    host = office.machine(loud.machine)
    if office.variant == "off":
        host.run("ip", "link", "set", "eth0", "down")
    elif office.variant == "moved":
        wiring.move(loud, office.machine("switch"), host, there.spare)
        wiring.give_address(host, there, loud.address)


def _until_silent(
    office: Office, there: Drawn, telling: Telling, address: str, named: str
) -> Answer:
    """Unplug what was named in the end, while whence counts on the gateway."""

    def unplug(_: str) -> None:
        for machine, link in _cable(office, there, named):
            machine.run("ip", "link", "set", link, "down")

    words = (address, "--until-silent", SILENT, "-i", "lan", "--grace", GRACE)
    if office.variant == "off":  # it was done before anybody could count
        return telling.ask(office.prefix, *words, "--after", "1s")
    return telling.ask(office.prefix, *words, person=unplug)


def _cable(office: Office, there: Drawn, named: str) -> Iterator[tuple[Machine, str]]:
    """Find the cable of a machine at the hub that a sentence names, or of a port of the switch."""
    if office.variant == "twins":  # it may be either of them, and somebody begins with one
        yield office.machine("switch"), f"p{there.twin.port}"
        return
    for number, seat in enumerate(there.neighbours, start=1):
        if seat.name in named and office.variant in ("hub", "mirror"):
            yield office.machine("hub"), f"h{number}"
            return
    if port := PORT.search(named):
        yield office.machine("switch"), port[0]


def _by_mirror(
    office: Office, there: Drawn, telling: Telling, address: str
) -> Generator[Answer, None, Answer | None]:
    """Find the port on a switch whose tables say nothing of it."""
    sockets = office.known["sockets"]
    places = f"db=unix:{sockets}/db.sock&control={sockets}/switch.ctl"
    mirror = f"ovs://{there.switch}/mon?{places}"
    ports = ("--ports", f"p1-p{PORTS - 1}")
    words = ("--mirror", mirror, *ports, "--sniff", "mon", "--filter", f"src host {address}")
    found = telling.ask(office.prefix, "bisect", "start", *words)
    yield found
    port = re.search(r"port (p\d+)", found.sentence)
    if port:
        show = ("config", "cables", "show", there.switch, port[1])
        yield telling.ask(office.prefix, *show)
    return found


def _by_cable(office: Office, there: Drawn, telling: Telling, address: str) -> Answer:
    """Find the machine at the hub: a person pulls and plugs what whence says."""
    hub = office.machine("hub")
    links = {seat.name: f"h{number}" for number, seat in enumerate(there.neighbours, start=1)}

    def person(told: str) -> None:
        for part in told.split("; "):
            found = PLUG.fullmatch(part)
            names = re.split(", | and ", found[2]) if found else [*links]
            state = "down" if found and found[1] == "unplug" else "up"
            for name in names:
                hub.run("ip", "link", "set", links[name], state)

    telling.show(f"At the outlet there is a hub, with {', '.join(links)} at it.\n")
    words = ("--by", "cable", "--ports", ",".join(links), "--sniff", "lan")
    which = ("--filter", f"src host {address} and not arp")
    return telling.ask(office.prefix, "bisect", "start", *words, *which, person=person)
