"""Whose clock is wrong, as far as the order of lines tells that came from several hosts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median, quantiles

RIGHT = timedelta(seconds=30)  # what is nearer is no wrong clock: lines wait somewhere
FURTHEST = timedelta(hours=14)  # what is further off is another zone, or an old file
FEWEST = 4  # places where lines of two hosts stand one after the other
UNEVEN = 0.25  # of the difference, that these places may differ by among themselves


@dataclass(frozen=True, slots=True)
class Clock:
    """A host whose lines state other times than those at which they came."""

    host: str
    behind: timedelta  # the clock of who wrote the file; less than nothing: it is ahead
    said: datetime  # the last time that it said
    others: int  # lines of others beside its own, that say otherwise


def wrong_clock(rows: Sequence[tuple[str, datetime]], written: datetime) -> Clock | None:
    """Find a wrong clock by the last lines of a file, in their order; ``written`` is when it was.

    Told is only what is certain enough: the busiest host disagrees with the others, evenly, and
    they agree with when the file was written. In a copy of a file, or an old one, nobody does.
    """
    if not rows:
        return None
    [(busiest, _)] = Counter(host for host, _ in rows).most_common(1)
    apart = [
        (second if host == busiest else first) - (first if host == busiest else second)
        for (host, first), (other, second) in pairwise(rows)
        if (host == busiest) != (other == busiest)
    ]
    if len(apart) < FEWEST:
        return None
    seconds = [each.total_seconds() for each in apart]  # that the others are later
    late = median(seconds)
    low, _, high = quantiles(seconds, n=4)
    if high - low > max(RIGHT.total_seconds() / 2, UNEVEN * abs(late)):
        return None
    behind = timedelta(seconds=round(late))
    last, said = rows[-1]
    others_said = said + behind if last == busiest else said
    if not RIGHT <= abs(behind) <= FURTHEST or abs(written - others_said) > RIGHT:
        return None
    own = next(moment for host, moment in reversed(rows) if host == busiest)
    return Clock(busiest, behind, own, len(apart))
