"""Places, as facts cite them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from whence.model import Fact, Mac, SwitchPort
from whence.model.switching import Learned
from whence.model.wiring import Place, Wiring

MOST = 12  # pieces of evidence of one fact: of an address in many VLANs the first few


def facts_of(mac: Mac, relation: str, places: Iterable[Place]) -> Iterator[Fact]:
    """State for each place that an address is there."""
    for place in places:
        evidence = place.evidence[:MOST]
        yield mac.fact(relation, place.at, *evidence, confidence=place.confidence)


def rows_at(port: SwitchPort, wiring: Wiring) -> list[Learned]:
    """Give what is learned at a port, and at what belongs to it."""
    view = wiring.views.get(port.switch)
    return [
        row
        for row in (view.learned if view else ())
        if wiring.whole(SwitchPort(port.switch, row.port)) == wiring.whole(port)
    ]
