"""Connections as the socket tables show them, looked at again and again."""

from __future__ import annotations

from whence.model import Events, sensor
from whence.world.polling import SocketChanges, poll

CANNOT_SEE = (
    "the process of a connection shorter than 50 ms, or than 7 times what a look at all sockets "
    "takes; of such UDP nothing at all",
    "to whom a UDP socket without a fixed peer sends",
    "processes that have ended",
)


@sensor(
    watches="connections",
    level=3,
    cannot_see=CANNOT_SEE,
    better_with="process events: a kernel with CONFIG_PROC_EVENTS, and the first network namespace",
)
def sock_diag(changes: SocketChanges) -> Events:
    """Look at the kernel's socket tables many times a second."""
    cannot_see = (*CANNOT_SEE, *changes.sockets.processes.unseen)
    yield from poll(changes, "sock_diag", cannot_see)
