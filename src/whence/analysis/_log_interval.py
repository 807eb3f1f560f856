"""From when to when lines are looked at, and how that is written for the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EARLIER = timedelta(hours=1)  # before a window, at most, that something may have begun in
LATER = timedelta(hours=1)  # after one, that is looked at for whether it has ended


@dataclass(frozen=True, slots=True)
class Interval:
    """A time, its end not included; both aware."""

    begin: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.begin

    def moved(self, by: timedelta) -> Interval:
        """Give the same length of time, earlier or later."""
        return Interval(self.begin + by, self.end + by)

    def before(self) -> Interval:
        """Give the time before it in which what it has more may have begun."""
        return Interval(self.begin - min(self.length, EARLIER), self.begin)

    def sql(self, column: str = "received") -> str:
        """Write the condition that a moment lies in it."""
        return f"{column} >= {literal(self.begin)} AND {column} < {literal(self.end)}"


def literal(moment: datetime) -> str:
    """Write a moment as the engine wants it: in UTC, without saying so."""
    return f"TIMESTAMP '{moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' ')}'"


def quoted(text: str) -> str:
    """Write text as a constant of SQL."""
    return "'" + text.replace("'", "''") + "'"
