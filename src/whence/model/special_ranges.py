"""Addresses that are set aside by a standard: what they are for says who is at the other end.

From the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190), with multicast
(RFC 5771, RFC 4291). A range within another one goes before it.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

DATE = "2025-10-01"  # of the registries
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class SpecialRange:
    """A range, what it is for, and the standard that says so."""

    network: str
    purpose: str
    standard: str
    is_local: bool = True  # nobody outside could say whose such an address is


_RANGES = tuple(
    SpecialRange(*row)
    for row in (
        ("0.0.0.0/8", "“this network”, which nobody can be called at", "RFC 791"),
        ("10.0.0.0/8", "private use: a machine of the own site or behind a tunnel", "RFC 1918"),
        ("100.64.0.0/10", "use between a provider and its customers, CGNAT", "RFC 6598"),
        ("127.0.0.0/8", "loopback: this machine itself", "RFC 1122"),
        ("169.254.0.0/16", "link-local: a machine on the same link", "RFC 3927"),
        ("169.254.169.254/32", "link-local, where clouds tell a machine of itself", "RFC 3927"),
        ("172.16.0.0/12", "private use: a machine of the own site or behind a tunnel", "RFC 1918"),
        ("192.0.0.0/24", "protocols of the IETF", "RFC 6890"),
        ("192.0.0.0/29", "the way from IPv6 to IPv4, DS-Lite", "RFC 7335"),
        ("192.0.0.8/32", "a dummy for routers without IPv4", "RFC 7600"),
        ("192.0.0.9/32", "Port Control Protocol, anycast", "RFC 7723"),
        ("192.0.0.10/32", "TURN relays, anycast", "RFC 8155"),
        ("192.0.0.170/31", "finding out about NAT64", "RFC 7050"),
        ("192.0.2.0/24", "documentation, as TEST-NET-1", "RFC 5737", False),
        ("192.31.196.0/24", "AS112: questions for private names end there", "RFC 7535", False),
        ("192.52.193.0/24", "multicast tunnels, AMT", "RFC 7450", False),
        ("192.88.99.0/24", "6to4 relays, given up in 2015", "RFC 7526", False),
        ("192.168.0.0/16", "private use: a machine of the own site or behind a tunnel", "RFC 1918"),
        ("192.175.48.0/24", "AS112: questions for private names end there", "RFC 7534", False),
        ("198.18.0.0/15", "measuring network devices", "RFC 2544"),
        ("198.51.100.0/24", "documentation, as TEST-NET-2", "RFC 5737", False),
        ("203.0.113.0/24", "documentation, as TEST-NET-3", "RFC 5737", False),
        ("224.0.0.0/4", "multicast: a group and no machine", "RFC 5771"),
        ("224.0.0.0/24", "multicast on the same link: a group and no machine", "RFC 5771"),
        ("224.0.0.251/32", "multicast DNS: whoever is on the link", "RFC 6762"),
        ("224.0.0.252/32", "LLMNR: whoever is on the link", "RFC 4795"),
        ("232.0.0.0/8", "multicast from one source: a group and no machine", "RFC 4607"),
        ("233.252.0.0/24", "documentation of multicast, as MCAST-TEST-NET", "RFC 6676"),
        ("239.0.0.0/8", "multicast within the site: a group and no machine", "RFC 2365"),
        ("239.255.255.250/32", "SSDP of UPnP: whoever is on the link", "RFC 2365"),
        ("240.0.0.0/4", "reserved: nobody has it", "RFC 1112"),
        ("255.255.255.255/32", "broadcast: everybody on the link", "RFC 919"),
        ("::/128", "no address at all", "RFC 4291"),
        ("::1/128", "loopback: this machine itself", "RFC 4291"),
        ("::ffff:0:0/96", "an IPv4 address, written as IPv6", "RFC 4291"),
        ("64:ff9b::/96", "an IPv4 address, by way of NAT64", "RFC 6052", False),
        ("64:ff9b:1::/48", "NAT64 within the site", "RFC 8215"),
        ("100::/64", "discard: what is sent there is dropped", "RFC 6666"),
        ("2001::/23", "protocols of the IETF", "RFC 2928"),
        ("2001::/32", "Teredo: a machine behind a NAT, by way of a relay", "RFC 4380", False),
        ("2001:1::1/128", "Port Control Protocol, anycast", "RFC 7723"),
        ("2001:1::2/128", "TURN relays, anycast", "RFC 8155"),
        ("2001:2::/48", "measuring network devices", "RFC 5180"),
        ("2001:3::/32", "multicast tunnels, AMT", "RFC 7450", False),
        ("2001:4:112::/48", "AS112: questions for private names end there", "RFC 7535", False),
        ("2001:20::/28", "ORCHIDv2: the hash of a key, not a place", "RFC 7343"),
        ("2001:30::/28", "drones that identify themselves", "RFC 9374", False),
        ("2001:db8::/32", "documentation", "RFC 3849", False),
        ("2002::/16", "6to4: a machine with an IPv4 address, by way of a relay", "RFC 3056", False),
        ("2620:4f:8000::/48", "AS112: questions for private names end there", "RFC 7534", False),
        ("3fff::/20", "documentation", "RFC 9637", False),
        ("5f00::/16", "segment routing within a network", "RFC 9602"),
        ("fc00::/7", "unique local: a machine of the own site or behind a tunnel", "RFC 4193"),
        ("fe80::/10", "link-local: a machine on the same link", "RFC 4291"),
        ("fec0::/10", "site-local, given up in 2004", "RFC 3879"),
        ("ff00::/8", "multicast: a group and no machine", "RFC 4291"),
        ("ff02::/16", "multicast on the same link: a group and no machine", "RFC 4291"),
        ("ff02::fb/128", "multicast DNS: whoever is on the link", "RFC 6762"),
        ("ff02::1:3/128", "LLMNR: whoever is on the link", "RFC 4795"),
    )
)
_NARROWEST_FIRST: list[tuple[Network, SpecialRange]] = sorted(
    ((ipaddress.ip_network(one.network), one) for one in _RANGES),
    key=lambda pair: -pair[0].prefixlen,
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL = ipaddress.IPv6Network("2000::/3")  # all that is given out so far, RFC 3587
BOGON = SpecialRange("::/0", "nobody yet: a bogon", "RFC 3587")


def special_range(address: str) -> SpecialRange | None:
    """Give the narrowest range that an address is set aside in; None for one like any other."""
    asked = ipaddress.ip_address(address)
    for network, found in _NARROWEST_FIRST:
        if asked.version == network.version and asked in network:
            return found
    if isinstance(asked, ipaddress.IPv6Address) and asked not in _GLOBAL:
        return BOGON
    return None


def is_public(address: str) -> bool:
    """Say whether somebody outside could be at an address; documentation is written as if."""
    found = special_range(address)
    return found is None or not found.is_local


def inner_address(address: str) -> str | None:
    """Give the IPv4 address that an IPv6 one stands for: 6to4, Teredo's client, NAT64, mapped."""
    asked = ipaddress.ip_address(address)
    if isinstance(asked, ipaddress.IPv4Address):
        return None
    if asked in _NAT64:
        return str(ipaddress.IPv4Address(int(asked) & 0xFFFFFFFF))
    inner = asked.ipv4_mapped or asked.sixtofour or (asked.teredo and asked.teredo[1])
    return str(inner) if inner else None
