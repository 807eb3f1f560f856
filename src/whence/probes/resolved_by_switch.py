"""From an IP address to a MAC address, by the ARP tables of switches and routers."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Confidence, Fact, Ip, Mac, Reach, probe
from whence.world import Switches


@probe(answers="answers-at", reach=Reach.DEVICE, near=2)
def resolved_by_switch(ip: Ip, switches: Switches) -> Iterator[Fact]:
    """Which MAC address do switches and routers know for this address?"""
    told: dict[str, list[str]] = {}
    for name, row in switches.wiring().resolve(ip.address):
        if name not in told.setdefault(row.mac, []):
            told[row.mac].append(name)
            yield ip.fact("answers-at", Mac(row.mac), *row.evidence, confidence=Confidence.REPORTED)
