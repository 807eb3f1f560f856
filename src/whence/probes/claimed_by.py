from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_address

from whence.model import CannotAsk, Fact, Ip, Reach, probe
from whence.model.neighbour_questions import NeighbourQuestion
from whence.probes._stations import mac, not_taken, rows
from whence.world import Neighbours
from whence.world.links import OWN


@probe(answers="is-claimed-by", reach=Reach.LOCAL_NET, near=1)
def claimed_by(ip: Ip, neighbours: Neighbours) -> Iterator[Fact]:
    """Who on the link says now that this address is theirs?"""
    reading = neighbours.ask(NeighbourQuestion.WHO_HAS, ip.address)
    by_link: defaultdict[str, list[str]] = defaultdict(list)
    for row, line in rows(reading):
        if station := mac(row.get("mac")):
            by_link[str(row.get("interface", ""))].append(station.address)
            yield ip.fact("is-claimed-by", station, line.evidence)
    is_of_link = ip_address(ip.address).is_link_local
    if is_of_link and _differs(by_link):
        each = " and ".join(f"{macs[0]} on {link}" for link, macs in sorted(by_link.items()))
        yield ip.fact("differs-by-link", each, reading.whole())
    if not by_link and not _is_ours(ip, neighbours):  # who else has our own is worth asking
        asked = "neighbour discovery" if ":" in ip.address else "ARP"
        yield ip.fact("does-not-answer", f"asked by {asked} just now", reading.whole())
    yield from not_taken(ip, reading)


def _differs(by_link: Mapping[str, Sequence[str]]) -> bool:
    """Say whether each link has one machine with the address, and not all the same."""
    is_one_each = all(len(set(macs)) == 1 for macs in by_link.values())
    return is_one_each and len({macs[0] for macs in by_link.values()}) > 1


def _is_ours(ip: Ip, neighbours: Neighbours) -> bool:
    with suppress(CannotAsk):
        for row, _ in rows(neighbours.known()):
            if (row.get("ip"), row.get("state"), row.get("namespace")) == (ip.address, OWN, ""):
                return True
    return False
