"""Is a series of times periodic, and with which period? Three tests, each strong where the
others are weak; the strongest decides.

* ``steady``: the share of intervals within 35 % of their median. Sees any jitter, also one that
  adds up (a loop that sleeps), and misses few; strangers among the events break it.
* ``multiples``: the share of intervals near 1, 2, 3, … periods. Sees misses; wants little jitter.
* ``phase``: the periodogram over its surroundings. Sees a fixed schedule among strangers.

The first two are the lower ends of 99 % confidence intervals for a share, less what chance gives,
so that few events never look better than they are. What they find must then be less likely by
chance than one among all series that were judged (``_likelihood``).
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from statistics import median, stdev

from whence.analysis._likelihood import FURTHEST, over_chance

NEAR = 0.35  # of the period: as far as a jitter of 30 % goes, and a little
CLOSE = 0.12  # of the period, for multiples: chance reaches 24 %
Z = 2.33  # standard normal: 99 % on one side
LEAST_BINS, MOST_BINS = 64, 4096  # of time, for the periodogram
SURROUNDINGS = 64  # frequencies on either side that a peak is compared with
CYCLES = 8  # of a period in the whole time, at least
LEAST_FOR_PHASE = 16  # events; the peaks of fewer are chance
PARTS, COVERED = 20, 12  # what has events in fewer parts of the whole time is no schedule
PAUSE = 6.0  # periods without a hit: a pause (machine off), not misses

# Where each test, on chance and on people, is below nearly always. bench/packets/beacons.py
# measures these.
CLEAR = 2.0  # score from which on the intervals alone decide
STEADY_AT, MULTIPLES_AT, PHASE_AT = 0.19, 0.35, 45.0
PACE_OF_PEOPLE, MORE = 150.0, 1.8  # seconds; who is as fast as people click must be steadier
ALMOST, FOR_ALMOST = 0.45, 14  # a score, and events, from which the likelihood may decide alone
FACTOR, FACTOR_ALONE = -1.0, 7.0  # logarithms; above one false series in a capture, and at least
THROUGHOUT = 0.5  # of all periods from first to last have a hit, where the phase alone says so


@dataclass(frozen=True, slots=True)
class Period:
    """How a series repeats. Times are in seconds."""

    seconds: float
    jitter: float  # standard deviation of a step, as a share of the period
    hits: int  # events that are where they are expected
    expected: int  # how many there would be without misses, pauses not counted
    strangers: int  # events that are not
    last: float  # time of the last hit
    score: float  # 1 is the threshold
    test: str  # which one decided

    @property
    def missing(self) -> float:
        """The share of expected events that did not come."""
        return max(0.0, 1 - self.hits / self.expected)

    @property
    def next(self) -> float:
        """When the next one is expected."""
        return self.last + self.seconds


def period_of(times: Sequence[float], among: int = 1, least: float = 0.0) -> Period | None:
    """Find the period of a series of times, ascending; None if it is none.

    ``among`` is how many series are judged, ``least`` the shortest interval there can be.
    """
    intervals = [after - before for before, after in pairwise(times)]
    candidates = [*_by_intervals(intervals)]
    if not any(score >= CLEAR for _, score, _ in candidates) and _is_steady(times):
        candidates += _by_phase(times, intervals)
    walked = [
        period
        for seconds, score, test in candidates
        if score >= _lowest(times, seconds, test) and (period := _walk(times, seconds, score, test))
    ]
    found = [judged for period in walked if (judged := _judged(period, times, among, least))]
    # Strangers make the median interval shorter than the period; the phase does not mind them.
    return max(found, key=lambda period: (period.test == "phase", period.score), default=None)


def _lowest(times: Sequence[float], seconds: float, test: str) -> float:
    """Give the score that is worth a closer look. People are too clever for likelihoods."""
    closer = test != "phase" and len(times) >= FOR_ALMOST and seconds >= PACE_OF_PEOPLE
    return ALMOST if closer else 1.0


def _judged(period: Period, times: Sequence[float], among: int, least: float) -> Period | None:
    """Say whether it is one, and no luck."""
    if period.test == "phase":  # a peak of that height is never chance
        return period if _fills(period, times) else None
    wanted = math.log(among) + FACTOR
    factor = over_chance(times, period.seconds, least)
    if period.score >= 1:
        return period if factor >= wanted else None
    score = factor / max(wanted, FACTOR_ALONE)
    return replace(period, score=score, test="likelihood") if score >= 1 else None


def _fills(period: Period, times: Sequence[float]) -> bool:
    return period.hits >= THROUGHOUT * (times[-1] - times[0]) / period.seconds


def _by_intervals(intervals: Sequence[float]) -> Iterator[tuple[float, float, str]]:
    middle = median(intervals)
    near = sum(abs(interval - middle) <= NEAR * middle for interval in intervals)
    # Of intervals of pure chance (exponential) 24.5 % are within 35 % of their median.
    wanted = STEADY_AT * (MORE if middle < PACE_OF_PEOPLE else 1)
    yield middle, _above_chance(near, len(intervals), 0.245) / wanted, "steady"
    for seconds in {middle, middle / 2, middle / 3, _mode(intervals)}:
        hits = [
            interval
            for interval in intervals
            if interval >= seconds / 2
            and round(interval / seconds) <= FURTHEST
            and abs(interval / seconds - round(interval / seconds)) <= CLOSE
        ]
        single = sum(round(interval / seconds) == 1 for interval in hits)
        if single * 3 >= len(hits) and hits:
            refined = sum(hits) / sum(round(interval / seconds) for interval in hits)
            above = _above_chance(len(hits), len(intervals), 2 * CLOSE)
            yield refined, above / MULTIPLES_AT, "multiples"


def _above_chance(hits: int, of: int, chance: float) -> float:
    """Give Wilson's lower limit of a share (Wilson, 1927), scaled so that chance is 0."""
    share = hits / of
    centre = share + Z * Z / (2 * of)
    margin = Z * math.sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    lower = (centre - margin) / (1 + Z * Z / of)
    return (lower - chance) / (1 - chance)


