"""Which segments are past their time, even if the clock was wrong for a while. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate, islice


def past_their_time(days: Sequence[date], today: date, keep: timedelta) -> int:
    """Say how many segments, from the oldest on, are to be dropped for their age.

    ``days`` are those on which segments were begun, in the order in which they were written.
    What a segment holds is as young as the beginning of the next one. Time is counted from the
    last day but one that was recorded: a clock that jumps ahead and is put right within a day
    drops nothing. Days in the future are a clock's mistake; so is a day before an earlier one.
    """
    believed = sorted({day for day in days if day <= today})
    if len(believed) < 2:
        return 0
    oldest = believed[-2] - keep
    latest = accumulate((day if day <= today else date.min for day in days), max)
    return sum(day <= oldest for day in islice(latest, 1, None))
