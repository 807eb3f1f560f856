from collections.abc import Iterator

import msgspec

from whence.model import Confidence, Fact, Flow, probe
from whence.world import PacketWitness


@probe(answers="is-known-as", near=0)
def is_known_as(flow: Flow, packets: PacketWitness) -> Iterator[Fact]:
    """What do the captured packets call its ends?"""
    for line in packets.traffic(flow).lines():
        told = msgspec.json.decode(str(line)).get("name") if line else None
        if told:
            # What stands in the file itself is in a block of it, and not in a packet.
            place = told.get("block") or f"packet {told['packet']}"
            yield flow.fact(
                "is-known-as",
                f"{told['ip']} {told['relation']} {told['value']} "
                f"({told['source']}, {told['file']} {place})",
                line.evidence,
                confidence=Confidence.REPORTED,
            )
