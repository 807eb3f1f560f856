"""When a job runs, and whether that explains when something was seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from cronsim import CronSim, CronSimError

from whence.model.errors import BadInput

NICKNAMES = {  # crontab(5)
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


class Schedule(Protocol):
    """When something is started."""

    @property
    def slack(self) -> timedelta:
        """How long after its time it may start, because the schedule itself says so."""
        ...

    def between(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        """Give its times from ``begin`` to ``end``, both included, in UTC."""
        ...


@dataclass(frozen=True)
class CronSchedule:
    """The five fields, or the nickname, of a crontab line."""

    expression: str
    zone: tzinfo = UTC
    slack: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        if self.expression == "@reboot":
            raise BadInput("@reboot is no time", because="it means: when cron starts")
        try:
            self._from(datetime(2000, 1, 1, tzinfo=UTC))
        except CronSimError as e:
            raise BadInput(
                f"“{self.expression}” is not a schedule of cron's", because=str(e)
            ) from e

    def between(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        """Give its times from ``begin`` to ``end``, both included."""
        for time in self._from(begin - timedelta(microseconds=1)):
            if time > end:
                return
            yield time.astimezone(UTC)

    def next_after(self, time: datetime) -> datetime:
        """Give the first time after this one."""
        return next(self._from(time)).astimezone(UTC)

    def last_before(self, time: datetime) -> datetime:
        """Give the last time at or before this one."""
        at_or_before = time + timedelta(seconds=1)
        return next(self._from(at_or_before, reverse=True)).astimezone(UTC)

    def _from(self, time: datetime, *, reverse: bool = False) -> CronSim:
        fields = NICKNAMES.get(self.expression, self.expression)
        return CronSim(fields, time.astimezone(self.zone), reverse=reverse)
