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
MOST = 60  # phases; then it cannot be told
SECOND = math.log(20)  # that there is another source


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
    def is_on(self) -> bool:
        """Whether the last phase was with the port."""
        return bool(self.segments) and self.suspect in self.segments[-1].ports

    def weigh(self, grid: Sequence[Rates], weights: Sequence[float]) -> float:
        """Say how much speaks for the port, as a natural logarithm: its weaker half counts."""
        found = min(ratio(grid, weights, *self._sums()))
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

    def share(self, others: Segment | None = None) -> float:
        """Say how much of what matches comes by the port; with cables, the others were there."""
        on, off = self._sums()
        if others is None:
            return max(0.0, 1 - _rate(off) / max(_rate(on), 1e-9))
        own, rest = _rate(on) - _rate(off), _rate(others) - _rate(off)
        quiet = max(_rate(off), 0.01 * _rate(on), 1e-9)
        loud = quiet + max(rest, 0.0)
        said = others.single * math.log(loud / quiet) - (loud - quiet) * others.seconds
        return own / (own + rest) if said > SECOND and own + rest > 0 else 1.0

    def _sums(self) -> tuple[Segment, Segment]:
        sums = []
        for ports in map(frozenset, (self.turned_on, self.turned_off)):
            some = [segment for segment in self.segments if segment.ports == ports]
            seconds = sum(segment.seconds for segment in some)
            sums.append(Segment(ports, False, seconds, sum(segment.single for segment in some)))
        return sums[0], sums[1]


def _rate(segment: Segment) -> float:
    return segment.single / max(segment.seconds, 1e-9)
