from __future__ import annotations

from datetime import date, timedelta

from whence.store.ageing import past_their_time

KEEP = timedelta(days=3)
FIRST = date(2026, 11, 1)


def days(*numbers: int) -> list[date]:
    return [FIRST + timedelta(days=number) for number in numbers]


def dropped(recorded: list[date], today: date) -> int:
    return past_their_time(recorded, today, KEEP)


def test_nothing_was_recorded() -> None:
    assert dropped([], FIRST) == 0


def test_what_is_within_its_time_stays() -> None:
    assert dropped(days(0, 1, 2, 3), *days(3)) == 0


def test_what_is_older_goes() -> None:
    assert dropped(days(0, 1, 2, 3, 4, 5, 6), *days(6)) == 2


def test_a_clock_that_jumped_ahead_drops_nothing() -> None:
    far = date(2099, 1, 1)
    assert dropped([*days(0, 1, 2, 3), far, far], far) == 0


def test_a_clock_that_stays_ahead_for_days_is_believed() -> None:
    far = date(2099, 1, 1)
    assert dropped([*days(0, 1), far, far + timedelta(days=1)], far + timedelta(days=1)) == 1


def test_what_was_recorded_while_the_clock_was_behind_is_as_young_as_its_neighbours() -> None:
    assert dropped([*days(0, 1), date(1970, 1, 1), *days(2, 3)], *days(3)) == 0


def test_the_first_segment_of_a_machine_that_begins_in_1970() -> None:
    assert dropped([date(1970, 1, 1), *days(1, 2)], *days(2)) == 0


def test_days_that_have_not_come_yet_do_not_count() -> None:
    assert dropped([date(2099, 1, 1), *days(1, 2)], *days(2)) == 0


def test_a_machine_that_was_off_for_long() -> None:
    assert dropped(days(0, 1, 2, 200, 201), *days(201)) == 2
