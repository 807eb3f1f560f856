"""The time in which a log is unlike itself, and the time that it is compared with."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from whence.analysis._log_course import likeliest
from whence.analysis._log_interval import Interval
from whence.analysis._log_search import NOTHING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WIDTHS = (1, 10, 60, 300, 900, 3600, 6 * 3600)
MOST_BINS = 2500
RATIOS = (1.5, 3.0, 10.0)  # to the expected, that are tried
LEAST_TIMES = 1.5  # the expected
COLD_TIMES = 3.0  # … where no week is known: mornings and Mondays are no floods
LEAST_DEVIANCE = 50.0
AROUND = 1800  # seconds either side of the same time earlier, that are averaged
REMEMBERED, FEWEST = 200, 10  # bins before, whose median is usual where no day is known
FLOOD = 5.0  # times that: more than mornings are
WEEK, DAY = 7 * 86400, 86400
MOST_SERIES = 20
HEAVIEST = 10  # events that a line counts for here
MOST_WEEKS, MOST_DAYS = 4, 6  # earlier ones that are compared with
LEAST_BEFORE = timedelta(minutes=1)  # of a log, that says what is usual
BEFORE = 4  # lengths of the window that are looked at before it, at least an hour


@dataclass(frozen=True, slots=True)
class Reference:
    """What a window is compared with, and how people say that."""

    intervals: tuple[Interval, ...]
    words: str


def extent(tables: DuckDBPyConnection) -> Interval | None:
    """Say from when to when there are lines in ``logs``; None where there are none."""
    [(first, last)] = tables.execute("SELECT min(received), max(received) FROM logs").fetchall()
    if first is None:
        return None
    return Interval(first.replace(tzinfo=UTC), last.replace(tzinfo=UTC))


def unusual_window(
    tables: DuckDBPyConnection, whole: Interval, heaviest: int = HEAVIEST
) -> Interval | None:
    """Find the time with the most unusual number of lines, to the second; None where none is.

    An increase of the total comes first, then one of a single kind of line, then a decrease. What
    lasts until the last line ends a second after it. A line counts for no more than ``heaviest``
    events: one heavy line is no unusual time.
    """
    total = binned(tables, whole.begin, whole.end, heaviest)
    found = excess(total)
    if found is None:
        each = (excess(one) for one in series(tables, whole.begin, whole.end, heaviest))
        found = max(filter(None, each), key=lambda one: one[0], default=None)
    if found is not None:
        return _to_the_second(tables, found[1], total, whole, heaviest)
    if (fall := excess(total, more=False)) is not None:
        return _fall_to_the_second(tables, fall[1], total, whole, heaviest)
    return None


def _to_the_second(
    tables: DuckDBPyConnection, found: Interval, total: Binned, whole: Interval, heaviest: int
) -> Interval:
    after = whole.end + timedelta(seconds=1)
    seconds = _by_second(tables, _around(found, total, after), heaviest)
    usual = expected(total)
    low, high = _bins_of(found, total)
    beside = sum(total.counts[low : high + 1]) - sum(usual[low : high + 1])
    if not seconds or beside <= 0:
        return Interval(found.begin, min(found.end, after))
    # So much a second comes beside what is usual, which is not the same all day.
    beside /= found.length.total_seconds()
    gain = [math.log1p(beside / rate) for rate in _per_second(usual, total)]
    gains = [(second, count * gain[_bin_of(second, total)]) for second, count in seconds]
    first, last = likeliest(gains, beside)
    return Interval(
        datetime.fromtimestamp(seconds[first][0], UTC),
        datetime.fromtimestamp(seconds[last][0] + 1, UTC),
    )


def _fall_to_the_second(
    tables: DuckDBPyConnection, found: Interval, total: Binned, whole: Interval, heaviest: int
) -> Interval:
    after = whole.end + timedelta(seconds=1)
    near = _around(found, total, after)
    counts = dict(_by_second(tables, near, heaviest))
    usual = expected(total)
    low, high = _bins_of(found, total)
    should = max(sum(usual[low : high + 1]), NOTHING)
    left = max(sum(total.counts[low : high + 1]), NOTHING) / should
    run, begin = 0.0, int(near.begin.timestamp())
    best, span = 0.0, (int(found.begin.timestamp()), int(min(found.end, after).timestamp()))
    rates = _per_second(usual, total)
    for second in range(begin, int(near.end.timestamp())):
        if run <= 0:
            run, begin = 0.0, second
        run += (1 - left) * rates[_bin_of(second, total)]
        run += counts.get(second, 0.0) * math.log(left)
        if run > best:
            best, span = run, (begin, second + 1)
    begin_at, end = (datetime.fromtimestamp(second, UTC) for second in span)
    return Interval(begin_at, after if found.end >= after else end)


def _around(found: Interval, total: Binned, after: datetime) -> Interval:
    margin = timedelta(seconds=2 * total.width)
    return Interval(found.begin - margin, min(found.end + margin, after))


def _bins_of(found: Interval, total: Binned) -> tuple[int, int]:
    low = int(found.begin.timestamp()) // total.width - total.first
    return low, int(found.end.timestamp() - 1) // total.width - total.first


def _by_second(
    tables: DuckDBPyConnection, when: Interval, heaviest: int
) -> list[tuple[int, float]]:
    return tables.execute(
        f"""SELECT epoch_us(received) // 1000000 AS second, {_events(heaviest)}
        FROM logs WHERE {when.sql()} GROUP BY 1 ORDER BY 1"""
    ).fetchall()


def _per_second(usual: Sequence[float], total: Binned) -> list[float]:
    """Give what is usual in each bin, as events a second."""
    return [max(each, NOTHING) / total.width for each in usual]


def _bin_of(second: int, total: Binned) -> int:
    """Give the number of the bin that a second is of; of one outside, the nearest."""
    return min(max(second // total.width - total.first, 0), len(total.counts) - 1)


def reference_of(tables: DuckDBPyConnection, window: Interval, whole: Interval) -> Reference:
    """Choose what a window is compared with: the same hours of earlier weeks, else of earlier
    days, else the time right before it; nothing where the log begins with it.
    """
    for step, most, words in (
        (timedelta(days=7), MOST_WEEKS, "the same hours a week earlier"),
        (timedelta(days=1), MOST_DAYS, "the same hours of the day before"),
    ):
        if window.length > step:
            continue
        earlier = [window.moved(-step * n) for n in range(1, most + 1)]
        found = [each for each in earlier if each.begin >= whole.begin]
        if found and _has_lines(tables, found):
            if len(found) > 1:
                unit = "weeks" if step.days == 7 else "days"
                words = f"the same hours of the {len(found)} {unit} before"
            return Reference(tuple(found), words)
    later = window.moved(timedelta(days=1))
    if (
        window.length <= timedelta(days=1)
        and later.end <= whole.end
        and _has_lines(tables, [later])
    ):
        return Reference((later,), "the same hours of the day after")
    begin = max(whole.begin, window.begin - max(BEFORE * window.length, timedelta(hours=1)))
    before = Interval(begin, window.begin)
    if before.length >= LEAST_BEFORE and before.length * 20 >= window.length:
        return Reference((before,), "the time before it")
    return Reference((), "nothing: the log begins with it")


def _events(heaviest: int) -> str:
    return f"sum(least(coalesce(weight, 1), {heaviest}))::DOUBLE"


def _has_lines(tables: DuckDBPyConnection, intervals: list[Interval]) -> bool:
    anywhere = " OR ".join(f"({each.sql()})" for each in intervals)
    return bool(tables.execute(f"SELECT 1 FROM logs WHERE {anywhere} LIMIT 1").fetchall())


@dataclass(frozen=True, slots=True)
class Binned:
    """Counts of equal times; ``width`` in seconds, the first begins ``first`` widths after 1970."""

    width: int
    first: int
    counts: tuple[float, ...]

    def moment(self, number: int) -> datetime:
        """Say when a bin begins."""
        return datetime.fromtimestamp((self.first + number) * self.width, UTC)


def binned(
    tables: DuckDBPyConnection, first: datetime, last: datetime, heaviest: int = HEAVIEST
) -> Binned:
    """Count all events of ``logs``, in bins as narrow as a few thousand allow."""
    width, begin, count = _bins(first, last)
    rows: Mapping[int, float] = dict(
        tables.execute(
            f"""SELECT epoch_us(received) // {width * 1_000_000} AS bin,
                {_events(heaviest)}
            FROM logs WHERE received IS NOT NULL GROUP BY 1"""
        ).fetchall()
    )
    return Binned(width, begin, tuple(rows.get(begin + n, 0.0) for n in range(count)))


def series(
    tables: DuckDBPyConnection, first: datetime, last: datetime, heaviest: int = HEAVIEST
) -> list[Binned]:
    """Count the kinds of line of hosts that vary most, each by itself."""
    width, begin, count = _bins(first, last)
    rows = tables.execute(
        f"""WITH bins AS (
            SELECT host, coalesce(template, code) AS template,
                epoch_us(received) // {width * 1_000_000} AS bin,
                {_events(heaviest)} AS count
            FROM logs WHERE received IS NOT NULL GROUP BY ALL
        )
        SELECT map_from_entries(list((bin, count))) FROM bins GROUP BY host, template
        ORDER BY max(count) - sum(count) / {count} DESC, host, template LIMIT {MOST_SERIES}"""
    ).fetchall()
    return [
        Binned(width, begin, tuple(counts.get(begin + n, 0.0) for n in range(count)))
        for (counts,) in rows
    ]


def _bins(first: datetime, last: datetime) -> tuple[int, int, int]:
    span = (last - first).total_seconds()
    width = next((each for each in WIDTHS if span / each <= MOST_BINS), WIDTHS[-1])
    begin = int(first.timestamp()) // width
    return width, begin, int(last.timestamp()) // width - begin + 1


def expected(bins: Binned) -> list[float]:
    """Say what each bin should have: as the same hours earlier, else as the time before.

    The same time of the week counts if the log reaches so far back, else that of the day; on its
    first day that of the next one; else the median of what was before. A flood is not learned:
    else one that lasts would become the usual.
    """
    counts = bins.counts
    around = max(1, AROUND // bins.width)
    every = median(counts)
    sums = [0.0]
    for count in counts:
        sums.append(sums[-1] + count)
    result: list[float] = []
    before: deque[float] = deque(maxlen=REMEMBERED)
    for number, count in enumerate(counts):
        recent = median(before) if len(before) >= FEWEST else every
        if len(before) < FEWEST or count <= FLOOD * max(recent, 1):
            before.append(count)
        found = None
        for step in (WEEK, DAY, -DAY):
            middle = number - step // bins.width
            low, high = max(0, middle - around), min(len(counts), middle + around + 1)
            known = abs(middle - number) > around and 0 <= middle < len(counts)
            if known and sums[high] > sums[low]:
                found = (sums[high] - sums[low]) / (high - low)
                break
        result.append(recent if found is None else found)
    return result


def excess(bins: Binned, more: bool = True) -> tuple[float, Interval] | None:
    """Find the time that is most unlike the expected, and its deviance; None where none is.

    Where no week is known yet, much more is asked of an increase, and no decrease is told.
    """
    usual = [
        max(should, NOTHING) * (COLD_TIMES / LEAST_TIMES if more and _is_cold(bins, number) else 1)
        for number, should in enumerate(expected(bins))
    ]
    best: tuple[float, Interval] | None = None
    for ratio in RATIOS:
        for peak, low, high in _runs(bins, usual, ratio if more else 1 / ratio):
            if peak <= LEAST_DEVIANCE or (best and peak <= best[0]):
                continue
            now, should = sum(bins.counts[low : high + 1]), sum(usual[low : high + 1])
            if (now >= LEAST_TIMES * should) if more else (now * LEAST_TIMES <= should):
                best = peak, Interval(bins.moment(low), bins.moment(high + 1))
    return best


def _is_cold(bins: Binned, number: int) -> bool:
    return number * bins.width < WEEK


def _runs(bins: Binned, usual: Sequence[float], times: float) -> Iterator[tuple[float, int, int]]:
    """Yield each time in which so many times the usual is likelier than the usual: how much
    likelier, and its first and last bin. Fewer than usual are looked for where a week is known.
    """
    run, begin = 0.0, 0
    peak, span = 0.0, (0, 0)
    for number, count in enumerate(bins.counts):
        if times < 1 and _is_cold(bins, number):
            continue
        if run <= 0:
            if peak > 0:
                yield peak, *span
            run, begin, peak = 0.0, number, 0.0
        run += count * math.log(times) - (times - 1) * usual[number]
        if run > peak:
            peak, span = run, (begin, number)
    if peak > 0:
        yield peak, *span
