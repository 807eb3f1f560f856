"""From a process to the one that started it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Process, probe
from whence.probes._records import lineage
from whence.world import Witness


@probe(answers="child-of")
def child_of(process: Process, witness: Witness) -> Iterator[Fact]:
    """Which process started this one?"""
    match lineage(process, witness)[:2]:
        case [child, parent]:
            yield process.fact("child-of", parent.record.process, child.evidence, parent.evidence)
        case [child] if child.record.parent:
            yield process.fact("child-of", child.record.parent, child.evidence)
