"""Numbers, spans and ends of traffic as people say them."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

from whence.model.digits import three_digits

# Of UDP: GRE, VXLAN (as the RFC and as Linux has it), Geneve. Each end calls the other here, from a
# port by what is inside, and nothing comes back the same way.
TUNNELS = (4754, 4789, 6081, 8472)
WITH_PORTS = frozenset({"tcp", "udp", "udplite", "sctp", "dccp", "mptcp"})


def number(count: float) -> str:
    """Write a number: 251, 9,998, 2.4."""
    return f"{count:,.0f}" if count >= 10 or count == int(count) else f"{count:.1f}"


def span(seconds: float) -> str:
    """Write a span of time: 0.8 s, 45 s, 5 min, 1.5 h, 3.0 d."""
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.3g} min"
    if seconds < 2 * 86400:
        return f"{seconds / 3600:.3g} h"
    return f"{three_digits(seconds / 86400)} d"


def end(address: str | None, port: int | None = None, transport: str | None = None) -> str:
    """Write one end of traffic: 192.0.2.7, 192.0.2.7 port 53/udp; ICMP and its kin have no ports.

    A protocol without a name here is written by its number: 192.0.2.7 by protocol 253.
    """
    text = address or "any"
    if transport and (port is None or (transport not in WITH_PORTS and not port)):
        return f"{text} by {protocol(transport)}"
    if transport and "icmp" in transport:  # its port is a type
        return f"{text} by {transport}"
    if port is None:
        return text
    return f"{text} port {port}/{transport}" if transport else f"{text} port {port}"


def protocol(transport: str) -> str:
    """Name a protocol above IP: gre; what is known by its number alone is protocol 253."""
    return f"protocol {transport}" if transport.isdecimal() else transport


def is_for_many(address: str | None, station: str) -> bool:
    """Say whether what a station calls is broadcast or multicast, which nobody need answer.

    Packets do not say how wide a network is: .255 is taken for a broadcast where it is private or
    beside the station, since elsewhere it may be anybody's.
    """
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    if found.is_multicast or str(found) == "255.255.255.255":
        return True
    beside = str(found).rpartition(".")[0] == station.rpartition(".")[0]
    return found.version == 4 and found.packed[-1] == 255 and (found.is_private or beside)


def percent(part: float, whole: float) -> str:
    """Write a share: 98 %; below one, <1 %."""
    share = 100 * part / whole if whole else 0
    return "<1 %" if 0 < share < 1 else f"{share:.0f} %"


def utc(moment: datetime) -> datetime:
    """Make a moment of a table, which is in UTC and does not say so, an aware one."""
    return moment.replace(tzinfo=UTC)


def listed(names: list[str], most: int = 3) -> str:
    """Write some names: a, b and c; a, b and 5 more."""
    shown = names if len(names) <= most else [*names[: most - 1], f"{len(names) - most + 1:,} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
