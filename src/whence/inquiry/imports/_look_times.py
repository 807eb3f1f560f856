"""Moments that people's scripts write between the looks of a tool, and those of logs."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from whence.inquiry.imports._declare import Given

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,6}))?(?:\s*([AaPp])\.?[Mm])?")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_POINTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_SLASHES = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_MONTHS = (  # beginnings of their names in English, German, French and Spanish
    ("jan", 1), ("ene", 1), ("feb", 2), ("fév", 2), ("fev", 2), ("mar", 3), ("mär", 3),
    ("mrz", 3), ("apr", 4), ("avr", 4), ("abr", 4), ("may", 5), ("mai", 5), ("juin", 6),
    ("juil", 7), ("jun", 6), ("jul", 7), ("aug", 8), ("aoû", 8), ("aou", 8), ("ago", 8),
    ("sep", 9), ("oct", 10), ("okt", 10), ("nov", 11), ("dec", 12), ("dez", 12), ("déc", 12),
    ("dic", 12),
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+|\d+")
_OFFSET = re.compile(
    r"(?<=\s)(?:(?P<utc>UTC|GMT|Z)|(?P<sign>[+-])(?P<hours>[01]\d):?(?P<minutes>[0-5]\d))(?!\S)"
)
LONGEST = 120  # characters of a line that is a moment


def look_time(text: str, given: Given) -> int | None:
    """Read a line that holds a date and a time of day; None where it holds none."""
    if len(text) > LONGEST:
        return None
    clock = _CLOCK.search(text)
    day = _day(text, given) if clock else None
    if not clock or not day:
        return None
    hour = int(clock[1])
    if clock[5]:
        hour = hour % 12 + (12 if clock[5] in "Pp" else 0)
    fraction = int((clock[4] or "0").ljust(6, "0"))
    try:
        local = datetime(*day, hour, int(clock[2]), int(clock[3]), fraction)  # noqa: DTZ001
    except ValueError:
        return None
    return micros(local, _zone(text) or given.zone)


def _zone(text: str) -> tzinfo | None:
    """Give the zone that date(1) writes as UTC or +0100; other names of zones say little."""
    found = _OFFSET.search(text)
    if not found:
        return None
    if found["utc"]:
        return UTC
    ahead = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
    return timezone(-ahead if found["sign"] == "-" else ahead)


def _day(text: str, given: Given) -> tuple[int, int, int] | None:
    if found := _ISO.search(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _POINTS.search(text):
        return int(found[3]), int(found[2]), int(found[1])
    if found := _SLASHES.search(text):
        first, second = int(found[1]), int(found[2])
        if first > 12:
            first, second = second, first
        elif second <= 12:
            given.assume(f"{found[0]} is month/day/year")
        return int(found[3]), first, second
    return _named_day(_WORD.findall(_CLOCK.sub(" ", text)))


def _named_day(words: list[str]) -> tuple[int, int, int] | None:
    """Read a day with the name of its month: 26 Nov 2026, November 26, 2026, Nov 26 … 2026.

    A day of the week may look like a month (mar. in French); it stands first.
    """
    year = next((int(word) for word in words if len(word) == 4 and word.isdecimal()), None)
    for place in reversed(range(len(words))):
        name = words[place].lower()
        month = next((number for begin, number in _MONTHS if name.startswith(begin)), None)
        beside = (*words[max(0, place - 1) : place], *words[place + 1 : place + 2])
        day = next((int(one) for one in beside if one.isdecimal() and len(one) < 3), None)
        if year and month and day:
            return year, month, day
    return None


def micros(moment: datetime, zone: tzinfo = UTC) -> int | None:
    """Write a moment as microseconds since 1970; one without a zone is in ``zone``."""
    try:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return (aware - _EPOCH) // _MICROSECOND
    except (OverflowError, ValueError):
        return None


@lru_cache(maxsize=4096)
def _midnight(text: str, zone: tzinfo) -> int | None:
    """Give the minute that a text of 16 characters is: 2026-11-17 09:30, or with a T between."""
    try:
        return micros(datetime.fromisoformat(text), zone)
    except ValueError:
        return None


def log_time(text: str, zone: tzinfo) -> int | None:
    """Read “2026-11-17 09:30:05.123456”, with or without a zone behind; ISO 8601.

    Most of it is looked up: in a log, a minute comes many times.
    """
    seconds = text[17:]
    if text[16:17] == ":" and seconds[:2].isdigit() and seconds.isascii() and seconds[:2] <= "60":
        whole, _, fraction = seconds.partition(".")
        plain = len(whole) == 2 and (not fraction or fraction.isdigit())
        if plain and (minute := _midnight(text[:16], zone)) is not None:
            return minute + int(whole) * 1_000_000 + int(fraction[:6].ljust(6, "0") or 0)
    try:
        return micros(datetime.fromisoformat(text.replace("Z", "+00:00")), zone)
    except ValueError:
        return None


def epoch_time(text: str) -> int | None:
    """Read seconds since 1970 with a fraction, exactly."""
    seconds, _, fraction = text.partition(".")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 12):
        return None
    if fraction and not (fraction.isascii() and fraction.isdigit()):
        return None
    return int(seconds) * 1_000_000 + int(fraction[:6].ljust(6, "0") or 0)


def time_of_day(text: str, day: date, zone: tzinfo) -> int | None:
    """Read “09:30:05.123456” of a day."""
    return log_time(f"{day.isoformat()} {text}", zone)
