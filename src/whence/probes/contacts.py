"""From an address to those whom it calls, where nothing that was seen calls it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import ATTEMPTED, Fact, Flow, probe
from whence.probes._makers import SURENESS, accounts, called_ends
from whence.world import Witness

MOST = 3  # that are cited


@probe(answers="contacts", near=0)
def contacts(flow: Flow, witness: Witness) -> Iterator[Fact]:
    """Whom does this address call, where it is itself called by nobody?"""
    made = [account for account in accounts(flow, witness) if account.seen.action == ATTEMPTED]
    if not made or any(flow.covers(account.seen.flow) for account in made):
        return
    sure = min((account.seen.confidence for account in made), key=SURENESS.index)
    cited = dict.fromkeys(account.evidence for account in made[:MOST])
    yield flow.fact("contacts", called_ends(made), *cited, confidence=sure)
