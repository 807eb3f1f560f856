"""Say where a machine is plugged in."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from whence.api.asking import found_ports, imported
from whence.api.cables import cables
from whence.api.looked_at import LookedAt, this_machine
from whence.api.span import Span
from whence.inquiry.explain import Answer
from whence.inquiry.explain import explain as _explain
from whence.inquiry.look import Waiting
from whence.inquiry.means import Means
from whence.inquiry.place_story import PLUGGED, THROUGH
from whence.inquiry.run import Outcome
from whence.model import BadInput, Flow, Ip, Mac, Outlet, Reach, SwitchPort
from whence.model.targets import parse_target
from whence.store.case_file import CaseFile
from whence.world import Cables, Imported, Neighbours, utc_now
from whence.world.places import Places
from whence.world.switch_settings import SwitchSettings


def open_place(target: str) -> CaseFile:
    """Begin a case about where a machine is, by its IP or MAC address.

    Raises
    ------
    BadInput
        If the target is neither.

    """
    given = parse_target(target)
    if isinstance(given, Flow) and given == Flow(given.destination) and given.destination:
        given = Ip(given.destination.partition("%")[0])  # the link is no part of the address
    if not isinstance(given, Ip | Mac):
        raise BadInput(
            f"“{target}” is not the address of a machine",
            try_="whence place 192.0.2.7, or whence place 00:14:22:01:23:45",
        )
    return CaseFile.create(Places.of_this_user().cases, given, utc_now, target.strip())


def place(
    case: CaseFile,
    switches: Sequence[str] = (),
    hear: Callable[[Waiting | Outcome], None] = lambda event: None,
    on: LookedAt | None = None,
) -> Answer:
    """Ask all switches that are set, or those that are named, where the case's machine is.

    ``on``: this machine, on the link that its address is one of.

    Raises
    ------
    BadSettings
        If a name is neither one of the settings nor a URL, or the settings are not right.

    """
    settings = SwitchSettings.read(os.environ)
    chosen = settings.chosen(switches)
    there = on or this_machine()
    asked: dict[type, object] = {
        Cables: cables(),
        Neighbours: there.neighbours,
        Imported: imported(Span()),
    }
    asked |= found_ports(case.subject)
    quiet = frozenset({Reach.LOCAL_NET})  # the machine itself need not be asked where it is
    means = Means(there.host, (), utc_now, switches=chosen, others=asked, quiet=quiet)
    return _explain(case, means, Reach.DEVICE, None, hear, "auto")


@dataclass(frozen=True, slots=True)
class Spot:
    """A switch port that an answer names, and where the plan of cables goes from there."""

    mac: str
    switch: str
    port: str
    confidence: str
    is_place: bool  # False: only the way there is known
    outlets: tuple[Outlet, ...] = ()


def spots(answer: Answer) -> tuple[Spot, ...]:
    """Give the ports that an answer names: where the machine is, or through which it is reached."""
    facts = [fact for _, fact in answer.facts]
    found = []
    for fact in facts:
        if fact.relation in (PLUGGED, THROUGH) and isinstance(fact.value, SwitchPort):
            outlets = [
                wired.value
                for wired in facts
                if wired.subject == fact.value and isinstance(wired.value, Outlet)
            ]
            found.append(
                Spot(
                    str(fact.subject),
                    fact.value.switch,
                    fact.value.port,
                    str(fact.confidence),
                    fact.relation == PLUGGED,
                    tuple(outlets),
                )
            )
    return tuple(found)
