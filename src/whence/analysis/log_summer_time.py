"""Hours that clocks on the wall leave out where summer time begins: no silence. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo

HOUR = timedelta(hours=1)
LONGEST = timedelta(minutes=90)  # from the last line before such an hour to the first behind it

LeftOut = Callable[[datetime, datetime], str | None]
"""Says where clocks left out an hour in which, and hardly beside which, there was no line."""


def never_left_out(begin: datetime, end: datetime) -> str | None:
    """Say of no time that clocks left it out: those of the lines are not on a wall."""


def left_out_in(zones: Sequence[tzinfo], read_as: tzinfo) -> LeftOut:
    """Make what knows these zones, for times that say none and were read as of another."""

    def left_out(begin: datetime, end: datetime) -> str | None:
        if end - begin > LONGEST:
            return None
        first, behind = (each.astimezone(read_as).replace(tzinfo=None) for each in (begin, end))
        if behind - first != end - begin:  # summer time begins there: it was taken into account
            return None
        hour = first.replace(minute=0, second=0, microsecond=0)
        hour += HOUR if hour < first else timedelta()
        if hour + HOUR > behind:
            return None
        return next((str(zone) for zone in zones if _leaves_out(zone, hour)), None)

    return left_out


def _leaves_out(zone: tzinfo, hour: datetime) -> bool:
    """Say whether no clock there shows the hour, but those before and after it (PEP 495)."""
    inside = (hour, hour + HOUR - timedelta(seconds=1))
    beside = (hour - timedelta(seconds=1), hour + HOUR)
    return all(_is_gap(zone, each) for each in inside) and not any(
        _is_gap(zone, each) for each in beside
    )


def _is_gap(zone: tzinfo, wall: datetime) -> bool:
    before = wall.replace(tzinfo=zone, fold=0).utcoffset()
    after = wall.replace(tzinfo=zone, fold=1).utcoffset()
    return before is not None and after is not None and before < after
