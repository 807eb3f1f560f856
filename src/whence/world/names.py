"""Names and addresses, by asking the system's resolver. This is heard outside."""

from __future__ import annotations

import socket

from whence.model import CannotAsk


def resolve(name: str) -> str:
    """Give the first address of a name, as getaddrinfo(3) orders them.

    Raises
    ------
    CannotAsk
        If there is none, or no server answered.

    """
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as e:
        raise CannotAsk(f"{name} could not be resolved", because=str(e)) from e
    return str(found[0][4][0])
