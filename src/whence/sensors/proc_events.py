"""Connections put together from what the kernel tells everybody: which sockets end, and who does.

Neither of the two messages names the other's part, so a socket is given to the process of the same
user that ended at that moment. Sockets that live longer are looked at while they do.
"""

from __future__ import annotations

import math
import time
from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from operator import attrgetter

from whence.model import (
    ACCEPTED,
    LISTENING,
    Confidence,
    Events,
    ProcessRecord,
    SensorStatus,
    Sighting,
    sensor,
)
from whence.world.netlink import (
    EXEC,
    EXIT,
    FORK,
    ClosedSocket,
    ClosedSockets,
    ProcessEvent,
    ProcessEvents,
    since_boot,
)
from whence.world.polling import SocketChanges, pause, rights_missing
from whence.world.process_history import ProcessHistory
from whence.world.socket_rows import SocketRow

CANNOT_SEE = (
    "to whom a UDP socket without a fixed peer sends",
    "ICMP and raw sockets that live shorter than 50 ms",
    "the process of a short connection, where it lives on or others end at the same moment",
    "the program, where it ended within a fraction of a millisecond",
)
HEARTBEAT = timedelta(seconds=1)
MILLISECOND = 1_000_000  # nanoseconds
SETTLED = 40 * MILLISECOND  # after which the end of the process that closed a socket is known
EARLIEST, LATEST = 20 * MILLISECOND, 5 * MILLISECOND  # an exit that far before and after fits
SURE = 2 * MILLISECOND  # an exit nearer than this is likely the right one,
ALIKE = MILLISECOND  # unless there is another one that is only so much farther away
TAKEN = MILLISECOND // 2  # how much worse a process fits that has been given a socket already
SHARE = 0.02  # of one CPU for looking at open sockets: what is short is told of anyway
KEPT = 65_536  # sockets that wait to be told of, and that were
ENDED_KEPT = 8192  # processes

Lineage = tuple[ProcessRecord, ...]


@sensor(
    watches="connections",
    level=2,
    cannot_see=CANNOT_SEE,
    better_with="root: the kernel's event tracing then names the process of each TCP connection",
)
def proc_events(
    events: ProcessEvents,
    closed: ClosedSockets,
    changes: SocketChanges,
    processes: ProcessHistory,
) -> Events:
    """Put together the sockets and the processes that end, and look at the sockets that stay."""
    with closing(events), closing(closed):
        processes.take_in()
        closed.tell(events.wake)
        join = Join(processes)
        yield join.status(0)
        told, looks = changes.now(), 0.0
        while True:
            if time.monotonic() >= looks:
                began = time.thread_time()
                closed.follow(changes.sockets.namespaces())
                for row, seen in changes.rows():
                    yield from join.open(row, seen)
                looks = time.monotonic() + pause(time.thread_time() - began, SHARE)
            yield None
            wait = min(looks - time.monotonic(), join.wait(since_boot()))
            join.take(events.read(max(0.0, wait)), closed.read())
            yield from join.settled(since_boot() - SETTLED, changes)
            if changes.now() - told > HEARTBEAT:
                told = changes.now()
                yield join.status(events.lost + closed.lost)


@dataclass(slots=True)
class Ended:
    """A process that ended, and how many sockets it has been given."""

    nanoseconds: int
    lineage: Lineage
    sockets: int = 0


