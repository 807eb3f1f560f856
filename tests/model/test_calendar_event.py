from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model import BadInput
from whence.model.calendar_event import calendar_event, time_span

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)  # a Thursday
MUCH_LATER = datetime(2028, 12, 31, tzinfo=UTC)


def first_times(text: str) -> list[str]:
    times = calendar_event(text).between(NEW_YEAR + timedelta(seconds=1), MUCH_LATER)
    return [f"{time:%Y-%m-%d %H:%M:%S}" for time in islice(times, 2)]


@pytest.mark.parametrize(  # what `systemd-analyze calendar --iterations=2` of systemd 252 says
    ("text", "expected"),
    [
        ("hourly", ["2026-01-01 01:00:00", "2026-01-01 02:00:00"]),
        ("weekly", ["2026-01-05 00:00:00", "2026-01-12 00:00:00"]),
        ("Sat,Mon..Tue 06:30", ["2026-01-03 06:30:00", "2026-01-05 06:30:00"]),
        ("*-*-* 07..23:30", ["2026-01-01 07:30:00", "2026-01-01 08:30:00"]),
        ("*:0/15", ["2026-01-01 00:15:00", "2026-01-01 00:30:00"]),
        ("*-*-* *:*:20/30", ["2026-01-01 00:00:20", "2026-01-01 00:00:50"]),
        ("*-02~03", ["2026-02-26 00:00:00", "2027-02-26 00:00:00"]),
        ("Fri 2027-*-* 12:00 UTC", ["2027-01-01 12:00:00", "2027-01-08 12:00:00"]),
        ("02-29", ["2028-02-29 00:00:00"]),
        ("quarterly", ["2026-04-01 00:00:00", "2026-07-01 00:00:00"]),
        ("Mon", ["2026-01-05 00:00:00", "2026-01-12 00:00:00"]),
    ],
)
def test_when_a_calendar_event_happens(text: str, expected: list[str]) -> None:
    assert first_times(text) == expected


def test_a_time_of_day_is_the_hosts_own() -> None:
    event = calendar_event("12:00", ZoneInfo("America/New_York"))
    assert next(event.between(NEW_YEAR, MUCH_LATER)) == NEW_YEAR.replace(hour=17)


@pytest.mark.parametrize("text", ["", "often", "25:00", "12", "*-13-01", "1-2-3-4", "@1700000000"])
def test_what_is_no_calendar_event(text: str) -> None:
    with pytest.raises(BadInput):
        calendar_event(text)


@given(st.text(alphabet="0123456789*,./-~: MonFriUTC"))
def test_any_text_is_an_event_or_bad_input(text: str) -> None:
    try:
        event = calendar_event(text)
    except BadInput:
        return
    [*islice(event.between(NEW_YEAR, NEW_YEAR + timedelta(days=1)), 3)]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("1h 30min", 5400), ("1.5h", 5400), ("2 days", 172800), ("500ms", 0.5)],
)
def test_how_long_a_span_is(text: str, seconds: float) -> None:
    assert time_span(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "soon", "1 fortnight", "h", "-1s", "9" * 20 + "y"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(BadInput):
        time_span(text)
