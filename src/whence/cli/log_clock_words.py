"""What is said of clocks that were wrong, by the order of lines in a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from whence.analysis._words import span
from whence.analysis.log_clock import Clock
from whence.analysis.log_clock_steps import ClockStep
from whence.model.plural import many

MOST_STEPS = 3  # clocks that were set back, that are told one by one


def clock_words(clock: Clock) -> str:
    """Say that a clock is wrong all the time."""
    way = "behind" if clock.behind > timedelta() else "ahead of"
    return (
        f"The clock of {clock.host} is {span(abs(clock.behind.total_seconds()))} {way} that of the "
        f"other hosts and of this machine, as the order of lines shows; its times are corrected."
    )


def steps_words(steps: Sequence[ClockStep]) -> Iterator[str]:
    """Say which clocks were set, and what that makes of the times."""
    yield from map(_step_words, steps[:MOST_STEPS])
    if (more := len(steps) - MOST_STEPS) > 0:
        yield f"So were the clocks of {many(more, 'other host')}."


def _step_words(step: ClockStep) -> str:
    again, forward = step.again, step.back < timedelta()
    whose = f"The clock of {step.host}" if step.host else "The clock of all these lines"
    day = "" if again.begin.date() == again.end.date() else f"{again.end:%Y-%m-%d} "
    times = f"{again.begin:%Y-%m-%d %H:%M:%S} to {day}{again.end:%H:%M:%S} UTC"
    told = (
        f"{times} was left out: that alone is no silence"
        if forward
        else f"{times} came twice, with {many(step.before, 'line')} and then {step.after:,}: "
        "that alone is no increase"
    )
    return (
        f"{whose} was set {'forward' if forward else 'back'} by about "
        f"{span(abs(step.off.total_seconds()))}, as the order of its lines shows: {told}. "
        f"{_correction_words(step)}"
    )


def _correction_words(step: ClockStep) -> str:
    said = step.said
    way = "earlier" if step.off > timedelta() else "later"
    return (
        f"What it dated {said.begin:%m-%d %H:%M:%S} to {said.end:%m-%d %H:%M:%S} "
        f"{'after' if step.corrects_what_follows else 'before'} that is taken to be "
        f"{span(abs(step.off.total_seconds()))} {way}."
    )
