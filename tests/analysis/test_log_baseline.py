from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from whence.analysis.log_baseline import Basis, Bucket, Judgement, judged, runs

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEEK = 168


def office(hours: int, seed: int = 1, rate: float = 1000.0, spread: float = 0.08) -> list[float]:
    """Make hourly counts of an office, with more spread than chance."""
    chance = random.Random(seed)
    values = []
    for hour in range(hours):
        working = hour % WEEK < 120 and 8 <= hour % 24 < 18
        mean = rate * (2.0 if working else 0.5) * chance.gammavariate(spread**-2, spread**2)
        values.append(float(round(max(0.0, chance.gauss(mean, math.sqrt(mean))))))
    return values


def unusual(buckets: Sequence[Bucket]) -> list[int]:
    return [n for n, one in enumerate(buckets)
            if one.judgement in (Judgement.HIGH, Judgement.LOW)]  # fmt: skip


def test_a_month_without_events_has_next_to_no_false_alarm() -> None:
    false = [len([at for at in unusual(judged(office(9 * WEEK, seed), MONDAY, HOUR))
                  if at >= 4 * WEEK]) for seed in range(6)]  # fmt: skip
    assert sum(false) / len(false) * 720 / (5 * WEEK) <= 2


def test_twice_as_many_are_found_in_the_first_hour() -> None:
    for seed in range(6):
        values = office(6 * WEEK, seed)
        at = 5 * WEEK + 7 * seed
        values[at : at + 4] = [2 * value for value in values[at : at + 4]]
        found = judged(values, MONDAY, HOUR)[at]
        assert (found.judgement, found.basis) == (Judgement.HIGH, Basis.WEEK), seed


def test_silence_is_less_than_usual() -> None:
    values = [*office(5 * WEEK), 0.0, 0.0]
    assert unusual(judged(values, MONDAY, HOUR))[-2:] == [5 * WEEK, 5 * WEEK + 1]


def test_an_hour_that_is_not_over_is_not_silence() -> None:
    values = [*office(5 * WEEK), 3.0]
    assert 5 * WEEK in unusual(judged(values, MONDAY, HOUR))
    assert 5 * WEEK not in unusual(judged(values, MONDAY, HOUR, partial=True))


def test_what_is_compared_with_is_said() -> None:
    buckets = judged(office(3 * WEEK), MONDAY, HOUR)
    assert (buckets[2].basis, buckets[2].judgement) == (Basis.NOTHING, Judgement.UNJUDGED)
    assert buckets[12].basis is Basis.RECENT
    assert buckets[60].basis is Basis.DAY
    assert buckets[WEEK + 1].basis is Basis.WEEK


def test_events_are_not_learned() -> None:
    values = office(7 * WEEK)
    at = 5 * WEEK + 30
    values[at : at + 10] = [5 * value for value in values[at : at + 10]]
    buckets = judged(values, MONDAY, HOUR)
    assert {*range(at, at + 10)} <= {*unusual(buckets)}
    later = buckets[at + WEEK]
    assert later.expected < 1.3 * values[at - WEEK]


def test_what_stays_is_the_new_rule_after_three_days() -> None:
    values = office(8 * WEEK)
    at = 5 * WEEK
    values[at:] = [3 * value for value in values[at:]]
    found = unusual(judged(values, MONDAY, HOUR))
    assert at in found
    assert len([late for late in found if late > at + 6 * 24]) <= 2


def test_silence_is_never_the_rule() -> None:
    values = [*office(5 * WEEK), *[0.0] * (2 * WEEK), *office(WEEK)]
    buckets = judged(values, MONDAY, HOUR)
    assert {*range(5 * WEEK, 7 * WEEK)} <= {*unusual(buckets)}
    assert not [at for at in unusual(buckets) if at >= 7 * WEEK]


def test_slow_growth_is_no_event() -> None:
    values = [value * 1.0008**hour for hour, value in enumerate(office(9 * WEEK))]
    assert len([at for at in unusual(judged(values, MONDAY, HOUR)) if at > 4 * WEEK]) <= 2


def test_office_hours_move_with_the_clock_of_the_office() -> None:
    zone = ZoneInfo("Europe/Berlin")  # summer time began on 2026-03-29
    values = []
    for hour in range(9 * WEEK):
        local = (MONDAY + hour * HOUR).astimezone(zone)
        working = local.weekday() < 5 and 8 <= local.hour < 18
        values.append(4000.0 if working else 100.0)
    there = unusual(judged(values, MONDAY, HOUR, zone))
    assert not [at for at in there if at > 4 * WEEK - 24]
    assert [at for at in unusual(judged(values, MONDAY, HOUR)) if at > 4 * WEEK - 24]


def test_runs_join_what_one_usual_hour_parts() -> None:
    values = office(5 * WEEK)
    values += [40_000.0, 40_000.0, 500.0, 40_000.0, 500.0, 500.0, 500.0, 0.0]
    [first, second] = list(runs(judged(values, MONDAY, HOUR)))[-2:]
    assert [one.value for one in first] == [40_000.0, 40_000.0, 40_000.0]
    assert [one.judgement for one in second] == [Judgement.LOW]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1e12) | st.just(0.0), max_size=500))
@example([0.0, 1.0, 2.2250738585072014e-308, 0.0, 1.0, *[0.0] * 5, 2.0, 0.0, 0.0])
def test_any_numbers_can_be_judged(values: list[float]) -> None:
    buckets = judged(values, MONDAY, timedelta(minutes=30))
    assert [one.value for one in buckets] == values
    assert all(one.expected >= 0 and one.threshold >= 5 for one in buckets)


def test_a_flood_stays_unusual_also_if_only_one_week_is_known() -> None:
    values = office(WEEK + 30)
    for hour in range(WEEK + 3, WEEK + 27):
        values[hour] *= 9
    assert unusual(judged(values, MONDAY, HOUR))[-24:] == [*range(WEEK + 3, WEEK + 27)]
