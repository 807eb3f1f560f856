from collections.abc import Iterator

from whence.model import Fact, Mac, probe
from whence.probes._port_searches import searched
from whence.world import PortSearches


@probe(answers="comes-in-at", near=1)
def card_comes_in_at(mac: Mac, searches: PortSearches) -> Iterator[Fact]:
    """By which switch port does the traffic of this card come in, as mirroring showed?"""
    yield from searched(mac, searches)
