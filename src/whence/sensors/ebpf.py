"""The connection sensor that sees everything: eBPF programs in the kernel."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from whence.model import CannotAsk, Events, SensorStatus, Sighting, sensor
from whence.sensors.connection_flows import Flows, Summary
from whence.sensors.connection_lineages import Lineages
from whence.sensors.connection_records import (
    ACTIONS,
    CONNECTION,
    EXECUTION,
    PROCESS,
    RawConnection,
    read_connection,
    record_type,
    split,
)
from whence.world.bpf import Bpf, Kernel, packaged
from whence.world.processes import LiveProcesses

NAME = "ebpf"
OBJECT = packaged("whence.sensors", "connections.bpf.o")  # before rights are given up
# What is refused before it leaves: told by a tracepoint since Linux 6.3, else at each send.
INSTEAD = {"sock_send_length": ("cgroup/sendmsg4", "cgroup/sendmsg6")}
LOOK = 1.0  # seconds between two looks at the counters
GATHER = 0.1  # seconds in which more events come together, so that each costs less
HEARTBEAT = 1.0  # seconds after which a status is due even if nothing changed
CANNOT_SEE = ("packets that a program puts on the wire itself, through AF_PACKET or XDP",)

# What a flood makes too dear: without it, a flood of sendto(2) keeps 93 % of its speed, else 90 %.
DISPENSABLE = "tp_btf/sock_send_length"
FLOOD = 10_000  # datagrams a second that the kernel side counted many at a time
NUMBERED_APART = (
    "what began before it, outside of this container, and long command lines: /proc here numbers "
    "processes otherwise than the kernel, whose numbers are told (run it with --pid=host)"
)
NOT_IN_A_FLOOD = "sends that the kernel refuses, as long as a flood of datagrams goes on"
TOGETHER = 64  # MOST_WAITING

(
    _EVENTS,
    _DROPPED,
    _MERGED,
    _PROCESSES_DROPPED,
    _EXECUTIONS_DROPPED,
    _FULL,
    _OWNERS,
    _FLOODED,
) = range(8)


@sensor(
    watches="connections",
    level=0,
    cannot_see=CANNOT_SEE,
    better_with=(
        "Linux 5.12 or newer with BTF, cgroup2 and libbpf, and the capabilities CAP_BPF, "
        "CAP_PERFMON and CAP_NET_ADMIN"
    ),
)
def ebpf(kernel: Kernel, processes: LiveProcesses) -> Events:
    """Sees every connection, and the process that makes it, from inside the kernel."""
    if not OBJECT:
        raise CannotAsk("the eBPF programs are not there", try_="make bpf, or reinstall whence")
    bpf = kernel.load(OBJECT, INSTEAD)
    try:
        yield from Connections(bpf, kernel, processes).watch()
    finally:
        bpf.close()


class Connections:
    """Turns what the kernel side tells and counts into sightings."""

    def __init__(self, bpf: Bpf, kernel: Kernel, processes: LiveProcesses) -> None:
        self._bpf = bpf
        self._kernel = kernel
        self._processes = processes
        self._events = bpf.ring("events")
        self._counters = bpf.map("counters")
        self._lineages = Lineages(bpf.map("procs"), bpf.map("execs"), processes)
        self._flows = Flows(bpf.map("flows"))
        self._unattributed = 0
        self._flooded = 0
        self._in_flood = False
        self._set_clocks()

    def watch(self) -> Events:
        """Attach, tell what is there, then what happens."""
        self._bpf.attach()
        existing = self._snapshot()
        status = self._status()
        yield status
        yield from self._sightings(existing)
        looked = told = time.monotonic()
        while True:
            yield None
            records = self._events.poll(LOOK)
            yield from self._sightings(records)
            if records:
                yield None
                time.sleep(GATHER)
            now = time.monotonic()
            if now - looked < LOOK:
                continue
            self._yield_to_floods(now - looked)
            looked = now
            self._set_clocks()
            yield from self._summaries()
            before, status = status, self._status()
            if now - told >= HEARTBEAT or _news(before) != _news(status):
                told = now
                yield status

    def _snapshot(self) -> list[bytes]:
        """Take in the processes that are there, and give the sockets that are."""
        self._lineages.learn_snapshot(split(self._bpf.iterate("each_process")))
        self._bpf.iterate("each_listener")
        return split(self._bpf.iterate("each_socket"))

    def _learn(self, record: bytes) -> None:
        if record_type(record) == EXECUTION:
            self._lineages.learn_execution(record)
        elif record_type(record) == PROCESS:
            self._lineages.learn_process(record)

    def _sightings(self, records: list[bytes]) -> Iterator[Sighting]:
        for record in records:
            if record_type(record) == CONNECTION:
                yield self._sighting(read_connection(record))
            else:
                self._learn(record)

    def _sighting(self, event: RawConnection) -> Sighting:
        at = self._boot + timedelta(microseconds=event.at // 1000)
        lineage = self._lineages.of(*event.key.maker)
        self._unattributed += not lineage
        return Sighting(
            flow=event.key.flow(event.local, event.local_port, event.peer_port),
            action=ACTIONS[event.key.direction],
            first=at,
            last=at,
            lineage=lineage,
            sensor=NAME,
            observer=self._processes.host,
            network_namespace=event.key.network_namespace or None,
            interface=self._kernel.interface(event.interface, event.key.network_namespace),
            cookie=event.cookie,
        )

    def _summaries(self) -> Iterator[Sighting]:
        for summary in self._flows.changes(time.clock_gettime_ns(time.CLOCK_MONOTONIC)):
            yield self._summed_up(summary)

    def _summed_up(self, new: Summary) -> Sighting:
        local = new.flow.local if new.only_socket else None
        port = new.flow.local_port if new.only_socket else None
        lineage = self._lineages.of(*new.key.maker)
        self._unattributed += 0 if lineage else new.untold
        return Sighting(
            flow=new.key.flow(local, port, peer_port=None),
            action=ACTIONS[new.key.direction],
            first=self._start + timedelta(microseconds=new.since // 1000),
            last=self._start + timedelta(microseconds=new.flow.last // 1000),
            lineage=lineage,
            sensor=NAME,
            observer=self._processes.host,
            count=new.untold,
            bytes_sent=new.bytes_sent,
            packets_sent=new.packets_sent,
            bytes_received=new.bytes_received,
            packets_received=new.packets_received,
            network_namespace=new.key.network_namespace or None,
            interface=self._kernel.interface(new.flow.interface, new.key.network_namespace),
            cookie=new.flow.cookie if new.only_socket else 0,
        )

    def _yield_to_floods(self, seconds: float) -> None:
        before, self._flooded = self._flooded, self._counters.sum(_FLOODED)
        flood = (self._flooded - before) * TOGETHER > FLOOD * seconds
        if flood:
            self._bpf.detach(DISPENSABLE)
        elif self._in_flood:
            self._bpf.attach()
        self._in_flood = flood

    def _status(self) -> SensorStatus:
        count = self._counters.sum
        dropped = count(_PROCESSES_DROPPED) + count(_EXECUTIONS_DROPPED)
        details = (
            (count(_MERGED), "connections only counted: the ring was full"),
            (dropped, "descriptions of processes looked up later: the ring was full"),
            (count(_FULL), "connections without counters: too many flows"),
        )
        return SensorStatus(
            NAME,
            self._processes.now(),
            self._cannot_see(),
            lost=count(_DROPPED) + count(_OWNERS),
            unattributed=self._unattributed,
            detail=", ".join(f"{number} {what}" for number, what in details if number),
        )

    def _cannot_see(self) -> tuple[str, ...]:
        apart = () if self._processes.numbered_as_kernel else (NUMBERED_APART,)
        return (*CANNOT_SEE, *apart, *((NOT_IN_A_FLOOD,) if self._in_flood else ()))

    def _set_clocks(self) -> None:
        """Note when the kernel's clocks began; the wall clock may have been set meanwhile."""
        now = self._processes.now()
        self._boot: datetime = now - timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))
        self._start: datetime = now - timedelta(seconds=time.clock_gettime(time.CLOCK_MONOTONIC))


def _news(status: SensorStatus) -> tuple[int, int, str, tuple[str, ...]]:
    return status.lost, status.unattributed, status.detail, status.cannot_see
