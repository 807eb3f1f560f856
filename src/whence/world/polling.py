"""Looking at the sockets again and again, at bounded cost."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

from whence.model import LISTENING, Events, SensorStatus, Sighting
from whence.world.netlink import ANY_STATE, HELD
from whence.world.socket_rows import Listeners, SocketRow, listeners
from whence.world.sockets import Sockets

SHORTEST = 0.05  # seconds between two looks
SHARE = 0.15  # of one CPU that looking may take at most
LONGEST = 2.0
KEPT = 65_536  # sockets that were told of
HEARTBEAT = timedelta(seconds=1)
NOT_ROOT = "not root: the processes of other users are not seen"

Seen = tuple[SocketRow, Sighting]


def rights_missing() -> str:
    """Say what this user cannot see, if anything."""
    return NOT_ROOT if os.geteuid() else ""


def pause(cost: float, share: float = SHARE) -> float:
    """Say how long to wait after a look that took so many seconds of a CPU."""
    return min(LONGEST, max(SHORTEST, cost / share - cost))


class SocketChanges:
    """The sockets that were not there at the look before.

    Now and then those are looked at, too, that nobody holds any more: TCP keeps what this side has
    closed for a minute, so that each such connection is at least known to have been there.
    """

    def __init__(self, sockets: Sockets) -> None:
        self.sockets = sockets
        self.listening: Listeners = {}
        self._told: OrderedDict[tuple[object, ...], None] = OrderedDict()
        self._looks_at_all = 0.0

    @classmethod
    def open(cls) -> SocketChanges:
        """Look at this machine."""
        return cls(Sockets.open())

    def now(self) -> datetime:
        """Say what time it is."""
        return self.sockets.processes.now()

    def new(self) -> Iterator[Sighting]:
        """Look, and yield the sockets that are new, or that have another peer now."""
        return (seen for _, seen in self.rows())

    def rows(self) -> Iterator[Seen]:
        """As ``new``, with the line of the table that each stands for."""
        rows = self.sockets.rows(self._states())
        self.listening = listeners(rows)
        unknown = [row for row in rows if self._is_news(row)]
        while len(self._told) > max(KEPT, 2 * len(rows)):
            self._told.popitem(last=False)
        return zip(unknown, self.sockets.sightings(unknown, self.listening), strict=True)

    def _states(self) -> int:
        if time.monotonic() < self._looks_at_all:
            return HELD
        self._looks_at_all = time.monotonic() + LONGEST
        return ANY_STATE

    def _is_news(self, row: SocketRow) -> bool:
        identity = (*row.key, row.local_port, row.remote, row.remote_port, row.listens)
        known = identity in self._told
        self._told[identity] = None
        self._told.move_to_end(identity)
        return not known


class Changes(Protocol):
    """Something that tells of new sockets each time it is asked."""

    def now(self) -> datetime:
        """Say what time it is."""
        ...

    def new(self) -> Iterator[Sighting]:
        """Yield what is new."""
        ...


def poll(
    changes: Changes,
    sensor: str,
    cannot_see: tuple[str, ...],
    sleep: Callable[[float], None] = time.sleep,
) -> Events:
    """Ask for changes for ever: the loop of each sensor that polls."""
    unattributed = 0
    detail = rights_missing()
    yield SensorStatus(sensor, changes.now(), cannot_see, detail=detail)
    told = changes.now()
    while True:
        began = time.thread_time()  # not the clock: others' work is no reason to look away
        for seen in changes.new():
            unattributed += not seen.lineage and seen.action != LISTENING
            yield seen
        if changes.now() - told > HEARTBEAT:
            told = changes.now()
            yield SensorStatus(sensor, told, cannot_see, 0, unattributed, detail)
        yield None
        sleep(pause(time.thread_time() - began))
