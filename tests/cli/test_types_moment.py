"""Moments as users type them."""

from datetime import UTC, datetime, timedelta

import click
import pytest

from whence.cli.types import Moment
from whence.world.this_host import utc_now


@pytest.mark.parametrize("ago", [timedelta(minutes=2), timedelta(hours=23, minutes=58)])
def test_a_time_without_a_date_is_when_it_was_last(ago: timedelta) -> None:
    meant = (utc_now() - ago).replace(second=0, microsecond=0)
    for form in ("%H:%M", "%H:%M:%S"):
        text = meant.astimezone().strftime(form)
        for typed in {text, text.removeprefix("0")}:
            assert Moment().convert(typed, None, None) == meant


def test_a_date_a_moment_and_a_time_span() -> None:
    noon = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
    assert Moment().convert("2026-11-17T12:00:00Z", None, None) == noon
    assert Moment().convert(noon.astimezone().strftime("%Y-%m-%d %H:%M"), None, None) == noon
    assert abs(Moment().convert("2h", None, None) - (utc_now() - timedelta(hours=2))) < timedelta(
        seconds=9
    )


@pytest.mark.parametrize("text", ["", "25:00", "9:3", "12:60", "yesterday", "12:30:61"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is not a moment: write .*, 09:30 or 2h"):
        Moment().convert(text, None, None)
