"""That processes execute programs, and how they end: the process events connector, as it comes."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from itertools import count

from whence.model import CannotAsk
from whence.world.netlink import (
    LARGEST,
    ProcessEvent,
    messages,
    process_connector,
    process_event,
    time_asleep,
)
from whence.world.processes import LiveProcesses

AT_ONCE = 256  # datagrams that are read before somebody else has a turn


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
