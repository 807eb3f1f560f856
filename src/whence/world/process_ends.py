"""That processes execute programs, and how they end: as the kernel tells of all, or of each."""

from __future__ import annotations

import errno
import os
import select
import socket
import time
from collections.abc import Iterator
from itertools import count

from whence.model import CannotAsk
from whence.world.netlink import (
    EXEC,
    EXIT,
    LARGEST,
    ProcessEvent,
    messages,
    process_connector,
    process_event,
    time_asleep,
)
from whence.world.processes import LiveProcesses

BOOTTIME = time.CLOCK_BOOTTIME
FOLLOWED = 4096  # processes; each takes a descriptor
AT_ONCE = 4096  # datagrams that are read before something else has a turn


class ProcessEnds:
    """What the kernel tells of all processes; nothing is read of them."""

    def __init__(self, connection: socket.socket) -> None:
        self.lost = 0  # times that the kernel ran out of room for events
        self._connection = connection
        connection.setblocking(False)

    @classmethod
    def open(cls, live: LiveProcesses) -> ProcessEnds:
        """Begin to listen.

        Raises
        ------
        CannotAsk
            If the kernel does not tell of processes here: it does so in its first namespaces only.

        """
        what = "the exit status of a run cannot be told"
        if not live.numbered_as_kernel:
            raise CannotAsk(what, because="this is a container", try_="run it with --pid=host")
        try:
            return cls(process_connector())
        except OSError as e:
            raise CannotAsk(what, because=f"{e.strerror or e} (process connector)") from e

    def fileno(self) -> int:
        """Give the descriptor to wait on."""
        return self._connection.fileno()

    def follow(self, pid: int) -> None:
        """Nothing is to be done: all are told of."""

    def read(self) -> Iterator[ProcessEvent]:
        """Yield what has come, or the first of it."""
        asleep = time_asleep()
        for number in count():
            try:
                data = self._connection.recv(LARGEST)
            except BlockingIOError:
                return
            except OSError as e:
                if e.errno != errno.ENOBUFS:
                    raise
                self.lost += 1
                continue
            for _, payload in messages(data):
                yield from process_event(payload, asleep)
            if number >= AT_ONCE:
                return

    def close(self) -> None:
        """Stop listening."""
        self._connection.close()


class FollowedEnds:
    """When the processes end that we follow: pidfd_open(2), which works in containers, too.

    Nobody tells that they execute a program, nor with which status they end; the moment at which
    one begins to follow is taken for that of the execution.
    """

    def __init__(self) -> None:
        self.lost = 0  # processes that could not be followed
        self._poll = select.epoll()
        self._pids: dict[int, int] = {}  # by the descriptor of each
        self._begun: list[ProcessEvent] = []

    def fileno(self) -> int:
        """Give the descriptor to wait on."""
        return self._poll.fileno()

    def follow(self, pid: int) -> None:
        """Tell when this process ends."""
        try:
            if len(self._pids) >= FOLLOWED:
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            file = os.pidfd_open(pid)
        except OSError:
            self.lost += 1
            return
        self._pids[file] = pid
        self._poll.register(file, select.EPOLLIN)
        self._begun.append(ProcessEvent(EXEC, time.clock_gettime_ns(BOOTTIME), pid))

    def read(self) -> Iterator[ProcessEvent]:
        """Yield what has happened."""
        yield from self._begun
        self._begun.clear()
        for file, _ in self._poll.poll(0):
            yield ProcessEvent(
                EXIT, time.clock_gettime_ns(BOOTTIME), self._pids.pop(file), status=None
            )
            os.close(file)

    def close(self) -> None:
        """Follow nobody any more."""
        for file in self._pids:
            os.close(file)
        self._poll.close()
