"""Which TLS clients call an address, by the fingerprint of their hello."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from whence.model import Evidence, Fact, Flow, Remote, probe
from whence.world import PacketWitness


@probe(answers="called-with", near=1)
def called_with_tls_client(remote: Remote, packets: PacketWitness) -> Iterator[Fact]:
    """Which TLS clients call it, in the captures (JA4)?

    Two programs with one TLS library have one fingerprint; one program seldom has two.
    """
    told: defaultdict[str, list[Evidence]] = defaultdict(list)
    for line in packets.traffic(Flow(remote.address, remote.port)).lines():
        document = msgspec.json.decode(str(line)) if line else {}
        flow = document.get("flow") or {}
        client = flow.get("tls", {}).get("client", {})
        if client.get("ja4") and flow.get("destination", {}).get("ip") == remote.address:
            told[str(client["ja4"])].append(line.evidence)
    for fingerprint, evidence in told.items():
        text = f"JA4 {fingerprint} in {len(evidence)} flow{'s' if len(evidence) > 1 else ''}"
        yield remote.fact("called-with", text, *evidence[:5])
