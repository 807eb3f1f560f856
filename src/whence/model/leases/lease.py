"""One lease, as far as its file tells."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime

from whence.model.evidence import Evidence

NEVER = "never"
ENDED = frozenset({"free", "expired", "released", "abandoned", "backup", "declined"})


@dataclass(frozen=True, slots=True)
class Lease:
    """An address that was given to a machine; what is empty is not told."""

    ip: str
    mac: str
    name: str
    state: str  # in the server's own word, lower case
    ends: datetime | None  # aware; None: never, or not told
    evidence: tuple[Evidence, ...]
    vendor: str = ""  # the DHCP vendor class that the client sent (option 60)

    def holds(self, at: datetime) -> bool:
        """Say whether it is in force at a moment, as far as the file tells."""
        return self.state not in ENDED and (self.ends is None or self.ends > at)


def canonical_ip(text: str) -> str | None:
    """Write an address in its canonical form; None where it is none."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None


def moment(seconds: object) -> datetime | None:
    """Read seconds since 1970; None where they are none, or 0, which servers write for never."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | str):
        return None
    try:
        number = float(seconds)
        return datetime.fromtimestamp(number, UTC) if number > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def mac_of_duid(duid: bytes) -> str | None:
    """Give the MAC address that a client's DHCPv6 id was made of: DUID-LLT and -LL, RFC 8415 11."""
    kind, hardware = duid[:2], duid[2:4]
    size = {b"\0\1": 14, b"\0\3": 10}.get(kind)
    if hardware != b"\0\1" or len(duid) != size:
        return None
    return duid[-6:].hex(":")
