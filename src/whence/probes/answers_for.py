from collections.abc import Iterator

from whence.model import Fact, Ip, Mac, probe
from whence.probes._stations import ANSWERED, MOST, rows
from whence.world import Neighbours


@probe(answers="answers-for")
def answers_for(mac: Mac, neighbours: Neighbours) -> Iterator[Fact]:
    """Which addresses does this MAC address answer for, as the kernel knows?"""
    own = [
        (row, line)
        for row, line in rows(neighbours.known())
        if row.get("mac") == mac.address and row["state"] in ANSWERED
    ]
    for row, line in own[:MOST]:
        sure = ANSWERED[row["state"]]
        yield mac.fact("answers-for", Ip(row["ip"]), line.evidence, confidence=sure)
    if own[MOST:]:
        text = f"{len(own) - MOST} more addresses, as a router does"
        yield mac.fact("answers-for", text, own[MOST][1].evidence)
