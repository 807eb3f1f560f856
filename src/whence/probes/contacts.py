"""From an address to those whom it calls, where nothing that was seen calls it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import ATTEMPTED, Fact, Flow, probe
from whence.probes._makers import accounts, called_ends, cited, surest
from whence.world import Witness


@probe(answers="contacts", near=0)
def contacts(flow: Flow, witness: Witness) -> Iterator[Fact]:
    """Whom does this address call, where it is itself called by nobody?"""
    made = [account for account in accounts(flow, witness) if account.seen.action == ATTEMPTED]
    if not made or any(flow.covers(account.seen.flow) for account in made):
        return
    yield flow.fact("contacts", called_ends(made), *cited(made), confidence=surest(made))
