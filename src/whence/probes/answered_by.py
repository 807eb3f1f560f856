"""From traffic that comes in, or may come in, to the process that answers."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import ACCEPTED, ATTEMPTED, LISTENING, Fact, Flow, probe
from whence.probes._makers import accounts, makers_of
from whence.world import Witness


@probe(answers="answered-by", near=0)
def answered_by(flow: Flow, witness: Witness) -> Iterator[Fact]:
    """Which process on this machine answers these calls?

    Where the caller is on this machine too, it is the one to explain, and this says nothing. Of a
    listener whose process cannot be seen, it is told that there is one.
    """
    told = accounts(flow, witness)
    if any(account.seen.action == ATTEMPTED for account in told):
        return
    accepted = [account for account in told if account.seen.action == ACCEPTED]
    listening = [account for account in told if account.seen.action == LISTENING]
    yield from makers_of(flow, "answered-by", accepted or listening)
    if any(account.seen.maker for account in listening):
        return
    for account in listening:
        if account.seen.report:  # of another machine, and told by what tells of its file
            continue
        where = str(account.seen.flow.reversed())
        yield flow.fact("is-listened-on", where, account.evidence)
