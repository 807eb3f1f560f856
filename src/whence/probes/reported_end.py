from collections.abc import Iterator

from whence.model import Confidence, Fact, Flow, Ip, probe
from whence.probes._stations import rows
from whence.world import Imported


@probe(answers="ends-at", near=0)
def reported_end(flow: Flow, imported: Imported) -> Iterator[Fact]:
    """Is one of its ends in a list of containers, pods, services or nodes that was imported?"""
    for address in dict.fromkeys((flow.destination, flow.source)):
        if address is None:
            continue
        for row, line in rows(imported.told(address)):
            if "container" in row or "cluster" in row:
                yield flow.fact(
                    "ends-at", Ip(address), line.evidence, confidence=Confidence.REPORTED
                )
                break
