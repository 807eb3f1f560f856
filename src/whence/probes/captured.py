from collections.abc import Iterator
from datetime import datetime

import msgspec

from whence.model import Fact, Flow, probe
from whence.model.plural import many
from whence.world import PacketWitness


@probe(answers="captured", near=0)
def captured(flow: Flow, packets: PacketWitness) -> Iterator[Fact]:
    """How much of this traffic is in the captures, and was it answered?"""
    for line in packets.traffic(flow).lines():
        told = msgspec.json.decode(str(line)).get("captured") if line else None
        if told:
            first, last = (datetime.fromisoformat(told[end]) for end in ("first", "last"))
            # Of ICMP errors no answer is wanted; what was recorded before did not say so.
            answered = "" if told["answers"] or not told.get("asks", True) else ", never answered"
            yield flow.fact(
                "captured",
                f"{many(told['flows'], 'flow')}, {many(told['packets'], 'packet')}{answered}, "
                f"first {first:%Y-%m-%d %H:%M:%S}, last {last:%Y-%m-%d %H:%M:%S} UTC",
                line.evidence,
            )
