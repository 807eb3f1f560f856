"""Ask, write down, ask again."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from whence.inquiry.plan import Board, Step, next_step
from whence.model import Confidence, Fact, Probe, Process, Reach, WhenceError

log = logging.getLogger(__name__)

MOST = 2000  # steps of one inquiry; more means that probes feed each other without end


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step: facts, or the reason why it could not be asked."""

    step: Step
    facts: tuple[Fact, ...] = ()
    refused: WhenceError | None = None


def investigate(
    board: Board, probes: Sequence[Probe[Any]], means: Mapping[type, object], limit: Reach
) -> Iterator[Outcome]:
    """Ask until nothing is left to ask, yielding each step with its outcome.

    Outcomes are put on the board in the order in which they are yielded, so that a recording of
    the world leads to the same board again.
    """
    usable = [probe for probe in probes if means.keys() >= set(probe.needs)]
    for _ in range(MOST):
        step = next_step(board, usable, limit)
        if step is None:
            return
        board.asked.add((step.probe.name, step.about))
        outcome = _ask(step, means)
        board.facts += outcome.facts
        yield outcome


def _ask(step: Step, means: Mapping[type, object]) -> Outcome:
    log.debug("asking %s about %s", step.probe.name, step.about)
    try:
        given = [means[need] for need in step.probe.needs]
        return Outcome(step, tuple(map(_as_reported, step.probe(step.about, *given))))
    except WhenceError as reason:
        return Outcome(step, refused=reason)
    except Exception as fault:  # a probe's bug costs its answer, not the case
        log.debug("%s failed", step.probe.name, exc_info=True)
        return Outcome(
            step,
            refused=WhenceError(
                f"the question “{step.probe.question}” failed",
                because=f"{type(fault).__name__}: {fault}",
                try_="report this as a bug, with `whence -v` and the exported case",
            ),
        )


def _as_reported(fact: Fact) -> Fact:
    """Of a process that only a file of another tool tells of, nothing is surer than that file."""
    is_reported = isinstance(fact.subject, Process) and fact.subject.is_reported
    if is_reported and fact.confidence in (Confidence.CERTAIN, Confidence.LIKELY):
        return replace(fact, confidence=Confidence.REPORTED)
    return fact
