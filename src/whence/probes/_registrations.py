"""What a registration says, as facts of the address."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Confidence, Evidence, Fact, Remote
from whence.model.registration import Registration


def registration_facts(
    remote: Remote, told: Registration, by: str, evidence: Evidence
) -> Iterator[Fact]:
    """State to whom a network is registered, which one it is, and where."""
    sure = Confidence.REPORTED
    if told.holder:
        yield remote.fact("registered-to", told.holder, evidence, confidence=sure)
    network = f"{told.network} {told.name}".strip()
    if network:
        yield remote.fact("lies-in-network", f"{network} ({by})", evidence, confidence=sure)
    if told.country:
        text = f"{told.country} ({by})"
        yield remote.fact("registered-in-country", text, evidence, confidence=sure)
