import random
from datetime import timedelta

import pytest

from tests.analysis.world import NOON, Row, flow, tables
from whence.analysis._declare import Context
from whence.analysis._likelihood import over_chance
from whence.analysis._period import period_of, transformed
from whence.analysis.beacons import Beacon, beacons, merged, regularity


def calls(times: list[float], port: int = 8443) -> list[Row]:
    return [flow("192.0.2.9", "203.0.113.62", port, seconds=time) for time in times]


def found(*flows: Row) -> list[Beacon]:
    return [one for one in beacons(tables(*flows), Context()) if isinstance(one, Beacon)]


def asleep(period: float, jitter: float, misses: float, count: int, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    now, times = 0.0, []
    for _ in range(count):
        if chance.random() >= misses:
            times.append(now)
        now += period * (1 + chance.uniform(-jitter, jitter))
    return times


def test_a_metronome_is_told_with_its_next_time() -> None:
    [beacon] = found(*calls([300.0 * n for n in range(24)]))
    assert beacon.sentence == (
        "192.0.2.9 calls 203.0.113.62 port 8443/tcp every 5 min (± 0 %): "
        "24 of 24 expected contacts."
    )
    assert beacon.period == timedelta(minutes=5)
    assert beacon.next == NOON + timedelta(seconds=24 * 300)


def test_clocks_that_are_set_do_not_hide_what_is_less_even() -> None:
    clock = [
        flow("192.0.2.9", "192.0.2.123", 123, transport="udp", seconds=64.0 * n) for n in range(200)
    ]
    home, time = found(*clock, *calls(asleep(60, 0.3, 0.2, 200)))
    assert (home.destination_port, time.destination_port) == (8443, 123)
    assert time.score > home.score


@pytest.mark.parametrize("period", [60.0, 300.0, 900.0])
def test_thirty_percent_of_jitter_and_twenty_of_misses(period: float) -> None:
    [beacon] = found(*calls(asleep(period, 0.3, 0.2, 200)))
    assert beacon.period.total_seconds() == pytest.approx(period, rel=0.1)
    assert beacon.missing == pytest.approx(0.2, abs=0.08)


def test_strangers_among_a_schedule() -> None:
    chance = random.Random(7)
    times = [300.0 * n for n in range(280)]
    times += [chance.uniform(0, 300 * 280) for _ in range(100)]
    [beacon] = found(*calls(sorted(times)))
    assert beacon.period.total_seconds() == pytest.approx(300, rel=0.02)
    assert beacon.strangers > 40


def test_chance_is_no_beacon() -> None:
    for seed in range(20):
        chance = random.Random(seed)
        times = sorted(chance.uniform(0, 86400) for _ in range(200))
        assert period_of(merged(times)) is None


def test_the_luckiest_of_many_is_no_beacon() -> None:
    chance = random.Random(11)
    crowd = [
        merged(sorted(chance.uniform(0, 3600) for _ in range(chance.randint(8, 16))))
        for _ in range(3000)
    ]
    judged = [events for events in crowd if len(events) >= 8]
    assert [events for events in judged if regularity(events)]  # alone it would be one
    assert not [events for events in judged if regularity(events, len(judged))]


def test_a_beacon_is_found_among_many() -> None:
    for seed in range(10):
        assert regularity(asleep(300, 0.1, 0.1, 20, seed), 10_000)
    assert regularity([300.0 * n for n in range(8)], 10_000)


def test_a_period_explains_a_clock_better_than_chance_does() -> None:
    chance = random.Random(3)
    clock = [600.0 * n + chance.uniform(-180, 180) for n in range(20)]
    luck = sorted(chance.uniform(0, 12_000) for _ in range(20))
    assert over_chance(clock, 600, 0) > 7 > 1 > over_chance(luck, 600, 0)


def test_retries_are_one_contact() -> None:
    times = [600.0 * n + retry for n in range(12) for retry in (0, 1, 3)]
    [beacon] = found(*calls(times))
    assert (beacon.period, beacon.hits) == (timedelta(minutes=10), 12)


@pytest.mark.parametrize("period", [11.0, 12.5, 16.0])
def test_contacts_that_jitter_brings_nearer_than_ten_seconds(period: float) -> None:
    [beacon] = found(*calls(asleep(period, 0.3, 0.2, 240)))
    assert beacon.period.total_seconds() == pytest.approx(period, rel=0.1)
    assert beacon.missing == pytest.approx(0.2, abs=0.08)


def test_retries_of_a_fast_beacon_are_one_contact() -> None:
    times = [20.0 * n + retry for n in range(60) for retry in (0, 1, 5)]
    [beacon] = found(*calls(times))
    assert (beacon.period, beacon.hits) == (timedelta(seconds=20), 60)


def test_bursts_every_few_seconds_are_no_beacon() -> None:
    for seed in range(10):
        chance = random.Random(seed)
        times, now = [], 0.0
        for _ in range(60):
            times += [now + chance.uniform(0, 3) for _ in range(chance.randint(1, 12))]
            now += chance.lognormvariate(0, 1) * 15
        assert regularity(sorted(times), 1000) is None


def test_a_pause_of_the_night_is_not_counted_as_missing() -> None:
    times = [300.0 * n for n in range(48)] + [100000 + 300.0 * n for n in range(48)]
    [beacon] = found(*calls(times))
    assert beacon.missing < 0.03


def test_seven_contacts_are_too_few() -> None:
    assert not found(*calls([300.0 * n for n in range(7)]))


def test_each_port_is_judged_alone() -> None:
    assert len(found(*calls([300.0 * n for n in range(24)]),
                     *calls([450.0 * n + 7 for n in range(24)], 443))) == 2  # fmt: skip


def test_the_transform_of_an_impulse_is_flat() -> None:
    assert transformed([1, 0, 0, 0, 0, 0, 0, 0]) == [1] * 8


def test_the_transform_of_a_wave_is_its_frequency() -> None:
    wave = [complex((-1) ** n) for n in range(8)]
    assert [round(abs(value), 9) for value in transformed(wave)] == [0, 0, 0, 0, 8, 0, 0, 0]
