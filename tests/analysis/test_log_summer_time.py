from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from whence.analysis.log_summer_time import left_out_in

ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "Europe/London", "America/New_York")]
BEGIN = datetime(2026, 3, 29, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
LITTLE = timedelta(seconds=40)


@pytest.mark.parametrize(
    ("begin", "zone"),
    [
        (BEGIN, "Europe/Berlin"),
        (BEGIN - HOUR, "Europe/London"),
        (datetime(2026, 3, 8, 2, tzinfo=UTC), "America/New_York"),
        (BEGIN + HOUR, None),
        (BEGIN + timedelta(minutes=30), None),
        (BEGIN + timedelta(days=1), None),
        (datetime(2026, 10, 25, 2, tzinfo=UTC), None),
    ],
)
def test_an_hour_that_no_clock_there_shows(begin: datetime, zone: str | None) -> None:
    left_out = left_out_in(ZONES, UTC)
    assert left_out(begin, begin + HOUR) == zone
    assert left_out(begin - LITTLE, begin + HOUR + LITTLE) == zone
    assert left_out(begin, begin + HOUR - LITTLE) is None
    assert left_out(begin, begin + 2 * HOUR) is None


def test_times_that_were_read_as_of_another_zone() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    wall = datetime(2026, 3, 29, 2, tzinfo=tokyo).astimezone(UTC)
    assert left_out_in(ZONES, tokyo)(wall, wall + HOUR) == "Europe/Berlin"
    assert left_out_in(ZONES, tokyo)(BEGIN, BEGIN + HOUR) is None


def test_where_the_zone_was_known_nothing_is_left_out() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    left_out = left_out_in(ZONES, berlin)
    moments = [BEGIN + half * timedelta(minutes=30) for half in range(-6, 6)]
    assert not any(left_out(moment, moment + HOUR) for moment in moments)
