from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model import BadInput
from whence.model.calendar_event import calendar_event
from whence.model.schedule import (
    Clocked,
    CronSchedule,
    DailySchedule,
    Every,
    OnTheClock,
    Schedule,
    bursts,
    fit,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
YEARS = timedelta(days=1000)
SECOND = timedelta(seconds=1)
CLOCKED = (
    CronSchedule("17 * * * *"),
    CronSchedule("*/15 * * * *"),
    CronSchedule("@daily"),
    CronSchedule("30 6 * * 1-5"),
    CronSchedule("5 4 1 * *", ZoneInfo("Europe/Berlin")),
    calendar_event("*-*-* 07..23:30"),
    calendar_event("Mon 06:00", slack=timedelta(minutes=1)),
)


def times_of(schedule: Clocked, count: int) -> list[datetime]:
    return [*islice(schedule.between(NOON, NOON + YEARS), count)]


@given(st.sampled_from(CLOCKED), st.integers(5, 40), st.integers())
def test_a_schedule_explains_what_it_started(schedule: Clocked, count: int, seed: int) -> None:
    late = Random(seed)
    started = [time + SECOND * late.uniform(0, 80) for time in times_of(schedule, count)]
    assert fit(OnTheClock(schedule), started).holds


@given(st.sampled_from(CLOCKED), st.integers(12, 40), st.integers())
def test_a_schedule_does_not_explain_chance(schedule: Clocked, count: int, seed: int) -> None:
    anywhere = Random(seed)
    last = times_of(schedule, count)[-1]
    span = (last - NOON).total_seconds()
    assert not fit(
        OnTheClock(schedule), [NOON + SECOND * anywhere.uniform(0, span) for _ in range(count)]
    ).holds


@given(st.lists(st.integers(0, 200_000), max_size=60))
def test_a_job_of_every_minute_explains_nothing(seconds: list[int]) -> None:
    seen = [NOON + SECOND * second for second in seconds]
    assert not fit(OnTheClock(CronSchedule("* * * * *")), seen).holds


@pytest.mark.parametrize(
    "other", ["47 * * * *", "17 */2 * * *", "17,47 * * * *", "*/5 * * * *", "17 12 * * *"]
)
def test_a_job_at_other_times_or_oftener_or_more_seldom(other: str) -> None:
    hourly = times_of(CronSchedule("17 * * * *"), 24)
    assert not fit(OnTheClock(CronSchedule(other)), hourly).holds


def test_two_times_are_too_few() -> None:
    assert not fit(OnTheClock(CronSchedule("@daily")), times_of(CronSchedule("@daily"), 2)).holds


def test_each_connection_of_a_job_is_explained_by_its_start() -> None:
    hourly = times_of(CronSchedule("@hourly"), 6)
    seen = [time + SECOND * i for time in hourly for i in range(30)]
    explained = fit(OnTheClock(CronSchedule("@hourly")), seen)
    assert (explained.seen, explained.met, explained.holds) == (6, 6, True)


@given(st.integers(5, 30), st.integers())
def test_a_timer_that_counts_from_its_last_run(count: int, seed: int) -> None:
    late = Random(seed)
    time, seen = NOON, []
    for _ in range(count):
        seen.append(time)
        time += timedelta(minutes=37) + SECOND * late.uniform(0, 60)
    every = Every(timedelta(minutes=37), slack=timedelta(minutes=1))
    assert fit(every, seen).holds
    assert not fit(Every(timedelta(minutes=23)), seen).holds


def test_what_anacron_runs_some_minutes_after_its_own_start() -> None:
    trigger = CronSchedule("30 7-23 * * *")
    daily = DailySchedule(trigger, delay=timedelta(minutes=5))
    assert [f"{time:%d %H:%M}" for time in times_of(daily, 2)] == ["03 07:35", "04 07:35"]


@pytest.mark.parametrize("schedule", [OnTheClock(CLOCKED[0]), Every(timedelta(0))])
def test_nothing_seen_is_nothing_explained(schedule: Schedule) -> None:
    assert not fit(schedule, []).holds


def test_a_job_that_runs_all_the_time_is_not_counted_out() -> None:
    each_second = OnTheClock(calendar_event("*:*:*"))
    assert not fit(each_second, [NOON, NOON + YEARS]).holds


@pytest.mark.parametrize("text", ["@reboot", "61 * * * *", "* * *", "@often", "0~30 * * * *"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(BadInput):
        CronSchedule(text)


def test_the_last_time_before_a_time() -> None:
    hourly = CronSchedule("@hourly", ZoneInfo("Asia/Kolkata"))  # UTC+05:30
    assert hourly.last_before(NOON) == NOON - timedelta(minutes=30)
    assert CronSchedule("@hourly").last_before(NOON) == NOON


def test_times_close_together_are_one_burst() -> None:
    assert bursts([NOON + SECOND * s for s in (80, 0, 40, 300)], SECOND * 60) == [
        NOON,
        NOON + SECOND * 300,
    ]


def test_an_interval_longer_than_the_history() -> None:
    assert not fit(Every(timedelta.max), [NOON + YEARS * i for i in range(4)]).holds


def test_a_number_with_more_digits_than_python_reads() -> None:
    with pytest.raises(BadInput):
        CronSchedule("9" * 5000 + " * * * *")
