"""How far zones are from Greenwich, and since when."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from whence.world.local_time import zone_offsets


def test_summer_times_are_found_to_the_second() -> None:
    first, changes = zone_offsets(ZoneInfo("Europe/Berlin"), datetime(2026, 11, 26, tzinfo=UTC))
    assert first == 3600
    assert [(datetime.fromtimestamp(at / 1e6, UTC), east) for at, east in changes[-2:]] == [
        (datetime(2026, 3, 29, 1, tzinfo=UTC), 7200),
        (datetime(2026, 10, 25, 1, tzinfo=UTC), 3600),
    ]
    assert [east for _, east in changes] == [7200, 3600] * 10


def test_most_zones_have_none() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    assert zone_offsets(east, datetime(2026, 11, 26, tzinfo=UTC)) == (19800, [])
