"""The calendar events and the time spans of systemd.time(7)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import product

from whence.model.errors import BadInput

_NAMED = {
    "minutely": "*-*-* *:*:00",
    "hourly": "*-*-* *:00:00",
    "daily": "*-*-* 00:00:00",
    "weekly": "Mon *-*-* 00:00:00",
    "monthly": "*-*-01 00:00:00",
    "quarterly": "*-01,04,07,10-01 00:00:00",
    "semiannually": "*-01,07-01 00:00:00",
    "biannually": "*-01,07-01 00:00:00",
    "bi-annually": "*-01,07-01 00:00:00",
    "semi-annually": "*-01,07-01 00:00:00",
    "yearly": "*-01-01 00:00:00",
    "annually": "*-01-01 00:00:00",
}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = "(?:" + "|".join(_DAYS) + ")[a-z]*"
_EVENT = re.compile(
    rf"(?:(?P<days>{_DAY}(?:(?:\.\.|[,-]){_DAY})*),?(?:\s+|$))?"
    r"(?:(?:(?P<year>[\d*,./]+)-)?(?P<month>[\d*,./]+)(?P<from>[-~])(?P<day>[\d*,./]+)(?:\s+|$))?"
    r"(?:(?P<hour>[\d*,./]+):(?P<minute>[\d*,./]+)(?::(?P<second>[\d*,./]+))?)?$",
    re.IGNORECASE,
)
_PART = re.compile(
    r"(?P<first>\*|\d{1,4})(?:\.\d+)?(?:\.\.(?P<last>\d{1,4})(?:\.\d+)?)?(?:/(?P<step>\d{1,4}))?"
)
_SPAN = re.compile(r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[a-zA-Zµ]*)\s*")
_UNITS = {
    1e-6: ("us", "usec", "µs"),
    1e-3: ("ms", "msec"),
    1.0: ("", "s", "sec", "second", "seconds"),
    60.0: ("m", "min", "minute", "minutes"),
    3600.0: ("h", "hr", "hour", "hours"),
    86400.0: ("d", "day", "days"),
    604800.0: ("w", "week", "weeks"),
    2629800.0: ("M", "month", "months"),
    31557600.0: ("y", "year", "years"),
}
_SECONDS = {name: seconds for seconds, names in _UNITS.items() for name in names}
LAST_YEAR = 2199  # systemd knows no later one


@dataclass(frozen=True)
class CalendarEvent:
    """The days and the times of day at which a calendar event happens."""

    weekdays: frozenset[int]  # 0 is Monday
    years: frozenset[int]
    months: frozenset[int]
    days: frozenset[int]
    from_the_end: bool  # of the month: the last day is 1
    times: tuple[tuple[int, int, int], ...]  # hour, minute, second
    zone: tzinfo
    slack: timedelta = timedelta(0)

    def between(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        """Give its times from ``begin`` to ``end``, both included, in UTC."""
        day, last = begin.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        while day <= last:
            if self._includes(day):
                for hour, minute, second in self.times:
                    local = datetime(
                        day.year, day.month, day.day, hour, minute, second, tzinfo=self.zone
                    )
                    if begin <= (time := local.astimezone(UTC)) <= end:
                        yield time
            day += timedelta(days=1)

    def _includes(self, day: date) -> bool:
        length = calendar.monthrange(day.year, day.month)[1]
        return (
            day.year in self.years
            and day.month in self.months
            and day.weekday() in self.weekdays
            and (length - day.day + 1 if self.from_the_end else day.day) in self.days
        )


def calendar_event(text: str, zone: tzinfo = UTC, slack: timedelta = timedelta(0)) -> CalendarEvent:
    """Read what stands after ``OnCalendar=``; ``zone`` counts where the text names none.

    Raises
    ------
    BadInput
        If systemd would not understand it either, or it is a time zone's or an epoch's own.

    """
    words = _NAMED.get(text.strip().lower(), text.strip())
    if words.upper().endswith(" UTC"):
        words, zone = words[:-4], UTC
    found = _EVENT.match(words)
    if not words or not found:
        raise BadInput(f"“{text}” is no calendar event", because="see systemd.time(7)")
    clock = (found["hour"] or "0", found["minute"] or "0", found["second"] or "0")
    hours, minutes, seconds = map(_numbers, clock, (0, 0, 0), (23, 59, 59))
    return CalendarEvent(
        frozenset(_weekdays(found["days"])),
        frozenset(_numbers(found["year"] or "*", 1970, LAST_YEAR)),
        frozenset(_numbers(found["month"] or "*", 1, 12)),
        frozenset(_numbers(found["day"] or "*", 1, 31)),
        found["from"] == "~",
        tuple(product(hours, minutes, seconds)),
        zone,
        slack,
    )


def time_span(text: str) -> timedelta:
    """Read a span such as ``1h 30min``; a number alone counts seconds."""
    total, end = 0.0, 0
    for part in _SPAN.finditer(text):
        if part.start() != end or part["unit"] not in _SECONDS:
            break
        total, end = total + float(part["number"]) * _SECONDS[part["unit"]], part.end()
    if not text.strip() or end != len(text):
        raise BadInput(f"“{text}” is no span of time", because="see systemd.time(7)")
    try:
        return timedelta(seconds=total)
    except OverflowError as e:
        raise BadInput(f"“{text}” is too long", because=str(e)) from e


def _numbers(text: str, lowest: int, highest: int) -> list[int]:
    numbers: set[int] = set()
    for part in text.split(","):
        found = _PART.fullmatch(part)
        if not found:
            raise BadInput(
                f"“{text}” is no part of a calendar event", because="see systemd.time(7)"
            )
        first = lowest if found["first"] == "*" else int(found["first"])
        open_end = found["first"] == "*" or found["step"]
        last = int(found["last"]) if found["last"] else highest if open_end else first
        numbers.update(range(first, min(last, highest) + 1, int(found["step"] or 1) or 1))
    if not numbers or min(numbers) < lowest:
        raise BadInput(f"“{text}” is out of range", because=f"{lowest} to {highest} are possible")
    return sorted(numbers)


def _weekdays(text: str | None) -> Iterator[int]:
    for part in (text or "mon..sun").lower().split(","):
        first, _, last = part.replace("-", "..").partition("..")
        begin, end = _DAYS.index(first[:3]), _DAYS.index((last or first)[:3])
        yield from ((begin + i) % 7 for i in range((end - begin) % 7 + 1))
