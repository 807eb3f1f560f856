"""How likely is it that so long a silence is chance? Pure.

Three answers, and the one that is most in favour of chance counts:

* the times have a period (``beacons``): each contact that was to come may have been missed, as
  often as before (Laplace's rule: one miss more, and two contacts more, than there were);
* they have none: contacts at random at a rate that is itself known only from so many (the
  predictive probability of none, by a gamma prior without weight);
* as it was: the share of the time before in which a silence so long began. It keeps a night
  from being taken for an end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from whence.analysis._period import Period
from whence.analysis.beacons import ONE_EVENT, regularity
from whence.model.facts import Confidence

SURE = 0.001  # of a chance that is none any more
MAYBE = 0.05
PERIODS = 3  # that must have passed, where there is a period, however few were missed
LONGEST = 400 * 86400.0  # seconds; nobody waits longer


@dataclass(frozen=True, slots=True)
class Before:
    """What was seen before a change."""

    times: tuple[float, ...]  # ascending, seconds; contacts less than 10 s apart are one
    watched: float  # seconds from the first on in which somebody watched
    until_change: float  # seconds from the last contact to the change
    period: Period | None

    @property
    def gaps(self) -> list[float]:
        """Give the silences there were, that before the change too."""
        return [b - a for a, b in pairwise(self.times)] + [self.until_change]

    @property
    def each(self) -> float:
        """Give the mean time between two contacts; 0 where there are not two."""
        if self.period:
            return self.period.seconds / max(1 - self.period.missing, 0.01)
        return self.watched / (len(self.times) - 1) if len(self.times) > 1 else 0.0


def before(begins: Sequence[float], change: float, watched: float) -> Before:
    """Take contacts together, and find their period."""
    times = _apart(sorted(begins))
    found = regularity(times)
    last = change - times[-1] if times else 0.0
    return Before(tuple(times), watched, max(0.0, last), found[0] if found else None)


def _apart(begins: Sequence[float]) -> list[float]:
    """Take what comes less than 10 s after a contact as part of it; of a stream, one each 10 s."""
    kept: list[float] = []
    for begin in begins:
        if not kept or begin - kept[-1] >= ONE_EVENT:
            kept.append(begin)
    return kept


def expected(known: Before, quiet: float) -> float:
    """Say how many contacts were to come in a time."""
    return quiet / known.each if known.each else 0.0


def chance(known: Before, quiet: float) -> float:
    """Say how likely a silence of ``quiet`` seconds is if nothing has changed."""
    if len(known.times) < 2 or known.watched <= 0:
        return 1.0
    return min(1.0, max(_by_model(known, quiet), _as_it_was(known, quiet)))


def _by_model(known: Before, quiet: float) -> float:
    period = known.period
    if period is None:
        return (known.watched / (known.watched + quiet)) ** (len(known.times) - 1)
    due = int(max(0.0, quiet / period.seconds - 2 * period.jitter))
    missed = (period.expected - period.hits + 1) / (period.expected + 2)
    by_misses = min(1.0, missed) ** due
    return by_misses if due >= PERIODS else max(by_misses, 2 * SURE)


def _as_it_was(known: Before, quiet: float) -> float:
    """Say for which share of the time before a silence so long was to come."""
    room = known.watched - quiet
    later = sum(max(0.0, gap - quiet) for gap in known.gaps[:-1])
    return later / room if room > 0 and later > 0 else 0.0


def enough(known: Before) -> float | None:
    """Say after how long a silence it is no chance; None where that cannot be told."""
    low, high = 0.0, LONGEST
    if chance(known, high) >= SURE:
        return None
    while high - low > 1:
        middle = (low + high) / 2
        low, high = (low, middle) if chance(known, middle) < SURE else (middle, high)
    return high


def confidence(by_chance: float) -> Confidence:
    """Say it as a word: that it has ceased for good can never be certain."""
    if by_chance < SURE:
        return Confidence.LIKELY
    return Confidence.POSSIBLE if by_chance < MAYBE else Confidence.UNKNOWN
