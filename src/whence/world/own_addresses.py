"""The addresses that a machine has itself."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from whence.model import CannotAsk
from whence.world.contracts import Host

ONE_OF_THEM = "give an address of this machine: ip -brief address shows them"
_LOCAL = re.compile(r"\|-- (\S+)\n\s+/32 host LOCAL")  # net/ipv4/fib_trie.c


def own_addresses(host: Host) -> frozenset[str]:
    """Give the addresses of a machine, as far as it tells."""
    return frozenset((*_own_v4(host), *_own_v6(host)))


def _own_v4(host: Host) -> Iterator[str]:
    try:
        yield from _LOCAL.findall(host.read("/proc/net/fib_trie").text)
    except CannotAsk:  # no Linux, or a recording of something else
        return


def _own_v6(host: Host) -> Iterator[str]:
    try:
        for line in host.read("/proc/net/if_inet6").lines():
            digits = line.partition(" ")[0]
            if re.fullmatch("[0-9a-f]{32}", digits):
                yield str(ipaddress.IPv6Address(int(digits, 16)))
    except CannotAsk:
        return
