"""The sockets that exist now, and who holds them."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from pathlib import Path

from whence.model import (
    CannotAsk,
    Confidence,
    Flow,
    NotPermitted,
    Process,
    ProcessRecord,
    Sighting,
)
from whence.world.namespaces import NetworkNamespace, network_namespaces
from whence.world.netlink import ANY_STATE, LISTENS, dump_sockets
from whence.world.processes import LiveProcesses
from whence.world.socket_rows import Listeners, SocketRow, from_proc_net, listeners

Lineage = tuple[ProcessRecord, ...]

TEXT_TABLES = (("tcp", "tcp"), ("tcp6", "tcp"), ("udp", "udp"), ("udp6", "udp"))
OTHER_TABLES = (("raw", "raw"), ("raw6", "raw"), ("icmp", "icmp"), ("icmp6", "ipv6-icmp"))
FRESH = 1.0  # seconds for which the list of namespaces is good
SOCKET = "socket:["


class Sockets:
    """Every internet socket in every network namespace that this user can reach."""

    def __init__(self, processes: LiveProcesses | None = None, sensor: str = "sock_diag") -> None:
        self.processes = processes or LiveProcesses()
        self._sensor = sensor
        self._namespaces: list[NetworkNamespace] = []
        self._listed = float("-inf")

    @classmethod
    def open(cls) -> Sockets:
        """Look at this machine.

        Raises
        ------
        CannotAsk
            If neither sock_diag nor /proc/net shows any table.

        """
        sockets = cls(LiveProcesses.open())
        sockets.rows()
        return sockets

    def now(self, flow: Flow, states: int = ANY_STATE) -> Iterator[Sighting]:
        """Yield a sighting of each socket that the flow covers, in one of these states."""
        rows = self.rows(states | LISTENS)
        listening = listeners(rows)
        yield from self.sightings(
            (row for row in rows if flow.covers(row.called(listening)[0])), listening
        )

    def rows(self, states: int = ANY_STATE) -> list[SocketRow]:
        """Read all socket tables; ``states`` has a bit for each that is wanted.

        Raises
        ------
        CannotAsk
            If neither sock_diag nor /proc/net shows any table.

        """
        found: list[SocketRow] = []
        refused: CannotAsk | None = None
        for space in self.namespaces():
            try:
                found += _rows(space, states)
            except CannotAsk as reason:
                refused = refused or reason
                if space.own:
                    raise
                if not isinstance(reason, NotPermitted):
                    self._listed = float("-inf")  # perhaps another process leads there
        return found

    def sightings(self, rows: Iterable[SocketRow], listening: Listeners) -> Iterator[Sighting]:
        """Find who holds these sockets, now that the table has been read.

        Readers that look for the holders first do not know those of the youngest sockets.
        """
        rows = list(rows)
        inodes = {row.holder(listening) for row in rows} - {0}
        holders = self.holders(inodes)
        if missing := inodes - holders.keys():
            holders |= self.holders(missing)
        known: dict[Process, ProcessRecord] = {}
        for row in rows:
            lineages = list(self._lineages(holders.get(row.holder(listening), ()), known))
            yield self._sighting(row, listening, lineages)

    def holders(self, inodes: Set[int]) -> dict[int, list[int]]:
        """Find the processes that hold these sockets open, one or several each."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        if not inodes:
            return {}
        for pid in self.processes.pids():
            for inode in inodes & set(held_sockets(f"{self.processes.proc}/{pid}/fd")):
                found[inode].append(pid)
        return dict(found)

    def namespaces(self) -> list[NetworkNamespace]:
        """List the network namespaces; the list is up to a second old."""
        if time.monotonic() - self._listed > FRESH:
            self._namespaces = network_namespaces(self.processes.proc, known=self._namespaces)
            self._listed = time.monotonic()
        return self._namespaces

    def _lineages(
        self, pids: Iterable[int], known: dict[Process, ProcessRecord]
    ) -> Iterator[Lineage]:
        for pid in pids:
            with contextlib.suppress(CannotAsk):
                yield self.processes.lineage(pid, known)

    def _sighting(self, row: SocketRow, listening: Listeners, lineages: list[Lineage]) -> Sighting:
        flow, action = row.called(listening)
        seen = self.processes.now()
        # Children inherit sockets: of several holders the oldest is the one who made it.
        oldest = min(lineages, key=lambda line: line[0].process.started, default=())
        sure = (Confidence.UNKNOWN, Confidence.CERTAIN, Confidence.LIKELY)[min(len(lineages), 2)]
        return Sighting(
            flow=flow,
            action=action,
            first=seen,
            last=seen,
            lineage=oldest,
            sensor=self._sensor,
            observer=self.processes.host,
            network_namespace=row.namespace,
            interface=_interface(row.interface) if self._is_own(row.namespace) else "",
            cookie=row.cookie,
            confidence=sure,
        )

    def _is_own(self, namespace: int | None) -> bool:
        return any(space.own and space.inode == namespace for space in self._namespaces)


def held_sockets(directory: str) -> Iterator[int]:
    """Yield the inode number of each socket among the open files of a process."""
    try:
        opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:  # gone, or somebody else's
        return
    try:
        for name in os.listdir(opened):  # noqa: PTH208 - by descriptor: the process may vanish
            with contextlib.suppress(OSError):
                target = os.readlink(name, dir_fd=opened)
                if target.startswith(SOCKET):
                    yield int(target[len(SOCKET) : -1])
    except OSError:
        return
    finally:
        os.close(opened)


def _rows(space: NetworkNamespace, states: int) -> Iterator[SocketRow]:
    tables: Iterable[tuple[str, str]] = OTHER_TABLES
    try:
        yield from dump_sockets(space, states)
    except CannotAsk:
        if not Path(f"{space.tables}/tcp").exists():
            raise
        tables = (*TEXT_TABLES, *OTHER_TABLES)
    for name, transport in tables:
        with contextlib.suppress(CannotAsk):  # a kernel may be without IPv6, or without ICMP
            for row in read_table(f"{space.tables}/{name}", transport, space.inode):
                if states >> row.state & 1:
                    yield row


def read_table(path: str, transport: str, namespace: int | None) -> Iterator[SocketRow]:
    """Read a table of /proc/net, proc_net(5); lines that make no sense are passed over.

    Raises
    ------
    CannotAsk
        If it cannot be read.

    """
    try:
        lines = Path(path).read_text("ascii", "replace").splitlines()[1:]
    except OSError as e:
        raise CannotAsk(f"could not read {path}", because=e.strerror or str(e)) from e
    for line in lines:
        with contextlib.suppress(ValueError, IndexError):
            yield from_proc_net(line, transport, namespace)


def _interface(index: int) -> str:
    try:
        return socket.if_indextoname(index) if index else ""
    except OSError:
        return ""
