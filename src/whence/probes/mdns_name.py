from collections.abc import Iterator

from whence.model import Fact, Ip, Reach, probe
from whence.model.neighbour_questions import NeighbourQuestion
from whence.probes._stations import named, not_taken, rows
from whence.world import Neighbours


@probe(answers="is-named", reach=Reach.LOCAL_NET, near=1)
def mdns_name(ip: Ip, neighbours: Neighbours) -> Iterator[Fact]:
    """What does it call itself by multicast DNS, as Apple's, printers and Linux do?"""
    reading = neighbours.ask(NeighbourQuestion.MDNS, ip.address)
    for row, line in rows(reading):
        yield from named(ip, row.get("name", ""), line.evidence)
    yield from not_taken(ip, reading)
