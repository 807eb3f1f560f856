"""Choose the next question. Pure: the same board always gives the same step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from whence.model import Confidence, Fact, Observable, Probe, Reach


@dataclass(frozen=True, slots=True)
class Step:
    """Put this question about this thing."""

    about: Observable
    probe: Probe[Any]


@dataclass(slots=True)
class Board:
    """What we set out to explain, what we know, and what we have asked."""

    subject: Observable
    facts: list[Fact] = field(default_factory=list)
    asked: set[tuple[str, Observable]] = field(default_factory=set)  # probe's name, about

    def distances(self) -> dict[Observable, int]:
        """Say how many facts away from the subject each thing is, in the order of discovery."""
        away = {self.subject: 0}
        for fact in self.facts:
            if isinstance(fact.value, Observable) and fact.value not in away:
                away[fact.value] = away.get(fact.subject, 0) + 1
        return away

    def answered(self) -> set[tuple[Observable, str]]:
        """Name the relations that are certain, by the thing they are about."""
        return {
            (fact.subject, fact.relation)
            for fact in self.facts
            if fact.confidence is Confidence.CERTAIN
        }


def next_step(board: Board, probes: Iterable[Probe[Any]], limit: Reach) -> Step | None:
    """Pick the quietest question not yet asked, about the nearest thing."""
    answered = board.answered()
    open_steps = [
        ((probe.reach, away, order, probe.name), Step(thing, probe))
        for order, (thing, away) in enumerate(board.distances().items())
        for probe in probes
        if isinstance(thing, probe.about)
        and probe.reach <= limit
        and away <= probe.near
        and (probe.name, thing) not in board.asked
        and (thing, probe.answers) not in answered
    ]
    return min(open_steps, key=lambda found: found[0])[1] if open_steps else None
