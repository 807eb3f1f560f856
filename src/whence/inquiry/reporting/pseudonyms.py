"""Other names for what is not to be told: the same for the same, throughout a report. Pure.

Addresses get others of ranges that nobody has: 198.18.0.0/16 (RFC 2544) for own ones and
198.19.0.0/16 for others, a /24 for a /24; 2001:db8::/32 (RFC 3849) and 3fff::/20 (RFC 9637), a
/64 for a /64. So who shares a network still does, and each format still takes them.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Callable, Collection
from itertools import count

from whence.inquiry.reporting.address_forms import Address


class Pseudonyms:
    """Gives names in the order in which they are asked for; never one that is an original."""

    def __init__(self, originals: Collection[object]) -> None:
        self._originals = {str(one).lower() for one in originals}
        self._given: dict[tuple[str, str], str] = {}
        self._numbers: defaultdict[str, count[int]] = defaultdict(lambda: count(1))
        self._networks: dict[tuple[int, bool, int], int] = {}
        self._hosts: defaultdict[tuple[int, bool, int], count[int]] = defaultdict(lambda: count(1))
        self._sizes: defaultdict[tuple[int, bool], int] = defaultdict(int)

    def name(self, kind: str, name: str, ending: str = "") -> str:
        """Give “user-1”, “user-2” and so on."""
        key = (kind, name.lower())
        if key not in self._given:
            draw = (f"{kind}-{number}{ending}" for number in self._numbers[kind])
            self._given[key] = self._fresh(lambda: next(draw))
        return self._given[key]

    def address(self, address: Address, *, own: bool) -> Address:
        """Give another address, in another network of the same size."""
        key = ("address", str(address))
        if key not in self._given:
            self._given[key] = self._fresh(lambda: str(self._next(address, own)))
        return ipaddress.ip_address(self._given[key])

    def mac(self, mac: str) -> str:
        """Give another MAC address: those of RFC 9542, then locally administered ones."""
        key = ("mac", mac)
        if key not in self._given:
            self._given[key] = self._fresh(self._next_mac)
        return self._given[key]

    def _fresh(self, draw: Callable[[], str]) -> str:
        drawn = draw()
        while drawn.lower() in self._originals:
            drawn = draw()
        return drawn

    def _next(self, address: Address, own: bool) -> Address:
        bits = 8 if address.version == 4 else 64
        network = (address.version, own, int(address) >> bits)
        if network not in self._networks:
            self._networks[network] = self._sizes[address.version, own]
            self._sizes[address.version, own] += 1
        number, host = self._networks[network], next(self._hosts[network])
        if address.version == 4:
            if number > 255 or host > 255:  # more than fit: a range that is reserved, RFC 1112
                base = int(ipaddress.IPv4Address("240.0.0.0")) + (0 if own else 1 << 27)
                return ipaddress.IPv4Address(base + (number << 9) + host)
            return ipaddress.IPv4Address(f"198.{18 if own else 19}.{number}.{host}")
        base = int(ipaddress.IPv6Address("2001:db8::" if own else "3fff::"))
        return ipaddress.IPv6Address(base + ((number + 1) << 64) + host)

    def _next_mac(self) -> str:
        number = next(self._numbers["mac"])
        if number < 256:
            return f"00:00:5e:00:53:{number:02x}"
        high, low = divmod(number, 1 << 16)
        return f"02:5e:53:{high & 255:02x}:{low >> 8:02x}:{low & 255:02x}"
