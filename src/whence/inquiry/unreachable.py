"""Which addresses this machine cannot reach, by its own routes and neighbours. Sends nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from whence.model import CannotAsk
from whence.world.contracts import Host

# What `ip route get` says of the error that sending would give, and what it means: ip-route(8).
NO_WAY = {
    "Network is unreachable": "no route",
    "No route to host": "a route that says “unreachable”",
    "Permission denied": "a route that prohibits it",
    "Invalid argument": "a blackhole route",
}
SILENT = {"FAILED", "INCOMPLETE"}  # asked, and nobody has answered: ip-neighbour(8)


def unreachable(addresses: Iterable[str], host: Host) -> dict[str, str]:
    """Say of each address that cannot be reached what is in the way.

    “no route”, or that no neighbour answers for it or for the router towards it. A neighbour
    that was not asked lately is not known to be silent.

    Raises
    ------
    CannotAsk
        If routes or neighbours cannot be read.

    """
    silent = set(_silent_neighbours(host))
    found = {address: _in_the_way(address, host, silent) for address in addresses}
    return {address: reason for address, reason in found.items() if reason}


def _silent_neighbours(host: Host) -> Iterator[str]:
    for neighbour in json.loads(host.run("ip", "-json", "neigh").text or "[]"):
        if SILENT.intersection(neighbour.get("state", ())):
            yield neighbour["dst"]


def _in_the_way(address: str, host: Host, silent: set[str]) -> str:
    try:
        [route] = json.loads(host.run("ip", "-json", "route", "get", address).text)
    except CannotAsk as refused:
        for words, meaning in NO_WAY.items():
            if words in refused.because:
                return meaning
        raise
    answer = "neighbour discovery answer" if ":" in address else "ARP answer"
    if address in silent:
        return f"no {answer}"
    router = route.get("gateway")
    return f"no {answer} of the router {router}" if router in silent else ""