def _mode(intervals: Sequence[float]) -> float:
    """Give the interval around which most others are, by logarithmic bins of 10 %."""
    bins: dict[int, list[float]] = {}
    for interval in intervals:
        bins.setdefault(round(math.log(interval) / math.log(1.1)), []).append(interval)
    fullest = max(bins, key=lambda name: len(bins[name]))
    return median(bins[fullest])


def _is_steady(times: Sequence[float]) -> bool:
    """Say whether events come all the time, so that the dear test is worth it."""
    part = (times[-1] - times[0]) / (PARTS - 1)
    covered = {int((time - times[0]) / part) for time in times}
    return len(times) >= LEAST_FOR_PHASE and len(covered) >= COVERED


def _by_phase(
    times: Sequence[float], intervals: Sequence[float]
) -> Iterator[tuple[float, float, str]]:
    """Look for a peak of the periodogram, and yield it with how far it stands out."""
    length = times[-1] - times[0]
    bins = LEAST_BINS
    while bins < MOST_BINS and bins < 4 * length / median(intervals):
        bins *= 2
    if length / bins > median(intervals) / 1.5:
        return  # too fast for so few bins: the peak would be that of another period
    counts = [0.0] * bins
    for time in times:
        counts[min(bins - 1, int((time - times[0]) / length * bins))] += 1
    mean = len(times) / bins
    spectrum = transformed([complex(count - mean) for count in counts])
    power = [abs(value) ** 2 for value in spectrum[: bins // 2]]
    # What is slower than a few cycles (office hours) is no beacon.
    peak = max(range(CYCLES, len(power)), key=power.__getitem__)
    low, high = max(CYCLES, peak - SURROUNDINGS), min(len(power), peak + SURROUNDINGS)
    around = sorted(power[low:high])
    usual = around[len(around) // 2] / math.log(2)  # the mean, by the median of an exponential
    if usual > 0:
        yield length / peak, power[peak] / usual / PHASE_AT, "phase"


def _walk(times: Sequence[float], seconds: float, score: float, test: str) -> Period | None:
    """Go from hit to hit, and count what came, what did not, and what was none of it."""
    hits = [times[0]]
    steps: list[float] = []
    expected, strangers = 1, 0
    for time in times[1:]:
        ahead = (time - hits[-1]) / seconds
        periods = round(ahead)
        if periods < 1 or abs(ahead - periods) > NEAR * math.sqrt(periods):
            strangers += 1
            continue
        if ahead <= PAUSE:
            steps.append((time - hits[-1]) / periods)
            expected += periods
        else:
            expected += 1
        hits.append(time)
    if len(steps) < 3:
        return None
    refined = seconds if test == "phase" else sum(steps) / len(steps)
    jitter = stdev(steps) / refined
    return Period(refined, jitter, len(hits), expected, strangers, hits[-1], score, test)


def transformed(values: list[complex]) -> list[complex]:
    """Give the discrete Fourier transform; the length is a power of two (Cooley, Tukey, 1965)."""
    length = len(values)
    if length == 2:
        return [values[0] + values[1], values[0] - values[1]]
    even, odd = transformed(values[::2]), transformed(values[1::2])
    turned = [factor * value for factor, value in zip(_turns(length), odd, strict=True)]
    return [a + b for a, b in zip(even, turned, strict=True)] + [
        a - b for a, b in zip(even, turned, strict=True)
    ]


@cache
def _turns(length: int) -> list[complex]:
    return [cmath.exp(-2j * cmath.pi * n / length) for n in range(length // 2)]
