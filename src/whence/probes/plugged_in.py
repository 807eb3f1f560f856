"""From a MAC address to the switch port where it is plugged in."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Mac, Reach, probe
from whence.probes._places import facts_of
from whence.world import Switches


@probe(answers="plugged-in-at", reach=Reach.DEVICE, near=2)
def plugged_in(mac: Mac, switches: Switches) -> Iterator[Fact]:
    """Which switch port is this machine plugged in at?"""
    yield from facts_of(mac, "plugged-in-at", switches.wiring().find(mac.address).plugged)
