"""The stories from the first line to the last, with the real whence in them."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from whence.lab.contract import NEVER, Judgement, Office, Outcome, Story
from whence.lab.office import down, up
from whence.lab.telling import WHENCE, Answer, Telling
from whence.lab.told import stories_with, story_called


@dataclass(frozen=True, slots=True)
class Played:
    """A story that was told to its end."""

    office: Office
    answers: tuple[Answer, ...]
    judgement: Judgement
    up: float  # seconds that building took
    told: float  # seconds from the first command to the verdict


def demo(
    whence: Sequence[str] = WHENCE,
    seed: int | None = None,
    variant: str | None = None,
    name: str | None = None,
) -> int:
    """Tell a story, or all that there are; give 0 if whence found out the truth by itself, else 1.

    ``whence`` are the words that start it. The lab is taken down whatever happens.
    """
    chosen = stories_with(variant) if name is None else [story_called(name)]
    outcomes = []
    with signals_that_clean_up():
        for story in chosen:
            print(f"== {story.about}\n", flush=True)
            played = play(story, Telling(tuple(whence), _print), seed, variant)
            print(judgement(story, played), flush=True)
            outcomes.append(played.judgement.outcome)
    return 0 if all(outcome is Outcome.COMPLETELY for outcome in outcomes) else 1


def play(
    story: Story[Any], telling: Telling, seed: int | None = None, variant: str | None = None
) -> Played:
    """Build a story's office, tell the story, judge it, and take the office down."""
    began = time.monotonic()
    office = up(story.name, seed, variant)
    try:
        built = time.monotonic() - began
        telling.show(f"{office.told}\n")
        answers = tuple(story.tell(office, telling))
        judged = story.judge(office.truth, answers)
    finally:
        down()
    return Played(office, answers, judged, built, sum(answer.seconds for answer in answers))


def judgement(story: Story[Any], played: Played) -> str:
    """Say whether the answers were right."""
    judged, office = played.judgement, played.office
    if judged.outcome is Outcome.COMPLETELY:
        told = office.truth.items()
        truth = ", ".join(f"{what} {text}" for what, text in told if not what.startswith(NEVER))
        steps = len(story.by_hand)
        return f"right: {truth} ({played.told:.0f} s instead of {steps} steps by hand).\n"
    faults = [f"it says {text}, which is not so" for text in judged.false]
    faults += [f"the answer does not name {text}" for text in judged.missing]
    word = "WRONG" if judged.false else "NOT ALL OF IT"
    return f"{word}: {'; '.join(faults)} (seed {office.seed}, variant {office.variant}).\n"


@contextmanager
def signals_that_clean_up() -> Iterator[None]:
    """Leave by an exception on signals that would end us in the middle of it.

    The first is enough: another one must not cut short what cleans up.
    """

    def leave(number: int, _frame: FrameType | None) -> None:
        for one in numbers:
            signal.signal(one, signal.SIG_IGN)
        raise SystemExit(128 + number)

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _print(text: str) -> None:
    print(text, flush=True)
