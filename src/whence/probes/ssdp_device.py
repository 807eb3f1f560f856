from collections.abc import Iterator

from whence.model import Confidence, Fact, Ip, Reach, probe
from whence.model.neighbour_questions import NeighbourQuestion
from whence.probes._stations import not_taken, rows, system_by_ttl
from whence.world import Neighbours

PARTS = ("manufacturer", "model", "model_number")


@probe(answers="describes-itself-as", reach=Reach.LOCAL_NET, near=1)
def ssdp_device(ip: Ip, neighbours: Neighbours) -> Iterator[Fact]:
    """What kind of device does it say it is, by SSDP and UPnP?"""
    reading = neighbours.ask(NeighbourQuestion.SSDP, ip.address)
    for row, line in rows(reading):
        said = row.get("described")
        if said:
            parts = " ".join(said[part] for part in PARTS if part in said)
            text = " – ".join(filter(None, (said.get("name"), parts)))
        else:
            text = row.get("server", "")
        if text:
            yield ip.fact(
                "describes-itself-as", text, line.evidence, confidence=Confidence.REPORTED
            )
        if ttl := row.get("ttl"):
            yield from system_by_ttl(ip, ttl, line.evidence)
    yield from not_taken(ip, reading)
