"""Many sightings, few messages: the first is told at once, what follows is collected."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from whence.model import Flow, Sighting
from whence.notify import describe
from whence.notify.declare import Message

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one is told."""

    quiet: timedelta = timedelta(minutes=10)  # between two messages
    an_hour: int = 12  # messages
    lines: int = 200  # programs with their peers that a message names; the rest is counted


@dataclass(frozen=True, slots=True)
class _Kind:
    """What makes two sightings worth one line."""

    action: str
    peer: Flow
    command: tuple[str, ...]
    user_id: int | None


class Digest:
    """Collects sightings, and says when which message is due. It knows no clock but yours."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._collected: dict[_Kind, Sighting] = {}
        self._uncollected = 0  # sightings of more kinds than a message has lines
        self._told: deque[datetime] = deque(maxlen=self._limits.an_hour)

    def add(self, seen: Sighting) -> None:
        """Take in a sighting. Equal ones become one with a count."""
        kind = _kind(seen)
        if before := self._collected.get(kind):
            self._collected[kind] = _joined(before, seen)
        elif not seen.count:
            return  # only more bytes of what has been told
        elif len(self._collected) < self._limits.lines:
            self._collected[kind] = describe.without_secrets(seen)
        else:
            self._uncollected += seen.count

    def wait(self, at: datetime) -> timedelta | None:
        """Say how long the next message has to wait: None if there is nothing to tell."""
        if not self._collected:
            return None
        told = [moment for moment in self._told if moment <= at]  # others: the clock was set back
        if not told:
            return timedelta(0)
        due = told[-1] + self._limits.quiet
        if len(told) == self._limits.an_hour:
            due = max(due, told[0] + HOUR)
        return max(due - at, timedelta(0))

    def take(self, at: datetime) -> Message | None:
        """Give the message that is due, if one is."""
        return None if self.wait(at) else self.finish(at)

    def finish(self, at: datetime) -> Message | None:
        """Give everything that has not been told, due or not."""
        if not self._collected:
            return None
        seen, uncollected = tuple(self._collected.values()), self._uncollected
        self._collected, self._uncollected = {}, 0
        self._told.append(at)
        more = (f"And {uncollected} more, of programs and peers too many to name.",)
        message = describe.message(seen, at, more if uncollected else ())
        return replace(message, sightings=message.sightings + uncollected)


def _kind(seen: Sighting) -> _Kind:
    maker = seen.maker
    run = maker.execution if maker else None
    command = (run.executable, *run.args) if run else (maker.name if maker else "",)
    return _Kind(seen.action, describe.peer(seen), command, maker.user_id if maker else None)


def _joined(one: Sighting, other: Sighting) -> Sighting:
    return replace(
        one,
        first=min(one.first, other.first),
        last=max(one.last, other.last),
        count=one.count + other.count,
        bytes_sent=one.bytes_sent + other.bytes_sent,
        packets_sent=one.packets_sent + other.packets_sent,
        bytes_received=one.bytes_received + other.bytes_received,
        packets_received=one.packets_received + other.packets_received,
    )
