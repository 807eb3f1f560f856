"""Connections as psutil shows them: for systems whose kernel whence cannot ask itself."""

from __future__ import annotations

from whence.model import Events, sensor
from whence.world.polling import poll
from whence.world.psutil_sockets import PsutilSockets

CANNOT_SEE = (
    "connections shorter than 50 ms, or shorter than 7 times what a look at all sockets takes",
    "connections whose process is younger than the look",
    "UDP without a fixed peer, ICMP and raw sockets, other network namespaces",
    "processes that have ended",
)


@sensor(
    watches="connections",
    level=4,
    cannot_see=CANNOT_SEE,
    better_with="Linux: it tells of its sockets and processes by itself",
)
def psutil_poll(changes: PsutilSockets) -> Events:
    """Look at the system's connections many times a second by way of psutil."""
    yield from poll(changes, "psutil_poll", CANNOT_SEE)
