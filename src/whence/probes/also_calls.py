from collections.abc import Iterator

from whence.model import Fact, Flow, probe
from whence.probes._makers import accounts, called_ends, cited, how_often, one_end, surest
from whence.world import Witness


@probe(answers="also-calls", near=0)
def also_calls(flow: Flow, witness: Witness) -> Iterator[Fact]:
    """Whom does this address, which is called, call itself, and how often?"""
    if flow.destination is None:
        return
    told = accounts(flow, witness)
    made = one_end([one for one in told if not flow.covers(one.seen.flow)])
    if not made or not one_end([one for one in told if flow.covers(one.seen.flow)]):
        return
    text = f"{called_ends(made)} {how_often(made)}"
    yield flow.fact("also-calls", text, *cited(made), confidence=surest(made))
