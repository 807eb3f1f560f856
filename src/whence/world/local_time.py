"""The time zone of this machine, with its summer times."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

YEARS = timedelta(days=3660)  # back, in which a time without a year may lie
STEP = timedelta(days=7)  # a zone keeps its summer time for longer
_SUMMER_TIMES = (  # one place of each rule, where most machines are first
    "Europe/Berlin", "Europe/London", "Europe/Athens", "America/New_York", "Australia/Sydney",
    "Pacific/Auckland", "America/Santiago", "Asia/Jerusalem", "Africa/Cairo", "Asia/Beirut",
    "Europe/Chisinau", "Atlantic/Azores", "America/Nuuk", "America/Havana", "Africa/Casablanca",
)  # fmt: skip
_LOCALTIME = Path("/etc/localtime")  # localtime(5)


def local_zone() -> tzinfo:
    """Give it; UTC where this machine does not say."""
    try:
        if name := os.environ.get("TZ", "").lstrip(":"):
            return ZoneInfo(name)
        with _LOCALTIME.open("rb") as file:
            return ZoneInfo.from_file(file)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return UTC


def zone_name(zone: tzinfo, moment: datetime) -> str:
    """Name a zone: Europe/Berlin, where it has such a name; else as it calls itself at a moment."""
    return getattr(zone, "key", None) or moment.astimezone(zone).tzname() or str(zone)


def zones_with_summer_time() -> list[ZoneInfo]:
    """Give one zone of each rule by which summer time begins, as far as this machine knows it."""
    known = []
    for name in _SUMMER_TIMES:
        try:
            known.append(ZoneInfo(name))
        except (ZoneInfoNotFoundError, OSError, ValueError):
            continue
    return known


def zone_offsets(zone: tzinfo | None, until: datetime) -> tuple[int, list[tuple[int, int]]]:
    """Give how many seconds a zone was east of Greenwich ten years ago, and each change since.

    A change is the moment, in microseconds since 1970, from which on it is so many seconds. None is
    the zone of this machine.
    """
    moment = until.astimezone(UTC).replace(microsecond=0) - YEARS
    first = east = _offset(zone, moment)
    changes = []
    while moment < until + STEP:
        after = moment + STEP
        if _offset(zone, after) != east:
            after = _first_of_another(zone, moment, after)
            east = _offset(zone, after)
            changes.append((round(after.timestamp()) * 1_000_000, east))
        moment = after
    return first, changes


def _first_of_another(zone: tzinfo | None, before: datetime, after: datetime) -> datetime:
    east = _offset(zone, before)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(zone, middle) == east:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: tzinfo | None, moment: datetime) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return round(offset.total_seconds()) if offset else 0
