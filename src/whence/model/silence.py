"""That traffic has ceased: what was seen before a change, and what was watched after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from whence.model.facts import Confidence


@dataclass(frozen=True, slots=True)
class Watched:
    """A time in which somebody watched, and what was lost of it."""

    began: datetime
    ended: datetime
    sensor: str
    lost: int = 0  # sightings


@dataclass(frozen=True, slots=True)
class Silence:
    """How long it has been silent, and what that says. Times are in seconds."""

    since: datetime  # the change
    now: datetime
    contacts: int  # before; those less than 10 s apart are one
    connections: int  # before, each counted
    first: datetime | None  # of those before
    last: datetime | None
    watched_before: float  # from the first on
    watched: float  # after the change
    lost: int  # sightings, after the change
    sensors: tuple[str, ...]
    longest: float  # silence between two contacts before
    period: float  # 0: none was found
    jitter: float  # of the period, as a share of it
    expected: float  # contacts in the time watched
    chance: float  # that it is silent so long although nothing was changed
    enough: float | None  # so long a silence would be no chance; None: it cannot be told
    confidence: Confidence  # that it has ceased

    @property
    def not_watched(self) -> float:
        """For how long after the change nobody watched."""
        return max(0.0, (self.now - self.since).total_seconds() - self.watched)

    @property
    def enough_at(self) -> datetime | None:
        """When the silence would be no chance, if it goes on and is watched from now on."""
        if self.enough is None:
            return None
        return self.now + timedelta(seconds=max(0.0, self.enough - self.watched))


def united(spans: Iterable[Watched], begin: datetime, end: datetime) -> list[Watched]:
    """Clip spans to a time, and join those that overlap; what was lost in them is added up."""
    joined: list[Watched] = []
    for span in sorted(spans, key=lambda span: span.began):
        began, ended = max(span.began, begin), min(span.ended, end)
        if ended <= began:
            continue
        if joined and began <= joined[-1].ended:
            last = joined[-1]
            joined[-1] = Watched(last.began, max(last.ended, ended), last.sensor,
                                 last.lost + span.lost)  # fmt: skip
        else:
            joined.append(Watched(began, ended, span.sensor, span.lost))
    return joined


def seconds(spans: Sequence[Watched]) -> float:
    """Add spans up; they do not overlap."""
    return sum((span.ended - span.began).total_seconds() for span in spans)
