from collections.abc import Iterator

from whence.model import Fact, Ip, probe
from whence.probes._port_searches import searched
from whence.world import PortSearches


@probe(answers="comes-in-at", near=0)
def comes_in_at(ip: Ip, searches: PortSearches) -> Iterator[Fact]:
    """By which switch port does the traffic of this address come in, as mirroring showed?"""
    yield from searched(ip, searches)
