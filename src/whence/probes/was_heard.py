"""How long ago a switch heard a MAC address, and in which VLAN."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Mac, Reach, probe
from whence.model.switching import Status
from whence.model.wiring import Place, Wiring
from whence.probes._places import MOST
from whence.world import Switches


@probe(answers="was-heard", reach=Reach.DEVICE, near=2)
def was_heard(mac: Mac, switches: Switches) -> Iterator[Fact]:
    """When did a switch last hear this machine, and why is it taken to be there?"""
    wiring = switches.wiring()
    found = wiring.find(mac.address)
    places = (*found.plugged, *found.through)
    for place in places:
        which = f" at {place.at}" if len(places) > 1 else ""
        text = f"{_when(place, wiring)}{_where(place)}{which}: {place.reason}"
        yield mac.fact("was-heard", text, *place.evidence[:MOST])


def _when(place: Place, wiring: Wiring) -> str:
    if place.rows and all(row.status is Status.STATIC for row in place.rows):
        return "as it was set by hand"
    ages = [row.age for row in place.rows if row.age is not None]
    if ages:
        return f"{min(ages)} s ago"
    ageing = wiring.views[place.at.switch].identity.ageing
    return f"in the last {ageing} s" if ageing else "lately"


def _where(place: Place) -> str:
    vlans = sorted({vlan for row in place.rows for vlan in row.vlans})
    return f" in VLAN {', '.join(map(str, vlans))}" if vlans else ""
