"""From an IPv6 address to the card that it was made from."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Confidence, Fact, Ip, Mac, probe
from whence.model.mac_addresses import card_of_address
from whence.world import MacMakers


@probe(answers="is-made-from", near=1)
def made_from(ip: Ip, makers: MacMakers) -> Iterator[Fact]:
    """Which card was this IPv6 address made from, as its own digits say?"""
    if card := card_of_address(ip.address):
        cited = makers.maker(card).whole()
        yield ip.fact("is-made-from", Mac(card), cited, confidence=Confidence.LIKELY)
