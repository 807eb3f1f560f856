"""The name that an address has in DNS, and whether that name says the same."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import CannotAsk, Confidence, Evidence, Fact, Hostname, Reach, Remote, probe
from whence.model.ecs import canonical_address
from whence.world import Internet

MOST = 5  # names that are asked about in turn


@probe(answers="reverse-name", reach=Reach.REMOTE, near=1)
def named_in_dns(remote: Remote, internet: Internet) -> Iterator[Fact]:
    """Which name does DNS give this address, and does that name lead back to it?

    Whoever has the address may write any name there; only where the name's owner also says that
    it has this address are there two who say so.
    """
    for line in [*internet.dns(remote.address, "PTR").lines()][:MOST]:
        name = line.strip().rstrip(".").lower()
        if name:
            confirmed = [*_confirmed(name, remote.address, internet)]
            sure = Confidence.LIKELY if confirmed else Confidence.REPORTED
            cited = (line.evidence, *confirmed)
            yield remote.fact("reverse-name", Hostname(name), *cited, confidence=sure)


def _confirmed(name: str, address: str, internet: Internet) -> Iterator[Evidence]:
    try:
        for line in internet.dns(name, "AAAA" if ":" in address else "A").lines():
            if line and canonical_address(line.strip()) == address:
                yield line.evidence
    except (CannotAsk, ValueError):  # then nothing confirms it
        return
