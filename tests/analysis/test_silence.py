"""How long must it be silent until that is no chance?"""

from __future__ import annotations

import random

import pytest

from whence.analysis import _silence as silence
from whence.model import Confidence

HOUR, DAY = 3600.0, 86400.0
HOURLY = [HOUR * n for n in range(48)]


def known(begins: list[float], change: float) -> silence.Before:
    return silence.before(begins, change, change - begins[0])


def test_an_hourly_beacon_is_missed_after_three_hours() -> None:
    before = known(HOURLY, 48 * HOUR)
    assert before.period is not None
    assert silence.expected(before, DAY) == pytest.approx(24, rel=0.02)
    assert silence.confidence(silence.chance(before, 2.5 * HOUR)) is Confidence.POSSIBLE
    assert silence.confidence(silence.chance(before, 3.5 * HOUR)) is Confidence.LIKELY
    assert silence.enough(before) == pytest.approx(3 * HOUR, rel=0.02)


def test_a_beacon_that_often_fails_is_waited_for_longer() -> None:
    half = [time for number, time in enumerate(HOURLY * 1) if number % 3]
    regular, failing = known(HOURLY, 48 * HOUR), known(half, 48 * HOUR)
    assert (silence.enough(failing) or 0) > 1.5 * (silence.enough(regular) or 0)


def test_at_random_it_takes_seven_times_the_mean_and_more_where_little_was_seen() -> None:
    chance = random.Random(7)
    times = [0.0]
    while len(times) < 200:
        times.append(times[-1] + chance.expovariate(1 / HOUR))
    many = silence.Before(tuple(times), times[-1], 0.0, None)
    few = silence.Before(tuple(times[:5]), times[4], 0.0, None)
    assert 6.5 < (silence.enough(many) or 0) / many.each < 9
    assert (silence.enough(few) or 0) / few.each > 12


def test_a_night_is_no_end() -> None:
    """An office calls all day long, and never at night."""
    times = [day * DAY + 8 * HOUR + n * 600 + (n * 37 % 200) for day in range(9) for n in range(60)]
    before = known(times, times[-1])
    assert silence.confidence(silence.chance(before, 13 * HOUR)) is not Confidence.LIKELY
    assert silence.confidence(silence.chance(before, 24 * HOUR)) is Confidence.LIKELY


@pytest.mark.parametrize("begins", [[], [5.0]])
def test_of_what_was_seen_once_nothing_can_be_said(begins: list[float]) -> None:
    before = silence.before(begins, 100.0, 95.0)
    assert silence.chance(before, DAY) == 1
    assert silence.enough(before) is None
    assert silence.expected(before, DAY) == 0


def test_retries_are_one_contact() -> None:
    begins = [time + retry for time in HOURLY for retry in (0, 1, 3)]
    assert len(known(begins, 48 * HOUR).times) == 48


def test_a_stream_is_many_contacts() -> None:
    before = known([float(second) for second in range(600)], 600.0)
    assert len(before.times) == 60
    assert (silence.enough(before) or DAY) < 120


def test_false_ends_are_as_rare_as_they_are_said_to_be() -> None:
    """Traffic at random that goes on: how often does it fall silent for so long?"""
    chance = random.Random(11)
    ended = 0
    for _ in range(400):
        times = [0.0]
        for _ in range(30):
            times.append(times[-1] + chance.expovariate(1 / 60))
        before = silence.Before(tuple(times), times[-1], 0.0, None)
        ended += chance.expovariate(1 / 60) > (silence.enough(before) or 0)
    assert ended <= 3  # 0.4 to be expected
