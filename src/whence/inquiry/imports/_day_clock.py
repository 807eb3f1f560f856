"""Times of day in files that tell no date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from whence.inquiry.imports._declare import Given
from whence.inquiry.imports._look_times import time_of_day

HALF_A_DAY = 12 * 3600 * 1_000_000  # µs


class DayClock:
    """Where times of day go back by much, a day has begun."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._day: date | None = given.date
        self._last: int | None = None

    def moment(self, clock: str) -> int:
        """Give the moment of a time of day: 09:30:05.123456."""
        zone = self._given.zone
        if self._day is None:
            self._day = _date_of(self._given)
        at = time_of_day(clock, self._day, zone)
        if at is None:
            return self._given.written
        if self._last is not None and at < self._last - HALF_A_DAY:
            self._day += timedelta(days=1)
            at = time_of_day(clock, self._day, zone) or at
        self._last = at
        return at


def _date_of(given: Given) -> date:
    """Take the day on which the file was written last."""
    moment = datetime.fromtimestamp(given.written // 1_000_000, UTC).astimezone(given.zone)
    given.assume(f"it has no date; {moment:%Y-%m-%d} is taken, when it was written (or: --date)")
    return moment.date()
