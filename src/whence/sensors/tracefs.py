"""TCP connections as the kernel's own tracing tells of them: no BPF, but root."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from whence.model import (
    ACCEPTED,
    ATTEMPTED,
    LISTENING,
    Confidence,
    Events,
    Flow,
    Process,
    ProcessRecord,
    SensorStatus,
    Sighting,
    sensor,
)
from whence.world.process_history import ProcessHistory
from whence.world.socket_rows import PROTOCOLS, WILDCARDS, address
from whence.world.sockets import Sockets
from whence.world.tracefs import EXECUTED, NEW_TASK, SOCKET_STATE, TraceEvent, TraceInstance

CANNOT_SEE = (
    "UDP, ICMP and raw sockets",
    "how much was sent",
    "the program, where it ended within a fraction of a millisecond",
)
HEARTBEAT = timedelta(seconds=1)
PATIENCE = timedelta(milliseconds=500)  # after which a call without an answer is told of
CALLS_KEPT = 65_536

ESTABLISHED, SYN_SENT, SYN_RECV, CLOSE, LISTEN = 1, 2, 3, 7, 10  # include/net/tcp_states.h
CLONE_THREAD = 0x10000

End = tuple[str, int]


@sensor(
    watches="connections",
    level=1,
    cannot_see=CANNOT_SEE,
    better_with="eBPF: Linux 5.10 or later with BTF, and CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN",
)
def tracefs(trace: TraceInstance, sockets: Sockets, processes: ProcessHistory) -> Events:
    """Trace each TCP connection, its process and its program, by the kernel's event tracing."""
    with closing(trace):
        processes.take_in()
        calls = Calls(processes)
        there = [seen for seen in sockets.now(Flow()) if seen.lineage]
        calls.take_in(there)
        yield calls.status(trace.lost)
        yield from (replace(seen, sensor="tracefs") for seen in there)
        told = looked = processes.live.now()
        while True:
            yield None
            for event in trace.read(PATIENCE.total_seconds()):
                yield from calls.follow(event)
            now = processes.live.now()
            if now - looked > PATIENCE:
                yield from calls.unanswered(sockets, now - PATIENCE)
                looked = now
            if now - told > HEARTBEAT:
                yield calls.status(trace.lost)
                told = now


@dataclass(slots=True)
class Call:
    """A connection that was begun and has not been told of."""

    at: datetime
    lineage: tuple[ProcessRecord, ...]
    destination: End


