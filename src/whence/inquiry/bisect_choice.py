"""Which ports to mirror next: those that tell most in the time that it takes. Pure.

Half of what is likely tells most where the rates are known. Where they are not, what is seen of a
half may as well be look-alikes: then all other ports, or none at all, can tell more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from whence.model.bisection import NONE, Port
from whence.model.bisection_belief import Belief

SHARES = (0.3, 0.5, 0.7)  # of the probability
EVENTS = (1.0, 4.0)  # to be expected, as far as is looked ahead
BETTER = 1.1  # times as telling, for a change to be worth it


def likeliest(
    probabilities: Mapping[Port, float], ports: Sequence[Port], share: float = 0.5
) -> tuple[Port, ...]:
    """Choose the likeliest ports that have about this share of the probability; one at least."""
    chosen: list[Port] = []
    mass = 0.0
    for port in sorted(ports, key=lambda port: -probabilities.get(port, 0.0)):
        more = probabilities.get(port, 0.0)
        if not chosen or mass + more <= share + 1e-9:
            chosen.append(port)
            mass += more
        if mass >= share - 0.01:
            break
    return tuple(sorted(chosen, key=ports.index))


def most_telling(
    belief: Belief,
    joint: Mapping[Port, Sequence[float]],
    ports: Sequence[Port],
    held: frozenset[Port] | None,
    *,
    rate: float,
    cost: float,
    cables: bool = False,
) -> tuple[Port, ...] | None:
    """Give the ports to mirror next; None: what is held tells as much.

    ``rate`` is that of the suspect, a second; ``cost`` the seconds that a change takes, in which
    nothing is learned: so what is held is left when it tells less a second than a change would,
    Charnov 1976. Of ``cables`` not all are pulled at once.
    """
    found = {frozenset(some): some for some in _choices(joint, ports, cables=cables)}
    told: dict[frozenset[Port], float] = {}  # by what is mirrored, a second
    for some in found:
        spans = [events / rate for events in EVENTS]
        told[some] = max(belief.information(joint, some, s) / (s + cost) for s in spans)
    best = max(told, key=told.__getitem__)
    if held is None:
        return found[best]
    soon = EVENTS[0] / rate
    is_better = told[best] > BETTER * belief.information(joint, held, soon) / soon
    return found[best] if best != held and is_better else None


def _choices(
    joint: Mapping[Port, Sequence[float]], ports: Sequence[Port], *, cables: bool
) -> Iterator[tuple[Port, ...]]:
    probabilities = {port: sum(row) for port, row in joint.items() if port != NONE}
    for share in SHARES:
        some = likeliest(probabilities, ports, share)
        yield some
        rest = tuple(port for port in ports if port not in some)
        if rest or not cables:
            yield rest
    yield tuple(ports)
    if not cables:
        yield ()
