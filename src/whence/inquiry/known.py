"""The facts of a case, sorted for who tells its story, and what a story is. Pure."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from whence.model import Confidence, Fact, Observable, Process


class Verdict(enum.StrEnum):
    """What the case came to."""

    EXPLAINED = "explained"
    BENIGN = "benign"
    SUSPICIOUS = "suspicious"
    INSUFFICIENT = "insufficient"


@dataclass(frozen=True, slots=True)
class Story:
    """The answer of a case."""

    sentence: str
    verdict: Verdict
    lineage: tuple[Fact, ...]  # from the subject to what began it: each fact leads to the next
    others: tuple[str, ...] = ()  # a sentence for each further maker


class Known:
    """The facts of a case, by what they are about."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._about: defaultdict[Observable, list[Fact]] = defaultdict(list)
        for fact in facts:
            self._about[fact.subject].append(fact)

    def about(self, thing: Observable, *relations: str) -> list[Fact]:
        """Give the facts about a thing, those of the given relations if any are given."""
        return [f for f in self._about[thing] if not relations or f.relation in relations]

    def best(self, thing: Observable, relation: str) -> Fact | None:
        """Give the surest fact of a relation."""
        order = [*Confidence]
        return min(
            self.about(thing, relation), key=lambda fact: order.index(fact.confidence), default=None
        )

    def ancestors(self, process: Process) -> Iterator[Process]:
        """Yield a process, its parent, its parent's parent, as far as is known."""
        met: set[Process] = set()
        current: Observable | str = process
        while isinstance(current, Process) and current not in met:
            met.add(current)
            yield current
            parent = self.best(current, "child-of")
            current = parent.value if parent else ""
