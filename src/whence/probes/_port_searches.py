"""What a search for a port found, as facts."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Confidence, Fact, Ip, Mac, SwitchPort
from whence.world import PortSearches
from whence.world.port_searches import FoundPort, read_found

SURE = 3.0  # decimal logarithm of the likelihood ratio: a thousand times likelier than not
NEARLY_ALL = 0.8  # of the traffic


def searched(thing: Ip | Mac, searches: PortSearches) -> Iterator[Fact]:
    """State by which port the traffic of a machine comes in, and how that was tested."""
    newest: dict[tuple[str, str], tuple[FoundPort, Fact, Fact]] = {}
    for line in searches.of(thing.address).lines():
        if not line:
            continue
        found = read_found(str(line))
        port = SwitchPort(found.switch, found.port)
        alone = found.share is None or found.share >= NEARLY_ALL
        sure = Confidence.CERTAIN if found.ratio >= SURE and alone else Confidence.LIKELY
        newest[found.switch, found.port] = (
            found,
            thing.fact("comes-in-at", port, line.evidence, confidence=sure),
            port.fact("was-tested-by", _test(found), line.evidence),
        )
    for _, *facts in sorted(newest.values(), key=lambda one: -one[0].at):
        yield from facts


def _test(found: FoundPort) -> str:
    share = f", {100 * found.share:.0f} % of it" if found.share is not None else ""
    return (
        f"mirror on: {found.on} events in {found.on_seconds:.1f} s; off: {found.off} in"
        f" {found.off_seconds:.1f} s; likelihood ratio 10^{found.ratio:.0f}{share}; {found.filter}"
    )
