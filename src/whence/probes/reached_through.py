"""From a MAC address to the port that leads there, where nobody knows more."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Mac, Reach, probe
from whence.probes._places import facts_of
from whence.world import Switches


@probe(answers="reached-through", reach=Reach.DEVICE, near=2)
def reached_through(mac: Mac, switches: Switches) -> Iterator[Fact]:
    """Through which port is this machine reached, if no port is known to be its own?"""
    yield from facts_of(mac, "reached-through", switches.wiring().find(mac.address).through)
