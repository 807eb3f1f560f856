"""From an IPv6 address to the card that it was made from, where a switch hears that."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Confidence, Fact, Ip, Mac, Reach, probe
from whence.model.mac_addresses import card_of_address
from whence.probes._places import MOST
from whence.world import Switches


@probe(answers="is-made-from", reach=Reach.DEVICE, near=1)
def made_from_heard(ip: Ip, switches: Switches) -> Iterator[Fact]:
    """Does a switch hear the card that this IPv6 address was made from?"""
    if card := card_of_address(ip.address):
        found = switches.wiring().find(card)
        cited = [piece for place in (*found.plugged, *found.through) for piece in place.evidence]
        if cited:
            yield ip.fact("is-made-from", Mac(card), *cited[:MOST], confidence=Confidence.LIKELY)
