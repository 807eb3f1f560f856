from collections.abc import Iterator

from whence.model import Confidence, Fact, Ip, Mac, probe
from whence.probes._stations import MOST, named, rows
from whence.world import PacketWitness


@probe(answers="was-captured-with", near=0)
def captured_addresses(mac: Mac, packets: PacketWitness) -> Iterator[Fact]:
    """Which addresses did captured packets of this MAC address have, and which names?"""
    claimed = 0
    for row, line in rows(packets.station(mac.address)):
        claim, said = row.get("claim", {}), row.get("said", {})
        if claim.get("mac") == mac.address and claimed < MOST:
            claimed += 1
            yield mac.fact("was-captured-with", Ip(claim["ip"]), line.evidence)
        if said.get("relation") == "is-called" and said["mac"] == mac.address:
            yield from named(mac, said["value"], line.evidence)
        if said.get("relation") == "leased":
            sure = Confidence.LIKELY
            yield mac.fact("was-leased", Ip(said["value"]), line.evidence, confidence=sure)
