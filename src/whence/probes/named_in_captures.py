"""What captured packets call an address: DNS answers, names asked for, certificates."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from whence.model import Confidence, Fact, Flow, Hostname, Remote, probe
from whence.world import PacketWitness

TOLD_BY_CLIENTS = "served-as"  # the server name in a TLS hello, SNI, or an HTTP Host


@probe(answers="is-known-as", near=1)
def named_in_captures(remote: Remote, packets: PacketWitness) -> Iterator[Fact]:
    """Which names, in the captures, resolved to it, were asked of it, or does it certify?"""
    for line in packets.traffic(Flow(remote.address, remote.port)).lines():
        told = msgspec.json.decode(str(line)).get("name") if line else None
        if told and told["ip"] == remote.address:
            place = told.get("block") or f"packet {told['packet']}"
            text = (
                f"{told['value']} ({told['relation']}, {told['source']} at {told['time']}, "
                f"{told['file']} {place})"
            )
            yield remote.fact("is-known-as", text, line.evidence, confidence=Confidence.REPORTED)
            if told["relation"] in ("resolves-to", TOLD_BY_CLIENTS):
                name = Hostname(str(told["value"]).lower())
                yield remote.fact("is-called", name, line.evidence, confidence=Confidence.REPORTED)
