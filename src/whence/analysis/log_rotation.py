"""How log files grow and are rotated, read from looks at their folder. Pure.

A file that was rotated, compressed or removed between two looks is no shrinking: only what was
added counts as growth, and what goes is what retention frees.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from whence.analysis._words import number, span
from whence.model.log_room import FileSeen, Look

HOUR = timedelta(hours=1)
PACKED = re.compile(r"\.(gz|bz2|xz|zst|lz4|Z)$")
_ROTATED = re.compile(r"^(?P<stem>.+?)[.-](?P<number>\d{1,4}|\d{8}(?:[-T]?\d{2,6})?)$")
_FEWEST = 2  # generations, before a period can be seen
_FULL = 3  # generations, before one may think that no more are kept
_TYPICAL_SHARE = 0.1  # of its size that a log takes when it is compressed, if none can be compared


@dataclass(frozen=True, slots=True)
class Old:
    """A file that was rotated."""

    size: int
    packed: bool


@dataclass(frozen=True, slots=True)
class Cycle:
    """How a log is rotated: what is kept of it."""

    name: str
    period: timedelta
    since: timedelta  # it was rotated last
    full: bool  # it looks as if each rotation removed one
    share: float  # of its size, when it was compressed; 1: it is not
    current: int  # bytes of the one that is written
    old: tuple[Old, ...]  # the newest first


@dataclass(frozen=True, slots=True)
class Growth:
    """How fast a folder grows, and how that is known."""

    bytes_per_hour: float
    source: str  # in words
    files_per_hour: float | None = None
    cycle: Cycle | None = None


def grown(before: Look, after: Look) -> Growth:
    """Say how fast a folder grew between two looks.

    Files are known by their inodes, so that one that was renamed is the same. Compressed files
    that are new were made of others, and are no growth; neither is what shrank.
    """
    known = {one.inode: one.size for one in before.files}
    there = {one.inode for one in after.files}
    added = sum(
        max(0, one.size - known.get(one.inode, 0))
        for one in after.files
        if one.inode in known or not PACKED.search(one.name)
    )
    new = len(there - known.keys()) - len(known.keys() - there)
    hours = (after.at - before.at) / HOUR
    took = span((after.at - before.at).total_seconds())
    return Growth(
        added / hours,
        f"the folder, which took {number(added)} bytes more in {took}",
        max(0.0, new / hours),
        cycle_of(after),
    )


def since_rotation(look: Look) -> Growth | None:
    """Say from one look how fast logs grow: by what they hold since they were rotated last.

    None where no log was rotated, since nothing says when it was begun.
    """
    logs = _logs(look.files)
    rates, spans, names = [], [], []
    for name, (current, old) in logs.items():
        if not old or current.changed <= old[0].changed:
            continue
        begun = old[0].changed
        rates.append(current.size / ((look.at - begun) / HOUR))
        spans.append((current.size, look.at - begun))
        names.append(name)
    if not rates or not sum(rates):
        return None
    _, longest = max(spans)
    cycle = cycle_of(look)
    files = 1 / (cycle.period / HOUR) if cycle and not cycle.full else 0.0
    many = f"{len(names)} logs" if len(names) > 1 else names[0]
    return Growth(
        sum(rates),
        f"what {many} took since the last rotation, {span(longest.total_seconds())} ago",
        files,
        cycle,
    )


def cycle_of(look: Look) -> Cycle | None:
    """Read from names and times how the largest log is rotated; None if none is.

    The others are taken to be rotated with it.
    """
    logs = {name: found for name, found in _logs(look.files).items() if len(found[1]) >= _FEWEST}
    if not logs:
        return None
    name = max(logs, key=lambda one: logs[one][0].size + sum(old.size for old in logs[one][1]))
    current, old = logs[name]
    steps = [
        (a.changed - b.changed).total_seconds() for a, b in pairwise(old) if a.changed > b.changed
    ]
    if not steps:
        return None
    packed = [one.size for one in old if PACKED.search(one.name)]
    plain = [one.size for one in old if not PACKED.search(one.name)]
    share = 1.0
    if packed:
        share = _TYPICAL_SHARE
        if plain and median(plain):
            share = min(1.0, median(packed) / median(plain))
    kept = tuple(Old(one.size, bool(PACKED.search(one.name))) for one in old)
    period, since = timedelta(seconds=median(steps)), max(look.at - old[0].changed, timedelta())
    return Cycle(name, period, since, len(old) >= _FULL, share, current.size, kept)


def _logs(files: Sequence[FileSeen]) -> dict[str, tuple[FileSeen, list[FileSeen]]]:
    """Give each log that is written now, with those that it was before, the newest first."""
    old: defaultdict[str, list[FileSeen]] = defaultdict(list)
    current: dict[str, FileSeen] = {}
    for one in files:
        name = PACKED.sub("", one.name)
        if match := _ROTATED.match(name):
            old[match["stem"]].append(one)
        elif name == one.name:
            current[name] = one

    def age(one: FileSeen) -> datetime:
        return one.changed

    return {
        name: (one, sorted(old.get(name, old.get(_stem(name), [])), key=age, reverse=True))
        for name, one in current.items()
    }


def _stem(name: str) -> str:
    """Give the name before its ending: logrotate's “extension” puts the date between them."""
    return name.rpartition(".")[0] or name
