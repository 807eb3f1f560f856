"""From a connection to the processes that made it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from whence.model import (
    CannotAsk,
    Confidence,
    Evidence,
    Fact,
    Flow,
    Observable,
    ProcessRecord,
    Sighting,
    probe,
)
from whence.model.ecs import from_line
from whence.world import Witness

SURENESS = list(Confidence)  # the surest first


@dataclass(slots=True)
class Made:
    """What is known of one maker so far."""

    first: Evidence
    last: Evidence
    confidence: Confidence

    def again(self, evidence: Evidence, confidence: Confidence) -> None:
        """Take in a later sighting of the same maker."""
        self.last = evidence
        self.confidence = min(self.confidence, confidence, key=SURENESS.index)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The first and the last line that name it."""
        return (self.first,) if self.first == self.last else (self.first, self.last)


@probe(answers="made-by", near=0)
def made_by(flow: Flow, witness: Witness) -> Iterator[Fact]:
    """Which process made this connection?"""
    makers: dict[Observable | str, Made] = {}
    nobody: list[Sighting] = []
    for line in filter(None, witness.connections(flow).lines()):
        seen = from_line(line)
        if seen.maker is None:
            nobody.append(seen)
        elif made := makers.get(_name(seen.maker)):
            made.again(line.evidence, seen.confidence)
        else:
            makers[_name(seen.maker)] = Made(line.evidence, line.evidence, seen.confidence)
    if nobody and not makers:
        raise _unattributed(nobody)
    for maker, made in makers.items():
        yield flow.fact("made-by", maker, *made.evidence, confidence=made.confidence)


def _name(maker: ProcessRecord) -> Observable | str:
    if maker.kernel_thread:
        return f"the kernel itself, in its thread {maker.name}" if maker.name else "the kernel"
    return maker.process


def _unattributed(seen: list[Sighting]) -> CannotAsk:
    sensors = ", ".join(sorted({sighting.sensor for sighting in seen}))
    return CannotAsk(
        f"the connection was seen, but not who made it ({len(seen)}× by {sensors})",
        because="the process was gone before it could be looked up, or the traffic only "
        "passes through this machine",
        try_="whence doctor, to see what a better sensor needs",
    )
