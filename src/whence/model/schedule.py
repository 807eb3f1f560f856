"""When a job runs, and whether that explains when something was seen."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import accumulate, groupby, islice
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
TOLERANCE = timedelta(seconds=90)  # from a job's time until it connects, if it does so at once
MOST = 100_000  # windows that are looked at: a job that runs more often explains nothing
Window = tuple[datetime, datetime]


class Schedule(Protocol):
    """When something is started."""

    def windows(self, times: Sequence[datetime], tolerance: timedelta) -> Iterator[Window]:
        """Give, in order, each span in which it makes one of these times likely."""
        ...


class Clocked(Protocol):
    """A schedule that says its times beforehand."""

    @property
    def slack(self) -> timedelta:
        """How late it may start something, by its own rules."""
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
        """Refuse what is no time.

        Raises
        ------
        BadInput
            If it is ``@reboot``, or not what cron understands.

        """
        if self.expression == "@reboot":
            raise BadInput("@reboot is no time", because="it means: when cron starts")
        try:
            self._from(datetime(2000, 1, 1, tzinfo=UTC))
        except (CronSimError, ValueError) as e:  # a ValueError: too many digits
            raise BadInput(f"“{self.expression}” is no schedule of cron's", because=str(e)) from e

    def between(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        """Give its times from ``begin`` to ``end``, both included, in UTC."""
        for time in self._from(begin - timedelta(seconds=1)):
            utc = time.astimezone(UTC)
            if utc > end:
                return
            if utc >= begin:
                yield utc

    def last_before(self, time: datetime) -> datetime | None:
        """Give the last time at or before this one, in UTC; None: there was none in 50 years."""
        at_or_before = time.replace(microsecond=0) + timedelta(seconds=1)
        found = next(self._from(at_or_before, reverse=True), None)
        return found and found.astimezone(UTC)

    def _from(self, time: datetime, *, reverse: bool = False) -> CronSim:
        fields = NICKNAMES.get(self.expression, self.expression)
        return CronSim(fields, time.astimezone(self.zone), reverse=reverse)


@dataclass(frozen=True)
class DailySchedule:
    """What anacron runs each day: some minutes after the first time anacron itself is started."""

    trigger: Clocked
    delay: timedelta
    zone: tzinfo = UTC
    slack: timedelta = timedelta(0)

    def between(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        """Give its times from ``begin`` to ``end``, both included, in UTC."""
        started = self.trigger.between(begin - self.delay - timedelta(days=1), end)
        for _, times in groupby(started, lambda time: time.astimezone(self.zone).date()):
            time = next(times) + self.delay
            if begin <= time <= end:
                yield time


@dataclass(frozen=True, slots=True)
class OnTheClock:
    """Windows that begin at the times of a schedule."""

    schedule: Clocked

    def windows(self, times: Sequence[datetime], tolerance: timedelta) -> Iterator[Window]:
        """Give, in order, each span in which it makes one of these times likely."""
        late = self.schedule.slack + tolerance
        for time in self.schedule.between(times[0] - late, times[-1]):
            yield time, time + late


@dataclass(frozen=True, slots=True)
class Every:
    """A timer that counts from the last time, as ``OnUnitActiveSec=`` of systemd.timer(5)."""

    interval: timedelta
    slack: timedelta = timedelta(0)

    def windows(self, times: Sequence[datetime], tolerance: timedelta) -> Iterator[Window]:
        """Give, in order, each span in which it makes one of these times likely."""
        yield times[0], times[0]  # somebody started it the first time
        if self.interval > times[-1] - times[0]:
            return
        for time in times[:-1]:
            due = time + self.interval
            yield due - tolerance, due + self.slack + tolerance


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a schedule explains the times at which something was seen."""

    seen: int  # times, those close together counted once
    explained: int  # of them lie in a window of the schedule
    expected: int  # windows from the first time to the last
    met: int  # of them hold a time
    coverage: float  # the part of the whole span that lies in windows

    @property
    def chance(self) -> float:
        """How likely as many times thrown at random would all lie in windows."""
        return float(self.coverage**self.met)

    @property
    def holds(self) -> bool:
        """Whether the schedule explains the times.

        It was met three times, mostly when it was expected; hardly anything was seen at other
        times; and it is not so general that chance would do as well.
        """
        return (
            self.met >= 3
            and 10 * self.explained >= 9 * self.seen
            and 3 * self.met >= 2 * self.expected
            and self.chance <= 1e-4
        )


def fit(schedule: Schedule, times: Iterable[datetime], tolerance: timedelta = TOLERANCE) -> Fit:
    """Compare a schedule with the times at which something was seen."""
    seen = bursts(times, tolerance)
    if len(seen) < 2:
        return Fit(len(seen), 0, 0, 0, 1.0)
    windows = [*islice(schedule.windows(seen, tolerance), MOST)]
    if len(windows) == MOST:
        return Fit(len(seen), 0, MOST, 0, 1.0)
    explained = _inside(seen, windows)
    met = sum(_any_between(seen, begin, end) for begin, end in windows)
    span = seen[-1] - seen[0] + tolerance
    return Fit(len(seen), explained, len(windows), met, min(1.0, _total(windows) / span))


def _inside(times: Sequence[datetime], windows: Sequence[Window]) -> int:
    begins = [begin for begin, _ in windows]
    latest = [*accumulate((end for _, end in windows), max)]
    places = ((time, bisect_right(begins, time) - 1) for time in times)
    return sum(place >= 0 and time <= latest[place] for time, place in places)


def _any_between(times: Sequence[datetime], begin: datetime, end: datetime) -> bool:
    place = bisect_left(times, begin)
    return place < len(times) and times[place] <= end


def bursts(times: Iterable[datetime], gap: timedelta) -> list[datetime]:
    """Give the first of each group of times that lie no further apart than ``gap``."""
    first: list[datetime] = []
    last: datetime | None = None
    for time in sorted(times):
        if last is None or time - last > gap:
            first.append(time)
        last = time
    return first


def _total(windows: Iterable[Window]) -> timedelta:
    """Add up the windows, what lies in several of them once."""
    total, end = timedelta(0), datetime.min.replace(tzinfo=UTC)
    for begin, until in windows:
        total += max(until - max(begin, end), timedelta(0))
        end = max(end, until)
    return total
