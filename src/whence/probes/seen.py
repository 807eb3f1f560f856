from collections.abc import Iterator

from whence.model import ACCEPTED, ATTEMPTED, Confidence, Fact, Flow, Line, Sighting, ecs, probe
from whence.world import Witness


@probe(answers="seen", near=0)
def seen(flow: Flow, witness: Witness) -> Iterator[Fact]:
    """Is this traffic really happening, since when, how often and how much?"""
    lines = [*witness.connections(flow).lines()]
    traffic = _traffic([(line, ecs.from_line(line)) for line in lines if line])
    if not traffic:
        return
    (first, oldest), (last, newest) = traffic[0], max(traffic, key=lambda pair: pair[1].last)
    count = sum(seen.count for _, seen in traffic)
    text = {0: "in a connection begun earlier", 1: "once"}.get(count, f"{count} times")
    text += f", first {oldest.first:%Y-%m-%d %H:%M:%S}, last {newest.last:%Y-%m-%d %H:%M:%S} UTC"
    if size := sum(seen.bytes_sent + seen.bytes_received for _, seen in traffic):
        text += f", {size:,} bytes"
    sure = min((seen.confidence for _, seen in traffic), key=[*Confidence].index)
    yield flow.fact("seen", text, first.evidence, last.evidence, confidence=sure)


def _traffic(sightings: list[tuple[Line, Sighting]]) -> list[tuple[Line, Sighting]]:
    """Take one end's account: where both ends are on this machine, each call is seen twice.

    What was seen here goes before what files tell, which may be of the same, by another clock.
    """
    own = [(line, seen) for line, seen in sightings if not seen.report]
    for action in (ATTEMPTED, ACCEPTED):
        for account in (own, sightings):
            if told := [(line, seen) for line, seen in account if seen.action == action]:
                return told
    return []
