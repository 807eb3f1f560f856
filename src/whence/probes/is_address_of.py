"""From a MAC address to the switch whose own it is."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Hostname, Mac, Reach, probe
from whence.world import Switches


@probe(answers="is-address-of", reach=Reach.DEVICE, near=2)
def is_address_of(mac: Mac, switches: Switches) -> Iterator[Fact]:
    """Is this an address of a switch itself?"""
    wiring = switches.wiring()
    if name := wiring.find(mac.address).own:
        yield mac.fact("is-address-of", Hostname(name), *wiring.views[name].identity.evidence)
