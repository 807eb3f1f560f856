from collections.abc import Iterator
from contextlib import suppress

from whence.model import CannotAsk, Fact, Ip, Reach, probe
from whence.model.neighbour_questions import NeighbourQuestion
from whence.probes._stations import mac, not_taken, rows
from whence.world import Neighbours
from whence.world.links import OWN


@probe(answers="is-claimed-by", reach=Reach.LOCAL_NET, near=1)
def claimed_by(ip: Ip, neighbours: Neighbours) -> Iterator[Fact]:
    """Who on the link says now that this address is theirs?"""
    reading = neighbours.ask(NeighbourQuestion.WHO_HAS, ip.address)
    claimed = False
    for row, line in rows(reading):
        if station := mac(row.get("mac")):
            claimed = True
            yield ip.fact("is-claimed-by", station, line.evidence)
    if not claimed and not _is_ours(ip, neighbours):  # who else has our own is worth asking
        asked = "neighbour discovery" if ":" in ip.address else "ARP"
        yield ip.fact("does-not-answer", f"asked by {asked} just now", reading.whole())
    yield from not_taken(ip, reading)


def _is_ours(ip: Ip, neighbours: Neighbours) -> bool:
    with suppress(CannotAsk):
        for row, _ in rows(neighbours.known()):
            if (row.get("ip"), row.get("state"), row.get("namespace")) == (ip.address, OWN, ""):
                return True
    return False
