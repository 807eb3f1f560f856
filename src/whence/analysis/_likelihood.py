"""How much better does a period explain a series of times than chance does?

What looks regular among many series may be the luckiest of them: of ten thousand machines that ask
a resolver ten times in an hour, some do so at even times. So a period must explain its series
better than chance by more than the number of series that were looked at.

The measure is the Bayes factor of the period against chance, as a natural logarithm (Kass and
Raftery, 1995, with Laplace's approximation for what the period itself could have been). If a series
is chance, the factor is F or more in at most one case of F (Markov's inequality).
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

JITTERS = (0.01, 0.03, 0.1, 0.18, 0.26)  # standard deviations, as shares of the period
MISSES = (0.02, 0.25)  # shares of the expected events
STRANGERS = (0.02, 0.2)  # shares of the intervals
FURTHEST = 5  # periods that one interval may span
NEWEST = 200  # intervals: as many settle it
OCCAM = math.sqrt(2 * math.pi) / math.log(4)  # periods from a third to 1.3 mean intervals may be
CLOCK_EVENTS = 64  # of more, the intervals alone or the periodogram say enough
CLOCK_RANGE = 0.15  # of the period, either way, in which that of a clock is looked for
SIGHT = 8.0  # standard deviations


def over_chance(times: Sequence[float], seconds: float, least: float) -> float:
    """Say by which factor (its logarithm) a period explains ascending times better than chance.

    ``least`` is the shortest interval that there can be. Two ways to keep a period are tried, and
    the better counts: to sleep after each event, so that jitter adds up, and to go by a clock.
    """
    newest = times[-NEWEST - 1 :]
    asleep = _asleep([after - before for before, after in pairwise(newest)], seconds, least)
    by_the_clock = _by_the_clock(newest, seconds) if len(newest) <= CLOCK_EVENTS else -math.inf
    return max(asleep, by_the_clock) - math.log(2)


def _asleep(intervals: Sequence[float], seconds: float, least: float) -> float:
    """Compare intervals around 1, 2, 3, … periods with exponential ones."""
    mean = max(sum(intervals) / len(intervals) - least, 1e-6)
    chance = [math.exp(-(interval - least) / mean) / mean for interval in intervals]
    return _mean(
        math.log(OCCAM * jitter / math.sqrt(len(intervals)))
        + sum(
            math.log((1 - strange) * regular / usual + strange)
            for regular, usual in zip(dense, chance, strict=True)
        )
        for jitter in JITTERS
        for missing in MISSES
        for dense in [[_density(each / seconds, jitter, missing) / seconds for each in intervals]]
        for strange in STRANGERS
    )


def _density(periods: float, jitter: float, missing: float) -> float:
    """Give the density of an interval; each period that it spans adds its jitter."""
    return sum(
        missing ** (count - 1) * (1 - missing) * _normal(periods - count, jitter * math.sqrt(count))
        for count in range(1, FURTHEST + 1)
    )


def _by_the_clock(times: Sequence[float], seconds: float) -> float:
    """Compare events around the ticks of a clock with those of a Poisson process."""
    period, offset = _tuned(times, seconds)
    mean = (times[-1] - times[0]) / (len(times) - 1)
    nearest: dict[int, float] = {}
    for time in times:
        ticks = (time - times[0]) / period - offset
        tick = round(ticks)
        nearest[tick] = min(nearest.get(tick, math.inf), ticks - tick, key=abs)
    empty = max(nearest) - min(nearest) + 1 - len(nearest)
    strangers = len(times) - len(nearest)
    chance = len(times) * (math.log(1 / mean) - 1)
    return _mean(
        _clock_prior(jitter, len(times))
        + sum(
            math.log((1 - missing) * _normal(off, jitter) / period + STRANGERS[0] / mean)
            for off in nearest.values()
        )
        + empty * math.log(missing)
        + strangers * math.log(STRANGERS[0] / mean)
        - chance
        for jitter in JITTERS
        for missing in MISSES
    )


def _clock_prior(jitter: float, events: int) -> float:
    """Charge for the choice of an offset, and for that of a period, which many events narrow."""
    offset = jitter * math.sqrt(2 * math.pi / events)
    return math.log(offset) + math.log(OCCAM * jitter * math.sqrt(12) / events**1.5)


def _tuned(times: Sequence[float], seconds: float) -> tuple[float, float]:
    """Find the period nearby, and its offset as a share, around which events gather most."""
    steps = 3 * len(times)
    periods = [seconds * (1 + CLOCK_RANGE * (2 * step / steps - 1)) for step in range(steps + 1)]
    gathered = {
        period: sum(cmath.exp(2j * cmath.pi * (time - times[0]) / period) for time in times)
        for period in periods
    }
    best = max(gathered, key=lambda period: abs(gathered[period]))
    return best, cmath.phase(gathered[best]) / (2 * math.pi)


def _normal(off: float, deviation: float) -> float:
    if abs(off) > SIGHT * deviation:
        return 0.0
    return math.exp(-0.5 * (off / deviation) ** 2) / (deviation * math.sqrt(2 * math.pi))


def _mean(logarithms: Iterable[float]) -> float:
    """Average what is given, and returned, as logarithms."""
    given = [*logarithms]
    largest = max(given)
    return largest + math.log(sum(math.exp(each - largest) for each in given) / len(given))