class Calls:
    """Makes sightings of events: the process is known when a call begins, our port only later."""

    def __init__(self, processes: ProcessHistory) -> None:
        self._processes = processes
        self._begun: dict[int, Call] = {}  # by the address of the socket in the kernel
        self._listening: dict[End, tuple[ProcessRecord, ...]] = {}
        self._there: dict[tuple[Flow, str], datetime] = {}
        self._waiting: set[tuple[int | None, int, int]] = set()  # of what was told of early
        self._unattributed = 0

    def status(self, lost: int) -> SensorStatus:
        """Say how it goes."""
        now = self._processes.live.now()
        return SensorStatus("tracefs", now, CANNOT_SEE, lost, self._unattributed)

    def take_in(self, there: Iterable[Sighting]) -> None:
        """Note which sockets were there at the beginning, and who listens."""
        for seen in there:
            self._there[seen.flow, seen.action] = seen.last
            if seen.action == LISTENING and seen.flow.transport == "tcp":
                self._listening[seen.flow.source or "", seen.flow.source_port or 0] = seen.lineage

    def follow(self, event: TraceEvent) -> Iterator[Sighting]:
        """Take in an event."""
        if event.name == SOCKET_STATE:
            yield from (seen for seen in self._state(event) if not self._was_there(seen))
        elif event.name == EXECUTED:
            file = event.raw("filename").decode("utf-8", "replace")
            self._processes.executed(event.number("pid"), self._time(event), file)
        elif event.name == NEW_TASK:
            if event.number("clone_flags") & CLONE_THREAD:
                self._processes.started_thread(event.number("pid"), event.thread)
            else:
                parent = self._processes.leader(event.thread)
                self._processes.forked(event.number("pid"), parent, event.nanoseconds)

    def unanswered(self, sockets: Sockets, before: datetime) -> Iterator[Sighting]:
        """Tell of calls that nobody has answered yet; our port is in the table of sockets."""
        waiting: defaultdict[tuple[End, Process], list[int]] = defaultdict(list)
        for key, call in self._begun.items():
            if call.at < before and call.lineage:
                waiting[call.destination, call.lineage[0].process].append(key)
        if not waiting:
            return
        ends = {end for end, _ in waiting}
        rows = [row for row in sockets.rows(1 << SYN_SENT) if (row.remote, row.remote_port) in ends]
        self._waiting &= {row.key for row in rows}
        new = [row for row in rows if row.key not in self._waiting]
        for row, seen in zip(new, sockets.sightings(new, {}), strict=True):
            end = (row.remote, row.remote_port)
            if seen.maker and (keys := waiting[end, seen.maker.process]):
                call = self._begun.pop(keys.pop(0))  # of several to one end, any is as good
                self._waiting.add(row.key)
                yield self._sighting(seen.flow, ATTEMPTED, call.at, call.lineage)

    def _was_there(self, seen: Sighting) -> bool:
        """Say whether it was told of already, because it began before the first look."""
        looked = self._there.pop((seen.flow, seen.action), None)
        return looked is not None and seen.first <= looked

    def _state(self, event: TraceEvent) -> Iterator[Sighting]:
        old, new = event.number("oldstate"), event.number("newstate")
        socket = event.number("skaddr")
        if new == SYN_SENT:
            self._begin(socket, event)
        elif old == SYN_SENT and (call := self._begun.pop(socket, None)):
            here, there = _ends(event)
            flow = Flow(*call.destination, *here, _transport(event))
            yield self._sighting(flow, ATTEMPTED, call.at, call.lineage)
        elif new == LISTEN:
            yield self._listen(event)
        elif (old, new) == (LISTEN, CLOSE):  # (LISTEN, SYN_RECV) is a caller's copy of it
            self._listening.pop(_ends(event)[0], None)
        elif (old, new) == (SYN_RECV, ESTABLISHED):
            here, there = _ends(event)
            flow = Flow(*here, *there, _transport(event))
            yield self._sighting(flow, ACCEPTED, self._time(event), self._listener(here))

    def _begin(self, socket: int, event: TraceEvent) -> None:
        lineage = self._processes.lineage(self._processes.leader(event.thread))
        self._begun[socket] = Call(self._time(event), lineage, _ends(event)[1])
        if len(self._begun) > CALLS_KEPT:
            del self._begun[next(iter(self._begun))]

    def _listen(self, event: TraceEvent) -> Sighting:
        here, _ = _ends(event)
        lineage = self._processes.lineage(self._processes.leader(event.thread))
        self._listening[here] = lineage
        flow = Flow(None, None, *here, _transport(event))
        return self._sighting(flow, LISTENING, self._time(event), lineage)

    def _listener(self, here: End) -> tuple[ProcessRecord, ...]:
        ends = (here, *((wildcard, here[1]) for wildcard in WILDCARDS))
        return next((self._listening[end] for end in ends if end in self._listening), ())

    def _sighting(
        self, flow: Flow, action: str, at: datetime, lineage: tuple[ProcessRecord, ...]
    ) -> Sighting:
        self._unattributed += not lineage
        return Sighting(
            flow,
            action,
            at,
            at,
            lineage,
            "tracefs",
            self._processes.live.host,
            network_namespace=lineage[0].network_namespace if lineage else None,
            confidence=Confidence.CERTAIN if lineage else Confidence.UNKNOWN,
        )

    def _time(self, event: TraceEvent) -> datetime:
        return self._processes.live.booted + timedelta(microseconds=event.nanoseconds // 1000)


def _ends(event: TraceEvent) -> tuple[End, End]:
    family = event.number("family")
    wide = "_v6" if family != 2 else ""
    here, there = (address(family, event.raw(end + wide)) for end in ("saddr", "daddr"))
    return (here, event.number("sport")), (there, event.number("dport"))


def _transport(event: TraceEvent) -> str:
    number = event.number("protocol")
    return PROTOCOLS.get(number, str(number))
