"""From traffic to the processes that made it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import ATTEMPTED, CannotAsk, Fact, Flow, probe
from whence.probes._makers import Account, accounts, makers_of
from whence.world import Witness


@probe(answers="made-by", near=0)
def made_by(flow: Flow, witness: Witness) -> Iterator[Fact]:
    """Which process made this connection?"""
    made = [account for account in accounts(flow, witness) if account.seen.action == ATTEMPTED]
    yield from makers_of(flow, "made-by", made)
    if made and not any(account.seen.maker for account in made):
        raise _unattributed(made)


def _unattributed(made: list[Account]) -> CannotAsk:
    sensors = ", ".join(sorted({account.seen.sensor for account in made}))
    return CannotAsk(
        f"the connection was seen, but not who made it ({len(made)}× by {sensors})",
        because="the process was gone before it could be looked up, or the traffic only "
        "passes through this machine",
        try_="whence doctor, to see what a better sensor needs",
    )
