"""The control test of a search: with the port, without it, by turns; then all others. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from whence.model.bisection import Control, Port, Segment
from whence.model.bisection_belief import Rates, ratio

SURE = math.log(1000)  # in either direction
PHASE = SURE / 2  # in events that are to be expected
PHASES = 5  # at least: off, on, off, on, off
SOON = 10  # phases, after which they become longer: there are more look-alikes than was thought
MOST = 60  # phases; then it cannot be told
SECOND = math.log(20)  # that there is another source
ALL = 0.8  # of the events; a port that explains less is not the only one
DOUBT = math.log(2)  # from which on more is to be seen


@dataclass(slots=True)
class ControlTest:
    """What was seen with a port and without it."""

    suspect: Port
    ports: tuple[Port, ...]  # all that can be mirrored
    cables: bool = False  # those of all others stay plugged in
    ratio: float = 0.0  # decimal logarithm of the likelihood ratio, at the end
    segments: list[Segment] = field(default_factory=list)

    @property
    def others(self) -> tuple[Port, ...]:
        """All ports but the suspect."""
        return tuple(port for port in self.ports if port != self.suspect)

    @property
    def turned_on(self) -> tuple[Port, ...]:
        """What is mirrored with the port."""
        return self.ports if self.cables else (self.suspect,)

    @property
    def turned_off(self) -> tuple[Port, ...]:
        """What is mirrored without it."""
        return self.others if self.cables else ()

    @property
    def phases(self) -> int:
        """How often it was off or on; a phase that was interrupted is one."""
        return len([*groupby(segment.ports for segment in self.segments)])

    @property
    def phase(self) -> float:
        """How many of the suspect's events are to be expected in a phase: more if it takes long."""
        return PHASE * max(1.0, self.phases / SOON)

    @property
    def is_on(self) -> bool:
        """Whether the last phase was with the port."""
        return bool(self.segments) and self.suspect in self.segments[-1].ports

    def weigh(self, grid: Sequence[Rates], weights: Sequence[float], uneven: float = 1.0) -> float:
        """Say how much speaks for the port, as a natural logarithm: its weaker half counts.

        Of events that come so many times more unevenly than by chance, each tells as much less:
        Wedderburn 1974, quasi-likelihood.
        """
        found = min(ratio(grid, weights, *self._sums())) / max(1.0, uneven)
        self.ratio = found / math.log(10)
        return found

    def confirms(self, weight: float) -> bool:
        """Say whether that is enough; it ends with a phase without the port."""
        return self.phases >= PHASES and not self.is_on and weight > SURE

    def summary(self) -> Control:
        """Say what was seen."""
        on, off = self._sums()
        times = sum(self.suspect in ports for ports, _ in groupby(s.ports for s in self.segments))
        return Control(times, on.single, off.single, on.seconds, off.seconds, self.ratio)

    def share(self) -> float:
        """Say how much of what matches comes by the port: with cables, the others were there."""
        on, off = self._sums()
        return max(0.0, 1 - _rate(off) / max(_rate(on), 1e-9))

    def share_beside(self, others: Segment, quiet: Segment) -> float:
        """Say the same by what came with all others mirrored, and with nothing: look-alikes."""
        on, _ = self._sums()
        own, rest = _rate(on) - _rate(quiet), _rate(others) - _rate(quiet)
        is_told = rest > 0 and _two_rates(quiet, others) > SECOND
        return own / (own + rest) if is_told and own + rest > 0 else 1.0

    def doubts(self, others: Segment, quiet: Segment) -> bool:
        """Say whether all others seem to bring more than comes anyway, which may be chance."""
        return _rate(others) > _rate(quiet) and DOUBT < _two_rates(quiet, others) <= SECOND

    def _sums(self) -> tuple[Segment, Segment]:
        sums = []
        for ports in map(frozenset, (self.turned_on, self.turned_off)):
            some = [segment for segment in self.segments if segment.ports == ports]
            sums.append(total(some, ports))
        return sums[0], sums[1]


def _two_rates(one: Segment, other: Segment) -> float:
    """Say how much likelier it is that two segments have rates of their own than one rate.

    The natural logarithm of the likelihood ratio of Poisson rates, each the likeliest: few events
    say as little of the quiet segment as of the loud one.
    """
    together = _rate(total((one, other)))
    return sum(each.single * math.log(_rate(each) / together) for each in (one, other)
               if each.single)  # fmt: skip


def total(segments: Sequence[Segment], ports: frozenset[Port] = frozenset()) -> Segment:
    """Give the time and the events of all of them together."""
    seconds = sum(segment.seconds for segment in segments)
    return Segment(ports, False, seconds, sum(segment.single for segment in segments))


def _rate(segment: Segment) -> float:
    return segment.single / max(segment.seconds, 1e-9)
