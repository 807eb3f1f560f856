"""What a rate is usually, and which of its buckets are not usual. Pure.

What is expected of a bucket is the median of the same time of the week in the last four weeks,
times the level of the last day, so that slow growth is followed. How far a count is from it is
measured on the scale on which a count's spread does not depend on its size (F. J. Anscombe,
Biometrika 35, 1948: 2 √(x + ⅜)). How far is too far is learned too: 1.25 times the third largest
distance of the last four weeks, and at least 5. What was not usual is not learned, unless it lasts
three days; in the first three weeks that is only said of a flood.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from math import sqrt
from statistics import median

LEARNED = timedelta(days=28)
LEVEL = timedelta(days=1)
NEW_LEVEL = timedelta(days=3)  # what lasts so long is how it is now
LEAST = 5.0  # about five standard deviations, if counts were as even as chance makes them
FACTOR = 1.25
RANK = 3
FEWEST = 6  # buckets before any is judged
ENOUGH = 48  # distances by one basis, before they tell what is too far
COLD = 0.8  # times √expected is too far until then: twice as many, or a third
TYPICAL = 0.6745  # the median distance of what is spread as chance does it, in deviations
HIGHEST_LEVEL = 1e6  # times what the pattern says; where that is almost nothing, it says nothing
LOWEST_LEVEL = 0.01  # of what the week says; at less, nothing can be learned of its shape
STILL = 0.6  # of the threshold is enough, for what follows on something unusual
NARROWEST = 2.0  # spreads
SETTLED = 3  # weeks, before what is unusual is not learned: one odd week would be the rule
FLOOD = 3.0  # times what one week says is not learned either


class Basis(StrEnum):
    """What a bucket was compared with."""

    WEEK = "same time of the week"
    DAY = "same time of the day"
    RECENT = "the last day"
    NOTHING = "nothing"


class Judgement(StrEnum):
    """Is a bucket as usual?"""

    USUAL = "usual"
    HIGH = "high"
    LOW = "low"
    UNJUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A count, and what it should have been."""

    begin: datetime
    value: float
    expected: float
    distance: float  # on Anscombe's scale; negative: less than expected
    threshold: float  # what is further than this is not usual
    basis: Basis
    judgement: Judgement


def judged(
    values: Sequence[float],
    first: datetime,
    every: timedelta,
    zone: tzinfo = UTC,
    *,
    partial: bool = False,
) -> list[Bucket]:
    """Judge each bucket of a series by those before it.

    Parameters
    ----------
    values
        Counts of buckets that follow one another without a gap; zero where there was nothing.
    first
        When the first of them begins.
    every
        How long each is: a part of an hour, or an hour.
    zone
        Where people live whose weeks these are: office hours move with the clock there.
    partial
        The last bucket is not over: that it is low says nothing.

    """
    baseline = _Baseline(every)
    buckets = []
    for number, value in enumerate(values):
        begin = first + number * every
        ongoing = partial and number == len(values) - 1
        buckets.append(baseline.judge(begin, begin.astimezone(zone), value, ongoing=ongoing))
    return buckets


def runs(buckets: Sequence[Bucket], apart: int = 1) -> Iterator[list[Bucket]]:
    """Give the buckets that are unusual in the same way, those together that belong together.

    A run may have up to ``apart`` usual ones between its parts.
    """
    run: list[Bucket] = []
    between = 0
    for bucket in buckets:
        if bucket.judgement not in (Judgement.HIGH, Judgement.LOW):
            between += 1
            continue
        if run and (between > apart or bucket.judgement is not run[-1].judgement):
            yield run
            run = []
        run.append(bucket)
        between = 0
    if run:
        yield run


