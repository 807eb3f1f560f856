"""Messages that wait for their delivery, in order, bounded in number and in tries."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from whence.notify.declare import Message


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a message is tried."""

    first: timedelta = timedelta(seconds=5)  # wait after a failure; doubled after each
    longest: timedelta = timedelta(minutes=5)  # greylisting servers want minutes, not seconds
    tries: int = 300  # about a day
    messages: int = 100  # that wait at most


@dataclass(frozen=True, slots=True)
class _Lost:
    messages: int = 0
    sightings: int = 0

    def and_also(self, message: Message) -> _Lost:
        return _Lost(self.messages + 1, self.sightings + message.sightings)

    def without(self, told: _Lost) -> _Lost:
        return _Lost(self.messages - told.messages, self.sightings - told.sightings)


class Spool:
    """A queue whose head is tried until it is delivered, or given up and counted."""

    def __init__(self, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._waiting: deque[Message] = deque()
        self._failures = 0  # of the head
        self._not_before: datetime | None = None
        self._lost = _Lost()  # and nobody was told
        self._lost_by_note = _Lost()  # what the head tells of, once it arrives

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def sightings(self) -> int:
        """How many sightings the waiting messages stand for."""
        return sum(message.sightings for message in self._waiting)

    def put(self, message: Message) -> None:
        """Let a message wait; where too many do, the oldest but the head is given up."""
        self._waiting.append(message)
        if len(self._waiting) > max(self._patience.messages, 1):
            self._lost = self._lost.and_also(self._waiting[1])  # the head may be on its way
            del self._waiting[1]

    def wait(self, at: datetime) -> timedelta | None:
        """Say how long the head has to wait: None if there is none."""
        if not self._waiting:
            return None
        wait = (self._not_before or at) - at
        is_plausible = timedelta(0) <= wait <= self._patience.longest  # or the clock was set
        return wait if is_plausible else timedelta(0)

    def head(self) -> Message:
        """Give the message to try, with a word about those that never arrived."""
        message = self._waiting[0]
        self._lost_by_note = self._lost
        if not self._lost.messages:
            return message
        told = f"{self._lost.messages} earlier messages about {self._lost.sightings} sightings"
        return replace(message, notes=(*message.notes, f"{told} could not be delivered."))

    def delivered(self) -> None:
        """Let the head go: it arrived, and with it the word about the lost ones."""
        self._lost = self._lost.without(self._lost_by_note)
        self._next()

    def failed(self, at: datetime) -> None:
        """Note that the head did not arrive: it stays for a while, until it is given up."""
        self._failures += 1
        if self._failures >= self._patience.tries:
            self.give_up()
            return
        wait = self._patience.first * 2 ** min(self._failures - 1, 20)
        self._not_before = at + min(wait, self._patience.longest)

    def give_up(self) -> None:
        """Drop the head and count it."""
        self._lost = self._lost.and_also(self._waiting[0])
        self._next()

    def _next(self) -> None:
        self._waiting.popleft()
        self._failures = 0
        self._not_before = None
