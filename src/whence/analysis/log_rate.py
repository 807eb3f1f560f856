"""How many lines, how many bytes, and what of it is not as usual. Pure.

Judged are the totals: lines, the events that they stand for, and bytes. With hundreds of sources,
some are always unusual by chance; so of sources is only told how they make up what the totals
show, and which of them went quiet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from statistics import fmean, median
from typing import ClassVar, Literal

from whence.analysis._words import number, percent, span
from whence.analysis.log_baseline import Basis, Bucket, Judgement, judged, runs
from whence.analysis.log_summer_time import LeftOut, never_left_out
from whence.model.facts import Confidence
from whence.model.findings import Finding

Measure = Literal["lines", "events", "bytes"]
MEASURES: tuple[Measure, ...] = ("lines", "events", "bytes")
SHOWN_SOURCES = 3
LEAST_SHARE = 0.05  # of the largest change of a source
LEAST_EXPECTED = 10.0  # lines that a quiet source should have sent, before it is told
LONGER = 2.0  # than it was ever quiet before
FEWEST_DAYS = 3  # that a source must be known
FEWEST_WEEKS_RATIOS = 10  # of a day to the same day of the week before
GROWTH = 1.05  # a week, at least
ONE_SIDED = 0.8  # of the days must agree

Row = tuple[datetime, str, int, int, int]  # begin, source, lines, events, bytes


@dataclass(frozen=True, slots=True)
class Rates:
    """What was received, in buckets of the same length that follow one another without a gap."""

    first: datetime
    every: timedelta
    totals: Mapping[Measure, Sequence[int]]
    sources: Mapping[str, Mapping[int, int]]  # lines by the number of the bucket
    partial: bool = False  # the last bucket is not over
    without_time: int = 0  # lines that say no time, and are in no bucket

    @property
    def end(self) -> datetime:
        """The end of the last bucket."""
        return self.first + len(self.totals["lines"]) * self.every

    def begin_of(self, bucket: int) -> datetime:
        """Give the begin of a bucket."""
        return self.first + bucket * self.every


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChange(Finding):
    """A time in which a total was not as usual."""

    kind: ClassVar[str] = "log-rate"
    measure: Measure
    direction: Literal["spike", "drop", "silence"]
    per_hour: float
    usual_per_hour: float
    times: float | None  # None: usually there is nothing
    ongoing: bool
    basis: str
    sources: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # now, usually


@dataclass(frozen=True, slots=True, kw_only=True)
class RateGrowth(Finding):
    """A total that grows or shrinks from week to week."""

    kind: ClassVar[str] = "log-growth"
    measure: Measure
    per_week: float  # a factor
    weeks: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietSource(Finding):
    """A source that used to send, and does not any more."""

    kind: ClassVar[str] = "log-source-quiet"
    host: str
    silence: timedelta
    longest_before: timedelta
    expected: float  # lines that it should have sent since


def rates(
    rows: Iterable[Row],
    every: timedelta,
    *,
    until: datetime | None = None,
    without_time: int = 0,
) -> Rates | None:
    """Put sums into buckets, those with nothing too; None if there are no lines.

    ``until`` is now, where lines still come: what is missing up to then is silence.
    """
    listed: list[Row] = [(row[0] if row[0].tzinfo else row[0].replace(tzinfo=UTC), *row[1:])
                         for row in rows]  # fmt: skip
    if not listed:
        return None
    first = min(moment for moment, *_ in listed)
    last = max(moment for moment, *_ in listed)
    partial = True
    if until is not None and until > last:
        last = first + (until - timedelta(microseconds=1) - first) // every * every
    count = (last - first) // every + 1
    totals: dict[Measure, list[int]] = {measure: [0] * count for measure in MEASURES}
    sources: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for moment, source, *values in listed:
        bucket = (moment - first) // every
        for measure, value in zip(MEASURES, values, strict=True):
            totals[measure][bucket] += value
        sources[source][bucket] = sources[source].get(bucket, 0) + values[0]
    return Rates(first, every, totals, dict(sources), partial, without_time)


def judged_totals(known: Rates, zone: tzinfo = UTC) -> dict[Measure, list[Bucket]]:
    """Judge each bucket of each total by those before it."""
    return {
        measure: judged(values, known.first, known.every, zone, partial=known.partial)
        for measure, values in known.totals.items()
    }


def changes(
    known: Rates,
    totals: Mapping[Measure, Sequence[Bucket]],
    left_out: LeftOut = never_left_out,
) -> Iterator[RateChange]:
    """Yield the times that were not as usual, the first first.

    What lines show already is not told of events and bytes again. A silence in an hour that clocks
    left out is told as that.
    """
    told: list[tuple[datetime, datetime, str]] = []
    for measure in MEASURES:
        for run in runs(totals[measure]):
            change = _change(known, measure, run, totals[measure])
            if change.direction == "silence" and (zone := left_out(change.first, change.last)):
                change = _not_on_the_wall(change, zone)
            if not any(
                direction == change.direction and begin < change.last and change.first < end
                for begin, end, direction in told
            ):
                told.append((change.first, change.last, change.direction))
                yield change


def growth(known: Rates) -> Iterator[RateGrowth]:
    """Yield the totals that grow or shrink slowly: each day by the same day a week before."""
    per_day = timedelta(days=1) // known.every
    for measure, values in known.totals.items():
        complete = len(values) - known.partial
        days = [sum(values[at : at + per_day]) for at in range(0, complete - per_day + 1, per_day)]
        days = days[-28:]
        ratios = [now / before for before, now in zip(days, days[7:], strict=False) if before]
        if len(ratios) < FEWEST_WEEKS_RATIOS:
            continue
        factor = median(ratios)
        agreeing = sum((one > 1) == (factor > 1) for one in ratios) / len(ratios)
        if agreeing < ONE_SIDED or not (factor >= GROWTH or 0 < factor <= 1 / GROWTH):
            continue
        weeks = len(ratios) / 7
        verb = "grow" if factor > 1 else "shrink"
        yield RateGrowth(
            sentence=f"{measure.capitalize()} {verb} by {percent(abs(factor - 1), 1)} a week, "
            f"for {number(weeks)} weeks.",
            confidence=Confidence.LIKELY,
            first=known.end - timedelta(days=len(days)),
            last=known.end,
            count=sum(days),
            evidence=(
                f"{sum((one > 1) == (factor > 1) for one in ratios)} of {len(ratios)} days had "
                f"{'more' if factor > 1 else 'less'} than the same day a week before",
            ),
            measure=measure,
            per_week=factor,
            weeks=weeks,
        )


def quiet(known: Rates) -> Iterator[QuietSource]:
    """Yield the sources that have been silent longer than ever, and should have sent by now.

    Where everybody is silent, that is told of the total.
    """
    end = len(known.totals["lines"]) - known.partial
    if end > 0 and not known.totals["lines"][end - 1]:
        return
    for host, lines in sorted(known.sources.items()):
        present = sorted(bucket for bucket, count in lines.items() if count)
        if not present or present[-1] >= end:
            continue
        first, last = present[0], present[-1]
        since = end - last - 1
        before = max((b - a - 1 for a, b in pairwise(present)), default=0)
        if (last - first + 1) * known.every < timedelta(days=FEWEST_DAYS) or since < 2:
            continue
        expected = sum(_usual_of(known, lines, bucket, first) for bucket in range(last + 1, end))
        if expected < LEAST_EXPECTED or since <= LONGER * before:
            continue
        silence, longest = since * known.every, before * known.every
        earlier = (
            f"it was never quiet for longer than {span(longest.total_seconds())}"
            if before
            else f"it never missed {span(known.every.total_seconds())}"
        )
        yield QuietSource(
            sentence=f"{host} has sent nothing for {span(silence.total_seconds())}, "
            f"where about {number(round(expected))} lines would be usual.",
            confidence=Confidence.LIKELY if since > 4 * before else Confidence.POSSIBLE,
            first=known.begin_of(last + 1),
            last=known.end,
            count=0,
            evidence=(
                f"its last lines are of {known.begin_of(last):%Y-%m-%d %H:%M} UTC",
                earlier,
            ),
            host=host,
            silence=silence,
            longest_before=longest,
            expected=expected,
        )


def _is_clear(run: Sequence[Bucket], worst: Bucket) -> bool:
    """Say whether it is far off or lasts, by a week that is known: a weekend is not a drop."""
    far = abs(worst.distance) >= 2 * worst.threshold or len(run) > 2
    return far and worst.basis is Basis.WEEK


def _change(
    known: Rates, measure: Measure, run: Sequence[Bucket], all_: Sequence[Bucket]
) -> RateChange:
    begin, end = run[0].begin, run[-1].begin + known.every
    inside = [one for one in all_ if begin <= one.begin < end]
    hours = len(inside) * known.every / timedelta(hours=1)
    now = sum(one.value for one in inside) / hours
    usual = sum(one.expected for one in inside) / hours
    high = run[0].judgement is Judgement.HIGH
    direction: Literal["spike", "drop", "silence"] = (
        "spike" if high else "drop" if now else "silence"
    )
    times = now / usual if usual else None
    ongoing = run[-1] is all_[-1] or (known.partial and run[-1] is all_[-2])
    until = "and goes on" if ongoing else f"to {_until(begin, end)}"
    worst = max(run, key=lambda one: abs(one.distance) / one.threshold)
    sources = _sources(known, begin, end, high=high)
    return RateChange(
        sentence=f"{_how_much(measure, now, usual, times, direction)}, "
        f"from {begin:%Y-%m-%d %H:%M} UTC {until}.",
        confidence=Confidence.LIKELY if _is_clear(run, worst) else Confidence.POSSIBLE,
        first=begin,
        last=end,
        count=round(sum(one.value for one in inside)),
        evidence=(
            f"compared with {worst.basis}; {worst.begin:%Y-%m-%d %H:%M} UTC is "
            f"{abs(worst.distance) / worst.threshold:.1f} times as far from it as is still usual",
            *(
                f"{host}: {number(round(mine))} lines an hour in place of {number(round(before))}"
                for host, (mine, before) in sources.items()
            ),
        ),
        measure=measure,
        direction=direction,
        per_hour=now,
        usual_per_hour=usual,
        times=times,
        ongoing=ongoing,
        basis=str(worst.basis),
        sources=sources,
    )


def _not_on_the_wall(silence: RateChange, zone: str) -> RateChange:
    return replace(
        silence,
        sentence=f"No {silence.measure} from {silence.first:%Y-%m-%d %H:%M} UTC to "
        f"{_until(silence.first, silence.last)}: an hour that clocks leave out where summer time "
        f"begins, as in {zone}.",
        confidence=Confidence.POSSIBLE,
        evidence=(
            f"the lines say no zone: if they are of there, nothing is missing; --zone {zone} "
            "reads them so",
            *silence.evidence,
        ),
    )


def _how_much(
    measure: Measure, now: float, usual: float, times: float | None, direction: str
) -> str:
    rate = f"{number(round(now))} {measure} an hour in place of {number(round(usual))}"
    if direction == "silence":
        return f"No {measure} at all, where {number(round(usual))} an hour are usual"
    if times is None or times < 1:
        return f"Only {rate}" if direction == "drop" else rate[0].upper() + rate[1:]
    return f"{number(round(times, 1))} times the usual: {rate}"


def _until(begin: datetime, end: datetime) -> str:
    same = begin.date() == (end - timedelta(microseconds=1)).date()
    return f"{end:%H:%M}" if same else f"{end:%Y-%m-%d %H:%M}"


def _sources(
    known: Rates, begin: datetime, end: datetime, *, high: bool
) -> dict[str, tuple[float, float]]:
    """Give the sources that changed most, with their lines an hour now and usually."""
    first, last = (begin - known.first) // known.every, (end - known.first) // known.every
    hours = (last - first) * known.every / timedelta(hours=1)
    found = {}
    for host, lines in known.sources.items():
        now = sum(lines.get(bucket, 0) for bucket in range(first, last)) / hours
        usual = sum(_usual_of(known, lines, at, min(lines, default=at), first)
                    for at in range(first, last)) / hours  # fmt: skip
        if (now > usual) is high and now != usual:
            found[host] = (now, usual)
    least = LEAST_SHARE * max((abs(one - other) for one, other in found.values()), default=0)
    found = {host: (one, other) for host, (one, other) in found.items()
             if abs(one - other) >= least}  # fmt: skip
    changed = sorted(found, key=lambda host: (-abs(found[host][0] - found[host][1]), host))
    return {host: found[host] for host in changed[:SHOWN_SOURCES]}


def _usual_of(
    known: Rates, lines: Mapping[int, int], bucket: int, since: int, before: int | None = None
) -> float:
    """Say how many lines a source sends in a bucket: the mean of this time of day, four weeks.

    Of a source that is known for less than a day ``before``, it is the mean of all that is known.
    """
    per_day = timedelta(days=1) // known.every
    limit = bucket if before is None else before
    same = [at for at in range(bucket - per_day, max(since, bucket - 28 * per_day) - 1, -per_day)
            if at < limit]  # fmt: skip
    if not same and before is not None:
        same = [*range(max(since, before - per_day), before)]
    return fmean(lines.get(at, 0) for at in same) if same else 0.0
