"""When a file system is full of log lines, with and without what makes them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from whence.analysis._words import number, span
from whence.analysis.log_rotation import HOUR, Cycle, Growth, Old
from whence.model.log_room import Room

FARTHEST = timedelta(days=730)  # beyond that, a rate of today says nothing
_MOST_ROTATIONS = 2000


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that makes lines, and how much of the rate it is."""

    label: str
    bytes_per_hour: float


@dataclass(frozen=True, slots=True)
class Until:
    """When it is full at some rate."""

    label: str  # "at this rate", "without …"
    per_hour: float  # bytes, or files
    left: timedelta | None  # None: not within two years
    levels_off: bool = False  # retention keeps it below

    @property
    def words(self) -> str:
        """Say it: full in 5.5 h."""
        if self.levels_off:
            return "never full, if rotation removes as many files as it makes"
        if self.left is None:
            return "not full within two years"
        if self.left < timedelta(minutes=1):
            return "full now"
        return f"full in {span(self.left.total_seconds())}"


@dataclass(frozen=True, slots=True)
class Forecast:
    """When it is full, at this rate and without each cause."""

    room: Room
    growth: Growth | None
    now: Until | None  # None: it cannot be told
    without: tuple[Until, ...]
    inodes: Until | None  # None: it cannot be told, or there is no end of them
    assumed: tuple[str, ...]


def forecast(
    room: Room, growth: Growth | None, causes: Sequence[Cause] = (), usual: float | None = None
) -> Forecast:
    """Say when the room is full.

    Parameters
    ----------
    room
        The file system.
    growth
        How fast it grows; None where it is not known.
    causes
        What makes part of the rate.
    usual
        Bytes an hour that would be usual, where that is known.

    """
    full = Until("now", 0.0, timedelta()) if room.free <= 0 else None
    none_left = Until("inodes", 0.0, timedelta()) if room.inodes and room.free_inodes <= 0 else None
    if growth is None or growth.bytes_per_hour <= 0:
        why = "nothing shows how fast it grows" if growth is None else "it did not grow"
        return Forecast(room, growth, full, (), none_left, (why,))
    rate = growth.bytes_per_hour
    without = [
        _until(f"without {one.label}", room, growth, rate - one.bytes_per_hour) for one in causes
    ]
    if len(causes) > 1:
        rest = rate - sum(one.bytes_per_hour for one in causes)
        without.append(_until("without all of these", room, growth, rest))
    if usual is not None:
        without.append(_until("at the usual rate", room, growth, usual))
    now = full or _until("at this rate", room, growth, rate)
    inodes = none_left or _inodes(room, growth)
    assumed = _assumed(room, growth)
    if sum(one.bytes_per_hour for one in causes) > rate:
        assumed.append("the causes make more than it grows; without them, nothing is left of that")
    return Forecast(room, growth, now, tuple(without), inodes, tuple(assumed))


def _until(label: str, room: Room, growth: Growth, rate: float) -> Until:
    rate = max(0.0, rate)
    if room.free <= 0:
        return Until(label, rate, timedelta())
    if not rate:
        return Until(label, rate, None)
    if growth.cycle is not None:
        return _rotating(label, room.free, rate, growth.cycle)
    return Until(label, rate, _within(room.free / rate))


def _rotating(label: str, free: float, rate: float, cycle: Cycle) -> Until:
    """Follow rotation after rotation: what is written, compressed and removed."""
    period = cycle.period / HOUR
    old = [*cycle.old]
    at_once = old[0].packed  # else the newest of the old ones stays as it is: delaycompress
    current, at = float(cycle.current), 0.0
    left = max(0.0, period - cycle.since / HOUR)  # until the next rotation
    for rotation in range(_MOST_ROTATIONS):
        if rate * left >= free:
            return Until(label, rate, _within(at + free / rate))
        free -= rate * left
        current += rate * left
        at, left = at + left, period
        if at * HOUR > FARTHEST:
            return Until(label, rate, None)
        if cycle.full:
            free += old.pop().size
        before = sum(one.size for one in old)
        old = [_packed(one, cycle.share) for one in old]
        free += before - sum(one.size for one in old)
        written = Old(int(current), packed=False)
        if at_once:
            written = _packed(written, cycle.share)
            free += current - written.size
        old.insert(0, written)
        current = 0.0
        if cycle.full and rotation > len(old) + 1:
            return Until(label, rate, None, levels_off=True)  # from here on, it repeats
    return Until(label, rate, None)


def _packed(one: Old, share: float) -> Old:
    return one if one.packed or share >= 1 else Old(int(one.size * share), packed=True)


def _inodes(room: Room, growth: Growth) -> Until | None:
    if not room.inodes or growth.files_per_hour is None:
        return None
    files = growth.files_per_hour
    return Until("inodes", files, _within(room.free_inodes / files) if files else None)


def _within(hours: float) -> timedelta | None:
    return hours * HOUR if hours <= FARTHEST / HOUR else None


def _assumed(room: Room, growth: Growth) -> list[str]:
    told = [f"the rate is that of {growth.source}"]
    if room.reserved > 0:
        told.append(f"{number(round(100 * room.reserved / room.total, 1))} % are for root alone")
    cycle = growth.cycle
    if cycle is None:
        return [*told, "nothing is removed, and nothing else takes room"]
    kept = (
        f"no more than {len(cycle.old)} old files are kept, as now"
        if cycle.full
        else "old files are not removed"
    )
    packed = f" and compressed to {100 * cycle.share:.0f} %" if cycle.share < 1 else ""
    every = span(cycle.period.total_seconds())
    return [*told, f"{cycle.name} is rotated every {every}{packed}; {kept}"]
