"""The time that a log is of, without the few lines of devices whose clock was not set. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from whence.analysis._log_interval import Interval
from whence.analysis._words import listed
from whence.model.plural import many

APART = timedelta(days=1)  # and longer than the log is: what is so far away is not of it
FEW = 0.05  # of all lines; if more are far away, the log has such gaps

Bucket = tuple[datetime, int]  # when it begins, and how many lines it has


def body(buckets: Sequence[Bucket], every: timedelta) -> Interval | None:
    """Say from when to when the log is, if a few lines say times that are far from all others.

    An access point that starts without a clock writes “Jan  1”: with such lines, a log of a week
    would be one of a year that is nearly empty. None where no line is so far away.
    """
    runs = _runs(sorted(buckets), every)
    if len(runs) < 2:
        return None
    main = max(range(len(runs)), key=lambda n: runs[n][1])
    first, last = main, main
    whole, inside = runs[main]
    while True:
        reach = max(APART, whole.length)
        if first > 0 and whole.begin - runs[first - 1][0].end <= reach:
            first -= 1
            whole = Interval(runs[first][0].begin, whole.end)
            inside += runs[first][1]
        elif last + 1 < len(runs) and runs[last + 1][0].begin - whole.end <= reach:
            last += 1
            whole = Interval(whole.begin, runs[last][0].end)
            inside += runs[last][1]
        else:
            break
    total = sum(lines for _, lines in runs)
    return whole if 0 < total - inside <= FEW * total else None


def _runs(buckets: Sequence[Bucket], every: timedelta) -> list[tuple[Interval, int]]:
    """Give the times that have lines, with how many, where those before are at least a day away."""
    if not buckets:
        return []
    begins = [0, *(number for number, ((one, _), (other, _)) in enumerate(pairwise(buckets), 1)
                   if other - one - every > APART)]  # fmt: skip
    return [
        (
            Interval(buckets[begin][0], buckets[end - 1][0] + every),
            sum(lines for _, lines in buckets[begin:end]),
        )
        for begin, end in pairwise([*begins, len(buckets)])
    ]


def far_away_words(lines: int, hosts: Collection[str], example: datetime) -> str:
    """Say which lines are not of the time that the log is of."""
    said = "says a time" if lines == 1 else "say times"
    of = f" of {listed(sorted(hosts))}" if hosts else ""
    return (
        f"{many(lines, 'line')}{of} {said} far from all others, as {example:%Y-%m-%d %H:%M:%S} "
        "UTC: a clock that was not set, or an older log; left out"
    )
