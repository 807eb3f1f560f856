"""What is believed about the port, after all that was seen. Pure.

The suspect's events and its look-alikes are Poisson processes of unknown rates, λ and β. For each
port s and each pair of rates the likelihood of a segment with n events in t seconds is r^n e^(-rt),
where r is λ+β if s was mirrored and β if not. What is believed about s is the sum over a grid of
rates. With the uplink mirrored as well each event is seen at any rate, twice if its port was
mirrored, too; one copy and two copies are then two processes. Look-alikes are seen whatever is
mirrored, or come in by the other ports: both are in the grid.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from operator import add, mul
from typing import NamedTuple

from whence.model.bisection import NONE, Port, Segment

MISSED = 0.02  # of second copies
FALSE = 0.01  # frames that look like a second copy
STRAY = 0.003  # of the suspect's events that are seen although nothing says so; keeps one from ruin
SUSPECT = tuple(math.exp(math.log(0.2) + step * math.log(15) / 8) for step in range(9))  # 0.2…3
ALIKE = (0.003, 0.02, 0.07, 0.2, 0.5, 1.0)  # look-alikes; both as shares of the rate seen
BY_PORTS = 0.25  # prior of look-alikes that come in by the other ports
NOWHERE = 0.02  # prior of none of the ports
DOUBT = 0.2  # of what is believed of the rates: few events told of them, and they may change


class Rates(NamedTuple):
    """A cell of the grid, per second."""

    suspect: float
    alike: float
    by_ports: bool


class Expected(NamedTuple):
    """How often one copy and two copies of an event are seen, per second."""

    single: float
    double: float


class Belief:
    """What is believed, by port."""

    def __init__(
        self, ports: Sequence[Port], weights: Sequence[float] = (), rate: float = 1
    ) -> None:
        """Begin with a prior; ``rate`` is about how many events are seen each second."""
        shares = [weight + 1e-9 for weight in weights] or [1.0] * len(ports)
        total = sum(shares)
        self.prior = {NONE: NOWHERE} | {
            port: (1 - NOWHERE) * share / total for port, share in zip(ports, shares, strict=True)
        }
        self._count = len(ports)
        self.grid = [*_grid(rate)]
        self._logs: dict[tuple[bool, int, bool], list[tuple[float, float, float]]] = {}
        # Ports of one history share one row, which is worth it: most do for most of a search.
        rows = {prior: self._begin(prior) for prior in {*self.prior.values()}}
        self._rows = {port: rows[prior] for port, prior in self.prior.items()}

    def information(
        self, joint: Mapping[Port, Sequence[float]], ports: frozenset[Port], seconds: float
    ) -> float:
        """Say how much is to be learned of the port with these mirrored, in nats.

        That is the mutual information of the port and of whether an event is seen in so many
        seconds, all rates taken together that ``joint`` holds likely: Lindley 1956.
        """
        segment = Segment(ports)
        silent = {
            mirrored: [
                math.exp(-seconds * _seen(rates, segment, self._count, mirrored=mirrored).single)
                for rates in self.grid
            ]
            for mirrored in (True, False)
        }
        rows: dict[tuple[int, bool], Sequence[float]] = {}
        times: Counter[tuple[int, bool]] = Counter()
        for port, row in joint.items():
            key = (id(row), port in ports)
            rows[key] = row
            times[key] += 1
        known = together = 0.0
        for key, row in rows.items():
            mass = sum(row)
            quiet = sum(map(mul, row, silent[key[1]]))
            known += times[key] * mass * _surprise(quiet / mass if mass else 0.0)
            together += times[key] * quiet
        return _surprise(together) - known

    def _begin(self, prior: float) -> list[float]:
        kinds = (1 - BY_PORTS, BY_PORTS)
        return [math.log(prior * kinds[rates.by_ports]) for rates in self.grid]

    def learn(self, segment: Segment) -> None:
        """Take in what was seen."""
        self._rows = self._after(segment)

    def joint(self, segment: Segment | None = None) -> dict[Port, list[float]]:
        """Give the probability of each port and pair of rates, of one segment more as well."""
        rows = self._after(segment) if segment else self._rows
        distinct = {id(row): row for row in rows.values()}
        highest = max(map(max, distinct.values()))
        exp = math.exp
        grown = {key: [exp(value - highest) for value in row] for key, row in distinct.items()}
        sums = {key: sum(row) for key, row in grown.items()}
        total = sum(sums[id(row)] for row in rows.values())
        shares = {key: [value / total for value in row] for key, row in grown.items()}
        return {port: shares[id(row)] for port, row in rows.items()}

    def _after(self, segment: Segment) -> dict[Port, list[float]]:
        inside, outside = self._steps(segment)
        made: dict[tuple[int, bool], list[float]] = {}
        after: dict[Port, list[float]] = {}
        for port, row in self._rows.items():
            key = (id(row), port in segment.ports)
            if key not in made:
                made[key] = list(map(add, row, inside if key[1] else outside))
            after[port] = made[key]
        return after

    def _steps(self, segment: Segment) -> tuple[list[float], list[float]]:
        return self._step(segment, mirrored=True), self._step(segment, mirrored=False)

    def _step(self, segment: Segment, *, mirrored: bool) -> list[float]:
        """Give log_likelihood for each pair of rates; its logarithms are the same at each look."""
        key = (segment.reference, len(segment.ports), mirrored)
        if key not in self._logs:
            expected = [_seen(rates, segment, self._count, mirrored=mirrored)
                        for rates in self.grid]  # fmt: skip
            self._logs[key] = [
                (one.single + one.double, math.log(one.single), math.log(one.double or 1.0))
                for one in expected
            ]
        seconds, single, double = segment.seconds, segment.single, segment.double
        return [single * once + double * twice - rate * seconds
                for rate, once, twice in self._logs[key]]  # fmt: skip


def _surprise(share: float) -> float:
    """Give the entropy of what happens with this probability, or not, in nats."""
    rest = 1 - share
    if share <= 0 or rest <= 0:
        return 0.0
    return -share * math.log(share) - rest * math.log(rest)


def log_likelihood(segment: Segment, expected: Expected) -> float:
    """Say how likely it is to see this, as a natural logarithm."""
    silence = -(expected.single + expected.double) * segment.seconds
    seen = segment.single * math.log(expected.single)
    return silence + seen + (segment.double * math.log(expected.double) if segment.double else 0)


def by_port(joint: Mapping[Port, Sequence[float]]) -> dict[Port, float]:
    """Sum over the rates."""
    return {port: sum(row) for port, row in joint.items()}


def by_rates(joint: Mapping[Port, Sequence[float]]) -> list[float]:
    """Sum over the ports, in the order of the grid."""
    rows = {id(row): row for row in joint.values()}
    times = Counter(map(id, joint.values()))
    weighted = ([times[key] * value for value in row] for key, row in rows.items())
    return [sum(column) for column in zip(*weighted, strict=True)]


def ratio(
    grid: Sequence[Rates], weights: Sequence[float], on: Segment, off: Segment
) -> tuple[float, float]:
    """Compare the port with no port, by what was seen while it was mirrored and while not.

    Gives two natural logarithms of likelihood ratios: of the suspect being seen only with this
    port to its not being seen at all, and to its being seen anyway.
    """
    total = sum(weights)
    doubted = [(1 - DOUBT) * w / total + DOUBT / len(grid) for w in weights]
    loud = [Expected(r.suspect + _unrelated(r), 0.0) for r in grid]
    quiet = [Expected(_unrelated(r) + STRAY * r.suspect, 0.0) for r in grid]

    def evidence(with_it: Sequence[Expected], without: Sequence[Expected]) -> float:
        logs = [
            math.log(w) + log_likelihood(on, a) + log_likelihood(off, b)
            for w, a, b in zip(doubted, with_it, without, strict=True)
        ]
        highest = max(logs)
        return highest + math.log(sum(math.exp(value - highest) for value in logs))

    so = evidence(loud, quiet)
    return so - evidence(quiet, quiet), so - evidence(loud, loud)


def _unrelated(rates: Rates) -> float:
    return 0.0 if rates.by_ports else rates.alike


def _grid(rate: float) -> itertools.chain[Rates]:
    pairs = [(suspect * rate, alike * rate) for suspect in SUSPECT for alike in ALIKE]
    return itertools.chain(
        (Rates(*pair, by_ports=False) for pair in pairs),
        (Rates(*pair, by_ports=True) for pair in pairs),
    )


def _seen(rates: Rates, segment: Segment, count: int, *, mirrored: bool) -> Expected:
    """Say how often events are seen, if the suspect's port is mirrored or not."""
    suspect, alike, by_ports = rates
    others = len(segment.ports) - mirrored
    share = min(1.0, others / max(1, count - 1)) if by_ports else 0.0  # of look-alikes mirrored
    if not segment.reference:
        unrelated = alike * share if by_ports else alike
        return Expected(unrelated + suspect * (1.0 if mirrored else STRAY), 0.0)
    twice = suspect * ((1 - MISSED) if mirrored else FALSE) + alike * max(share, FALSE)
    return Expected(suspect + alike - twice, twice)