class Join:
    """Finds the process of a socket by the moment at which both ended."""

    def __init__(self, processes: ProcessHistory) -> None:
        self._processes = processes
        self._ended: list[Ended] = []  # in the order of time
        self._closed: deque[ClosedSocket] = deque()
        self._forgotten = 0
        self._told: OrderedDict[tuple[int | None, int, int], None] = OrderedDict()
        self._listening: dict[int, Lineage] = {}  # by the inode of the listener
        self._unattributed = 0

    def status(self, lost: int) -> SensorStatus:
        """Say how it goes."""
        now = self._processes.live.now()
        return SensorStatus(
            "proc_events",
            now,
            CANNOT_SEE,
            lost + self._forgotten,
            self._unattributed,
            rights_missing(),
        )

    def open(self, row: SocketRow, seen: Sighting) -> Iterator[Sighting]:
        """Tell of a socket that was seen while it was open."""
        if seen.action == LISTENING:
            self._listening[row.inode] = seen.lineage
        if not row.inode and seen.action != ACCEPTED:
            return  # its process has let go of it: the message about its end tells more
        self._tell(row)
        yield replace(seen, sensor="proc_events")

    def take(self, events: Iterable[ProcessEvent], closed: Iterable[ClosedSocket]) -> None:
        """Take in what has happened."""
        live = self._processes.live
        for event in events:
            if event.what == FORK:
                self._processes.forked(event.pid, event.parent, event.nanoseconds)
            elif event.what == EXEC:
                at = live.booted + timedelta(microseconds=event.nanoseconds // 1000)
                self._processes.executed(event.pid, at, seen=event.seen)
            elif event.what == EXIT and (lineage := self._processes.lineage(event.pid)):
                insort(
                    self._ended, Ended(event.nanoseconds, lineage), key=attrgetter("nanoseconds")
                )
        del self._ended[:-ENDED_KEPT]
        self._closed.extend(closed)
        while len(self._closed) > KEPT:
            self._closed.popleft()
            self._forgotten += 1

    def wait(self, now: int) -> float:
        """Say after how many seconds the next socket can be told of."""
        return (self._closed[0].nanoseconds + SETTLED - now) / 1e9 if self._closed else math.inf

    def settled(self, before: int, changes: SocketChanges) -> Iterator[Sighting]:
        """Tell of the sockets that ended before this moment: all that fits to them is known."""
        while self._closed and self._closed[0].nanoseconds < before:
            one = self._closed.popleft()
            if one.row.key not in self._told and one.row.local_port:
                self._tell(one.row)
                yield from self._sighting(one, changes)

    def _sighting(self, one: ClosedSocket, changes: SocketChanges) -> Iterator[Sighting]:
        flow, action = one.row.called(changes.listening)
        if action == LISTENING and flow.transport == "tcp":
            return
        if action == ACCEPTED:
            listener = one.row.listener(changes.listening) or 0
            lineage, sure = self._listening.get(listener, ()), Confidence.LIKELY
        else:
            lineage, sure = self._whose(one)
        self._unattributed += not lineage
        at = self._processes.live.booted + timedelta(microseconds=one.nanoseconds // 1000)
        yield Sighting(
            flow,
            action,
            at,
            at,
            lineage,
            "proc_events",
            self._processes.live.host,
            network_namespace=one.row.namespace,
            cookie=one.row.cookie,
            confidence=sure if lineage else Confidence.UNKNOWN,
        )

    def _whose(self, one: ClosedSocket) -> tuple[Lineage, Confidence]:
        fitting = sorted(
            (abs(one.nanoseconds - ended.nanoseconds) + ended.sockets * TAKEN, number, ended)
            for number, ended in enumerate(self._ended_around(one))
            if ended.lineage[0].user_id in (one.row.user_id, None)
        )
        if not fitting:
            return (), Confidence.UNKNOWN
        best, _, ended = fitting[0]
        ended.sockets += 1
        alone = len(fitting) == 1 or fitting[1][0] - best > ALIKE
        near = best < SURE + one.round_trip
        return ended.lineage, Confidence.LIKELY if alone and near else Confidence.POSSIBLE

    def _ended_around(self, one: ClosedSocket) -> list[Ended]:
        earliest = one.nanoseconds - EARLIEST - one.round_trip
        first = bisect_left(self._ended, earliest, key=attrgetter("nanoseconds"))
        last = bisect_right(self._ended, one.nanoseconds + LATEST, key=attrgetter("nanoseconds"))
        return self._ended[first:last]

    def _tell(self, row: SocketRow) -> None:
        self._told[row.key] = None
        if len(self._told) > KEPT:
            self._told.popitem(last=False)
