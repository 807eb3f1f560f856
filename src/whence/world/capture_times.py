"""When captures were made, by the time stamps of their packets: do they go back, or overlap?"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

_LEAST = timedelta(seconds=1)  # packets of several interfaces may be out of order by so much
_LEAST_SHARE = 0.01
_MOST_SHARE = 0.9  # two that overlap by more are copies, or were captured at two places


@dataclass(frozen=True, slots=True)
class SetBack:
    """Where the time stamps of a file go back."""

    file: str
    packet: int
    """Number of the first packet behind it."""
    from_: datetime
    to: datetime


@dataclass(frozen=True, slots=True)
class CaptureTimes:
    """The time stamps of a file, in the order in which they stand in it."""

    file: str
    first: datetime
    last: datetime
    ran: timedelta
    """How long the clock ran from the first packet to the last, wherever it was set back to."""
    set_back: tuple[SetBack, ...]
    early: int
    """Single packets that are dated before those in front of them, by more than a second."""
    first_early: SetBack | None

    @property
    def is_in_order(self) -> bool:
        """Do ``first`` and ``last`` say how long it was captured?"""
        return not self.set_back and not self.early


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two files, and the time in which both were captured."""

    files: tuple[str, str]
    begin: datetime
    end: datetime
    in_part: bool = True
    """Each goes on without the other. Else one may be a copy of all of the other, or of a part."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Packets of a file that another has, too."""

    file: str
    other: str
    packets: int
    first: datetime
    last: datetime


def ran(times: Sequence[CaptureTimes]) -> timedelta | None:
    """Say how long was captured, where time stamps go back; None where they tell it by themselves.

    A file whose clock was set back was captured before or after the others, nobody knows when.
    """
    in_order = [each for each in times if each.is_in_order]
    if len(in_order) == len(times):
        return None
    whole = sum((each.ran for each in times if not each.is_in_order), timedelta())
    if in_order:
        whole += max(each.last for each in in_order) - min(each.first for each in in_order)
    return whole


def overlaps(
    times: Sequence[CaptureTimes], interfaces: Mapping[str, Collection[str]]
) -> list[Overlap]:
    """Find files of the same time; ``interfaces`` are their names.

    Two tools that write rings of files at the same place let one go on when the next has begun. A
    file in which another was merged has all of its time, and so has a copy. Files of different
    interfaces hold different packets, even if these look the same.
    """
    found = []
    for earlier, later in combinations(sorted(times, key=lambda each: each.first), 2):
        names = interfaces.get(earlier.file, ()), interfaces.get(later.file, ())
        if names[0] and names[1] and not {*names[0]} & {*names[1]}:
            continue
        if not (earlier.is_in_order and later.is_in_order) or later.first > earlier.last:
            continue
        end = min(earlier.last, later.last)
        length = end - later.first
        shorter = min(earlier.last - earlier.first, later.last - later.first)
        is_whole = later.last <= earlier.last or length >= _MOST_SHARE * shorter
        if is_whole or length > min(_LEAST, _LEAST_SHARE * shorter):
            found.append(
                Overlap((earlier.file, later.file), later.first, end, in_part=not is_whole)
            )
    return found
