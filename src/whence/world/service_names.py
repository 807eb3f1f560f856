"""Names of ports, as this machine knows them: services(5)."""

from __future__ import annotations

import socket
from functools import lru_cache


@lru_cache(maxsize=4096)
def port_of(name: str, transport: str) -> int | None:
    """Give the port that a service is at; None where the name is not known here."""
    try:
        return socket.getservbyname(name, transport if transport in ("tcp", "udp") else "tcp")
    except (OSError, ValueError, UnicodeError):
        return None
