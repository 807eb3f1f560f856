"""From traffic to the connections that nobody is named for, beside those of known processes."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import ATTEMPTED, Fact, Flow, probe
from whence.model.plural import many
from whence.probes._makers import accounts, cited, surest
from whence.world import Witness


@probe(answers="not-attributed", near=0)
def unattributed(flow: Flow, witness: Witness) -> Iterator[Fact]:
    """For how many connections is no process named, where one is named for others?

    They may be of that process, of another, or of another machine: nothing says which.
    """
    made = [account for account in accounts(flow, witness) if account.seen.action == ATTEMPTED]
    own = [account for account in made if not account.seen.report]  # files may tell of the same
    nameless = [account for account in own or made if not account.seen.maker]
    if not nameless or len(nameless) == len(own or made):
        return
    count = sum(account.seen.count for account in nameless)
    text, sure = many(count, "connection"), surest(nameless)
    yield flow.fact("not-attributed", text, *cited(nameless), confidence=sure)
