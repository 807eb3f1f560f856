from collections.abc import Iterator

from whence.model import Fact, Flow, probe
from whence.probes._makers import accounts, how_often, one_end, surest
from whence.world import Witness


@probe(answers="seen", near=0)
def seen(flow: Flow, witness: Witness) -> Iterator[Fact]:
    """Is this traffic really happening, since when, how often and how much?"""
    told = accounts(flow, witness)
    traffic = one_end([one for one in told if flow.covers(one.seen.flow)]) or one_end(told)
    if not traffic:
        return
    first, last = traffic[0], max(traffic, key=lambda one: one.seen.last)
    text = how_often(traffic)
    text += f", first {first.seen.first:%Y-%m-%d %H:%M:%S}"
    text += f", last {last.seen.last:%Y-%m-%d %H:%M:%S} UTC"
    if size := sum(one.seen.bytes_sent + one.seen.bytes_received for one in traffic):
        text += f", {size:,} bytes"
    yield flow.fact("seen", text, first.evidence, last.evidence, confidence=surest(traffic))
