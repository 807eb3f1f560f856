"""Who made what is installed here, compared with an organisation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from whence.model import Confidence, Evidence, Fact, Observable, Organisation
from whence.model.maker_names import Maker, resemblance

MOST = 20  # facts of one kind: an organisation that made half the system made it

Made = tuple[Observable | str, Maker, Evidence]  # what, by whom, and where that stands


def resembling(organisation: Organisation, inventory: Iterable[Made]) -> Iterator[Fact]:
    """State whose maker the organisation resembles; never that it is the same."""
    told: set[Observable | str] = set()
    for made, maker, evidence in inventory:
        if made not in told and len(told) < MOST and resemblance(organisation, maker):
            told.add(made)
            yield organisation.fact(
                "resembles-maker-of", made, evidence, confidence=Confidence.POSSIBLE
            )
