"""Sockets and processes by way of psutil, which knows BSD, macOS and Windows too."""

from __future__ import annotations

import os
import platform
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psutil

from whence.model import (
    ACCEPTED,
    ATTEMPTED,
    LISTENING,
    CannotAsk,
    Confidence,
    Execution,
    Flow,
    NotPermitted,
    Process,
    ProcessRecord,
    Sighting,
)
from whence.model.ecs import canonical_address
from whence.model.secrets import redact_args
from whence.world.contracts import Clock
from whence.world.processes import TICKS
from whence.world.socket_rows import WILDCARDS
from whence.world.this_host import utc_now

Connection = Any  # psutil names the type differently from version to version
End = tuple[str, int]


class PsutilSockets:
    """The connections that psutil did not show at the look before."""

    def __init__(self, now: Clock = utc_now) -> None:
        self.now = now
        self._host = platform.node()
        self._known: set[tuple[object, ...]] = set()
        # psutil names boots by their time only, which drifts: read once.
        self._booted = psutil.boot_time()

    @classmethod
    def open(cls) -> PsutilSockets:
        """Look at this machine.

        Raises
        ------
        NotPermitted
            If this user may not see connections, as on macOS.

        """
        sockets = cls()
        sockets._connections()
        return sockets

    def new(self) -> Iterator[Sighting]:
        """Look, and yield the connections that are new."""
        connections = self._connections()
        listening = {_end(one.laddr) for one in connections if _listens(one)}
        unknown = [one for one in connections if one.laddr and _identity(one) not in self._known]
        self._known = {_identity(one) for one in connections}
        owners: dict[tuple[object, ...], int | None] = {}
        if not all(one.pid for one in unknown):
            # psutil looks at the processes first and misses the youngest: it has them now.
            owners = {_identity(one): one.pid for one in self._connections()}
        for one in unknown:
            yield self._sighting(one, one.pid or owners.get(_identity(one)), listening)

    def lineage(self, pid: int) -> tuple[ProcessRecord, ...]:
        """Tell of a process and its ancestors, as far as they can be seen."""
        try:
            process = psutil.Process(pid)
            family = [process, *process.parents()]
        except psutil.Error:
            return ()
        records = []
        for member, parent in zip(family, [*family[1:], None], strict=True):
            try:
                records.append(self._record(member, parent))
            except psutil.Error:
                break
        return tuple(records)

    def _connections(self) -> list[Connection]:
        try:
            return list(psutil.net_connections(kind="inet"))
        except psutil.AccessDenied as e:
            raise NotPermitted("may not see connections", try_="run it as root") from e
        except (psutil.Error, OSError, NotImplementedError) as e:
            raise CannotAsk("psutil does not show connections here", because=str(e)) from e

    def _sighting(self, one: Connection, pid: int | None, listening: set[End]) -> Sighting:
        flow, action = _called(one, listening)
        lineage = self.lineage(pid) if pid else ()
        seen = self.now()
        sure = Confidence.CERTAIN if lineage else Confidence.UNKNOWN
        return Sighting(
            flow, action, seen, seen, lineage, "psutil_poll", self._host, confidence=sure
        )

    def _record(self, process: psutil.Process, parent: psutil.Process | None) -> ProcessRecord:
        with process.oneshot():
            args = redact_args(_or(process.cmdline, []))
            execution = Execution(
                self.now(),
                _or(process.exe, ""),
                args=args,
                args_bytes=sum(len(a.encode("utf-8", "surrogateescape")) + 1 for a in args),
                working_directory=_or(process.cwd, ""),
            )
            return ProcessRecord(
                self._identity(process),
                datetime.fromtimestamp(process.create_time(), UTC),
                process.name(),
                self._identity(parent) if parent else None,
                (execution,) if execution.executable or args else (),
                user_id=process.uids().real if os.name == "posix" else None,
            )

    def _identity(self, process: psutil.Process) -> Process:
        ticks = round((process.create_time() - self._booted) * TICKS)
        return Process(self._host, str(int(self._booted)), process.pid, ticks)


def _called(one: Connection, listening: set[End]) -> tuple[Flow, str]:
    transport = "tcp" if one.type == socket.SOCK_STREAM else "udp"
    here = _end(one.laddr)
    if not one.raddr:
        return Flow(None, None, *here, transport), LISTENING
    there = _end(one.raddr)
    if any((address, here[1]) in listening for address in (here[0], *WILDCARDS)):
        return Flow(*here, *there, transport), ACCEPTED
    return Flow(*there, *here, transport), ATTEMPTED


def _listens(one: Connection) -> bool:
    return bool(one.laddr) and not one.raddr


def _end(end: Any) -> End:
    return canonical_address(end.ip.partition("%")[0]), end.port


def _identity(one: Connection) -> tuple[object, ...]:
    return one.type, one.laddr, one.raddr


def _or(read: Any, otherwise: Any) -> Any:
    try:
        return read()
    except psutil.AccessDenied:
        return otherwise
