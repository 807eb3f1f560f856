"""The chain of an answer as boxes, each led to by a fact about one before. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from whence.inquiry.reporting.report import Cited
from whence.model import Flow, Ip, Mac, Observable, Outlet, Process, SwitchPort

# What goes on straight down; all else hangs on it, one step to the right.
STRAIGHT = (Flow, Process, Ip, Mac, SwitchPort, Outlet)
QUIET = frozenset(
    {"described-as", "homepage", "maintained-by", "has-open", "talks-to", "is-known-as"}
)
MOST = 80  # boxes
MOST_DETAILS = 3  # of a box


@dataclass(frozen=True, slots=True)
class Box:
    """A thing, and how it was come to."""

    thing: Observable
    depth: int  # 0: on the straight way
    by: Cited | None  # the fact that leads to it; None for the subject
    details: tuple[Cited, ...] = ()  # what is known of it in words
    backwards: bool = False  # the fact is about this thing, and leads to one before


def boxes(
    subject: Observable, lineage: Sequence[Cited], facts: Sequence[Cited] = ()
) -> tuple[tuple[Box, ...], int]:
    """Give the boxes from the subject on, and how many more there would have been.

    ``facts`` are all of the case: one of them may join a part of the chain to the subject.
    """
    walk = _Walk(subject, lineage, facts)
    walk.go(subject, 0)
    for cited in lineage:  # what nothing joins
        walk.go(cited.fact.subject, 0)
    return tuple(walk.boxes[:MOST]), max(0, len(walk.boxes) - MOST)


@dataclass(frozen=True, slots=True)
class _Way:
    to: Observable
    by: Cited
    backwards: bool = False


class _Walk:
    def __init__(
        self, subject: Observable, lineage: Sequence[Cited], facts: Sequence[Cited]
    ) -> None:
        self.boxes: list[Box] = []
        self._met: set[Observable] = set()
        self._words: defaultdict[Observable, list[Cited]] = defaultdict(list)
        self._ways: defaultdict[Observable, list[_Way]] = defaultdict(list)
        led_to = {subject, *(cited.fact.value for cited in lineage)}
        for cited in lineage:
            fact = cited.fact
            if isinstance(fact.value, str):
                self._words[fact.subject].append(cited)
            else:
                self._ways[fact.subject].append(_Way(fact.value, cited))
        things = dict.fromkeys(cited.fact.subject for cited in lineage)
        for thing in (one for one in things if one not in led_to):
            if joining := next((one for one in facts if one.fact.value == thing), None):
                self._ways[joining.fact.subject].append(_Way(thing, joining))
            else:
                for way in [*self._ways[thing]]:
                    self._ways[way.to].append(_Way(thing, way.by, backwards=True))

    def go(self, begin: Observable, depth: int) -> None:
        """Take a thing and all it leads to; without recursion, since the way may be long."""
        ahead: list[tuple[Observable, int, _Way | None]] = [(begin, depth, None)]
        while ahead:
            thing, depth, way = ahead.pop()
            if thing in self._met:
                continue
            self._met.add(thing)
            details = [one for one in self._words[thing] if one.fact.relation not in QUIET]
            by, backwards = (way.by, way.backwards) if way else (None, False)
            self.boxes.append(Box(thing, depth, by, tuple(details[:MOST_DETAILS]), backwards))
            onward = [(one.to, depth, one) for one in self._ways[thing] if _is_straight(one)]
            beside = [
                (one.to, depth + 1, one) for one in self._ways[thing] if not _is_straight(one)
            ]
            ahead += [*reversed(onward), *reversed(beside)]


def _is_straight(way: _Way) -> bool:
    return isinstance(way.to, STRAIGHT) and not way.backwards
