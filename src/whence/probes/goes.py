from collections.abc import Iterator

import msgspec

from whence.model import Confidence, Fact, Flow, probe
from whence.world import PacketWitness


@probe(answers="goes", near=0)
def goes(flow: Flow, packets: PacketWitness) -> Iterator[Fact]:
    """By the captures, does it start here, pass through, or end here?"""
    for line in packets.traffic(flow).lines():
        told = msgspec.json.decode(str(line)).get("way") if line else None
        if told and told["confidence"] != Confidence.UNKNOWN:
            yield flow.fact(
                "goes",
                f"{told['way']}: {told['sentence']}",
                line.evidence,
                confidence=Confidence(told["confidence"]),
            )