class _Baseline:
    """What was learned up to now."""

    def __init__(self, every: timedelta) -> None:
        self._every = every
        self._per_day = max(1, LEVEL // every)
        self._week: defaultdict[tuple[int, ...], deque[float]] = defaultdict(
            lambda: deque(maxlen=4)
        )
        self._day: defaultdict[tuple[int, ...], deque[float]] = defaultdict(lambda: deque(maxlen=7))
        self._recent: deque[float] = deque(maxlen=self._per_day)
        self._level: deque[tuple[float, float]] = deque(maxlen=self._per_day)
        self._spread = defaultdict[tuple[Basis, bool], _Spread](
            lambda: _Spread(max(1, LEARNED // every), self._per_day)
        )
        self._by = Basis.NOTHING, False  # what is compared with, and whether it is settled
        self._unusual: list[tuple[tuple[int, ...], float, float]] = []
        self._began: datetime | None = None

    def judge(self, begin: datetime, local: datetime, value: float, *, ongoing: bool) -> Bucket:
        self._began = self._began or begin
        slot = (local.weekday(), local.hour, local.minute)
        basis, pattern = self._pattern(begin, slot)
        settled = basis is Basis.WEEK and len(self._week[slot]) >= SETTLED
        if (basis, settled) != self._by:  # what the level was by another pattern says nothing
            self._by = basis, settled
            self._level.clear()
        level = self._now()
        expected = pattern * level if basis is not Basis.NOTHING else 0.0
        distance = 2 * (sqrt(value + 3 / 8) - sqrt(expected + 3 / 8))
        threshold = self._spread[self._by].threshold(expected)
        if basis is Basis.NOTHING:
            judgement = Judgement.UNJUDGED
        elif abs(distance) <= threshold * (STILL if self._unusual else 1) or (
            ongoing and distance < 0
        ):
            judgement = Judgement.USUAL
        else:
            judgement = Judgement.HIGH if distance > 0 else Judgement.LOW
        bucket = Bucket(begin, value, expected, distance, threshold, basis, judgement)
        if not ongoing:
            self._learn(bucket, slot, pattern, level if settled else 1.0)
        return bucket

    def _pattern(self, begin: datetime, slot: tuple[int, ...]) -> tuple[Basis, float]:
        assert self._began is not None
        if same := self._week.get(slot):
            return Basis.WEEK, median(same)
        if begin - self._began >= LEVEL and (same := self._day.get(slot[1:])):
            return Basis.DAY, median(same)
        if len(self._recent) >= FEWEST:
            return Basis.RECENT, median(self._recent)
        return Basis.NOTHING, 0.0

    def _now(self) -> float:
        """Say how the last day was, as a multiple of what the pattern says."""
        expected = sum(pattern for _, pattern in self._level)
        if len(self._level) < FEWEST or not expected:
            return 1.0
        if expected >= 10 * len(self._level):
            level = median(value / pattern for value, pattern in self._level if pattern)
        else:  # a median of few lines is rough
            level = sum(value for value, _ in self._level) / expected
        return min(level, HIGHEST_LEVEL)

    def _learn(self, bucket: Bucket, slot: tuple[int, ...], pattern: float, level: float) -> None:
        if self._is_kept_apart(bucket):
            self._unusual.append((slot, bucket.value, pattern))
            if len(self._unusual) * self._every >= NEW_LEVEL:
                self._accept()
            return
        self._unusual.clear()
        self._remember(slot, bucket.value, level)
        if bucket.basis is not Basis.NOTHING:
            far = min(abs(bucket.distance), 2 * bucket.threshold)
            self._spread[self._by].add(far, bucket.expected)
            self._level.append((bucket.value, pattern))

    def _is_kept_apart(self, bucket: Bucket) -> bool:
        if self._by == (Basis.WEEK, True):
            return bucket.judgement in (Judgement.HIGH, Judgement.LOW)
        flood = bucket.basis is Basis.WEEK and bucket.value > FLOOD * bucket.expected
        return flood and bucket.judgement is Judgement.HIGH

    def _accept(self) -> None:
        """Take what was unusual for days as how it is now; but silence is never as it should be."""
        if median(value for _, value, _ in self._unusual):
            self._level.clear()
            self._level.extend((value, pattern) for _, value, pattern in self._unusual)
            level = self._now()
            for slot, value, _ in self._unusual:
                self._remember(slot, value, level)
        self._unusual.clear()

    def _remember(self, slot: tuple[int, ...], value: float, level: float) -> None:
        """Learn a count: of the week, its shape, without the level that is followed apart."""
        if level > LOWEST_LEVEL:
            self._week[slot].append(value / level)
        self._day[slot[1:]].append(value)
        self._recent.append(value)


class _Spread:
    """How far counts were from what was expected, and so how far is too far.

    Counts spread more than chance alone makes them: by 1 on Anscombe's scale, and in proportion
    to their size beside that. The proportion is learned too, so that what a busy hour may do is
    not allowed to a quiet one.
    """

    def __init__(self, remembered: int, refresh: int) -> None:
        self._pairs: deque[tuple[float, float]] = deque(maxlen=remembered)
        self._remembered = remembered
        self._refresh = refresh
        self._since = 0
        self._excess = 0.0  # square of the spread beside chance, as a share of the count
        self._far = 0.0  # the third largest distance, in spreads

    def add(self, distance: float, expected: float) -> None:
        self._pairs.append((abs(distance), expected))
        self._since += 1
        if len(self._pairs) >= ENOUGH and (not self._far or self._since >= self._refresh):
            self._since = 0
            self._excess = max(
                0.0, median(((one / TYPICAL) ** 2 - 1) / max(of, 1.0) for one, of in self._pairs)
            )
            rank = max(1, round(RANK * len(self._pairs) / self._remembered))
            far = sorted(one / self._of(expected) for one, expected in self._pairs)
            self._far = max(far[-rank], NARROWEST)

    def threshold(self, expected: float) -> float:
        if not self._far:
            return max(LEAST, COLD * sqrt(expected))
        return max(LEAST, FACTOR * self._far * self._of(expected))

    def _of(self, expected: float) -> float:
        return sqrt(1 + self._excess * expected)
