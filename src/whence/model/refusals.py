"""What ICMP errors say, and about which packet: they quote it (RFC 792, RFC 4443)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

# RFC 792 with RFC 1122, RFC 1191 and RFC 1812 (ICMP), RFC 4443 and RFC 6554 (ICMPv6): type, code.
_SAID = {
    ("icmp", 3, 0): "network unreachable",
    ("icmp", 3, 1): "host unreachable",
    ("icmp", 3, 2): "protocol unreachable",
    ("icmp", 3, 3): "port unreachable",
    ("icmp", 3, 4): "too large for the way",
    ("icmp", 3, 5): "source route failed",
    ("icmp", 3, 6): "network unknown",
    ("icmp", 3, 7): "host unknown",
    ("icmp", 3, 9): "network prohibited",
    ("icmp", 3, 10): "host prohibited",
    ("icmp", 3, 13): "prohibited by a filter",
    ("icmp", 11, 0): "TTL ran out on the way",
    ("icmp", 11, 1): "a fragment did not arrive",
    ("ipv6-icmp", 1, 0): "no route",
    ("ipv6-icmp", 1, 1): "prohibited by a filter",
    ("ipv6-icmp", 1, 2): "beyond the scope of the source address",
    ("ipv6-icmp", 1, 3): "address unreachable",
    ("ipv6-icmp", 1, 4): "port unreachable",
    ("ipv6-icmp", 1, 5): "source address prohibited",
    ("ipv6-icmp", 1, 6): "route rejected",
    ("ipv6-icmp", 2, 0): "too large for the way",
    ("ipv6-icmp", 3, 0): "hop limit ran out on the way",
    ("ipv6-icmp", 3, 1): "a fragment did not arrive",
}
_SAID_BY_TYPE = {("icmp", 3): "unreachable", ("ipv6-icmp", 1): "unreachable"}

# What only the destination itself says (RFC 1122 3.2.2.1).
BY_THE_HOST = ("port unreachable", "protocol unreachable")


def said(icmp: str, type_: int, code: int, fits: int = 0) -> str:
    """Put an error into words; ``fits`` is how many bytes the way takes, if that is told."""
    words = _SAID.get((icmp, type_, code)) or _SAID_BY_TYPE.get((icmp, type_))
    words = words or "header not understood"  # parameter problems
    return f"{words}, which takes {fits} bytes" if fits else words


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Errors that say the same about packets of the same flow; names are those of the table."""

    first: datetime
    last: datetime
    count: int
    file: str
    packet: int  # number of the first, from 1
    interface: str
    vlan: str
    sender_ip: str  # who says it
    receiver_ip: str  # who is told: mostly the source of the packet
    icmp: str  # icmp, ipv6-icmp
    type: int
    code: int
    fits: int  # bytes, 0: not told
    transport: str  # of the packet that was refused, as all below
    source_ip: str
    source_port: int | None  # as in the table of flows; None: not quoted
    destination_ip: str
    destination_port: int | None

    @property
    def words(self) -> str:
        """What was said."""
        return said(self.icmp, self.type, self.code, self.fits)
