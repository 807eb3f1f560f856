"""Names and addresses, by asking the system's resolver. This is heard outside."""

from __future__ import annotations

import socket

from whence.model import CannotAsk, Reading
from whence.world.contracts import Clock

NONE = (1, 4)  # HOST_NOT_FOUND, NO_DATA of netdb.h: there is no name
MOST = 10  # names of an address that are taken


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


class ThisResolver:
    """A ``world.Resolver``: the resolver of this machine, getnameinfo(3). It is heard outside."""

    def __init__(self, observer: str, clock: Clock) -> None:
        self._observer = observer
        self._clock = clock

    def names_of(self, address: str) -> Reading:
        """Give the names of an address; a name that does not lead back is marked so."""
        try:
            first, others, _ = socket.gethostbyaddr(address)
        except OSError as e:
            if not isinstance(e, socket.herror) or e.errno not in NONE:
                what = f"the name of {address} could not be asked for"
                raise CannotAsk(what, because=e.strerror or str(e)) from e
            lines: list[str] = []
        else:
            lines = [f"{name} {_leads_back(name, address)}" for name in (first, *others)[:MOST]]
        text = "".join(f"{line}\n" for line in lines)
        return Reading(f"names of {address}", text, self._clock(), self._observer)


def _leads_back(name: str, address: str) -> str:
    """Say whether a name has the address: who runs the reverse zone can write anything there."""
    try:
        found = {str(row[4][0]).partition("%")[0] for row in socket.getaddrinfo(name, None)}
    except (OSError, UnicodeError):
        return "has no address"
    return "leads back" if address in found else "has another address"
