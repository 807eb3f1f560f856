"""What is called and never answers, network by network: the ghosts of all stations together."""

from __future__ import annotations

import ipaddress
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from whence.analysis._declare import Context
from whence.analysis._words import end, listed, number, span
from whence.analysis.ghosts import EVERYWHERE, PORT, Ghost, called_in_vain
from whence.model.facts import Confidence
from whence.model.findings import Finding
from whence.model.plural import many

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# A link is told as one network, and silent links of one site together (RFC 6177 for IPv6).
LINK = {4: 24, 6: 64}
SITE = {4: 16, 6: 48}
MOST_EVIDENCE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentNetwork(Finding):
    """Addresses of one network, or of several, that never answer on one port."""

    kind: ClassVar[str] = "silent-network"
    networks: tuple[str, ...]
    addresses: int
    sources: tuple[str, ...]  # who calls, most addresses first
    tries: int


@dataclass(frozen=True, slots=True)
class _Silence:
    """Ghosts that are told together."""

    networks: tuple[Network, ...]
    silent: bool  # nothing at all ever comes from these networks
    ghosts: tuple[Ghost, ...]

    def sources(self) -> tuple[str, ...]:
        calls = Counter(ghost.source or "" for ghost in self.ghosts)
        return tuple(source for source, _ in sorted(calls.items(), key=lambda one: (-one[1], one)))


def silent_networks(tables: DuckDBPyConnection, context: Context) -> list[Finding]:
    """Tell the ghosts of one network and port as one, whoever calls; the most tries first.

    A ghost that stays alone is told as it is. Networks are of a link (/24, /64), and larger where
    nothing comes from any address between them, up to those of a site (/16, /48).
    """
    ghosts = called_in_vain(tables, context)
    speakers = _speakers(tables)
    found: list[tuple[int, Finding]] = []
    for silence in _gathered(ghosts, speakers):
        if len(silence.ghosts) == 1:
            found.append((silence.ghosts[0].tries, silence.ghosts[0]))
        else:
            told = _told(silence)
            found.append((told.tries, told))
    return [finding for _, finding in sorted(found, key=lambda one: (-one[0], one[1].sentence))]


def _speakers(tables: DuckDBPyConnection) -> dict[int, list[int]]:
    """Give, sorted, all addresses that ever say something, by version of IP."""
    rows = tables.execute(
        """SELECT source_ip FROM counted
        UNION SELECT destination_ip FROM counted WHERE destination_packets > 0
        UNION SELECT sender_ip FROM arp WHERE sender_ip <> ''"""
    ).fetchall()
    found: dict[int, list[int]] = {4: [], 6: []}
    for (text,) in rows:
        if text:
            address = ipaddress.ip_address(text)
            found[address.version].append(int(address))
    return {version: sorted(numbers) for version, numbers in found.items()}


def _is_silent(network: Network, speakers: dict[int, list[int]]) -> bool:
    numbers = speakers[network.version]
    at = bisect_left(numbers, int(network.network_address))
    return at == len(numbers) or numbers[at] > int(network.broadcast_address)


def _gathered(ghosts: Sequence[Ghost], speakers: dict[int, list[int]]) -> Iterator[_Silence]:
    alike: defaultdict[tuple[object, ...], dict[Network, list[Ghost]]] = defaultdict(dict)
    for ghost in ghosts:
        port = ghost.destination_port, ghost.transport, ghost.silent == PORT
        alike[port].setdefault(_link(ghost), []).append(ghost)
    for links in alike.values():
        silences = [*_joined(links, speakers)]
        same: defaultdict[tuple[str, ...], list[_Silence]] = defaultdict(list)
        for silence in silences:
            same[tuple(sorted(silence.sources()))].append(silence)
        for family in same.values():
            if len(family) < EVERYWHERE:
                yield from family
                continue
            yield _Silence(
                tuple(network for one in family for network in one.networks),
                all(one.silent for one in family),
                tuple(ghost for one in family for ghost in one.ghosts),
            )


def _link(ghost: Ghost) -> Network:
    """Give the network of a link; a host that does speak stands for itself."""
    address = ipaddress.ip_address(ghost.destination or "")
    length = address.max_prefixlen if ghost.silent == PORT else LINK[address.version]
    return ipaddress.ip_network((address, length), strict=False)


def _joined(
    links: dict[Network, list[Ghost]], speakers: dict[int, list[int]]
) -> Iterator[_Silence]:
    """Join neighbours while nothing comes from the network that holds both."""
    joined: list[tuple[Network, list[Ghost]]] = []
    for link in sorted(links, key=lambda network: (network.version, network)):
        joined.append((link, links[link]))
        while len(joined) >= 2:
            (one, mine), (other, others) = joined[-2:]
            both = _both(one, other)
            if both is None or not _is_silent(both, speakers):
                break
            joined[-2:] = [(both, mine + others)]
    for network, ghosts in joined:
        yield _Silence((network,), _is_silent(network, speakers), tuple(ghosts))


def _both(one: Network, other: Network) -> Network | None:
    """Give the smallest network that holds both, if it is none larger than a site's."""
    if one.version != other.version or other.prefixlen > LINK[other.version]:
        return None
    differ = int(one.network_address) ^ int(other.network_address)
    length = min(one.prefixlen, other.prefixlen, one.max_prefixlen - differ.bit_length())
    if length < SITE[one.version]:
        return None
    return ipaddress.ip_network((one.network_address, length), strict=False)


def _told(silence: _Silence) -> SilentNetwork:
    ghosts, sources = silence.ghosts, silence.sources()
    addresses = {ghost.destination for ghost in ghosts}
    first, last = min(ghost.first for ghost in ghosts), max(ghost.last for ghost in ghosts)
    tries, flows = sum(ghost.tries for ghost in ghosts), sum(ghost.count for ghost in ghosts)
    length = (last - first).total_seconds()
    by = sources[0] if len(sources) == 1 else many(len(sources), "station")
    order = [*Confidence]
    networks = tuple(map(str, silence.networks))
    alone = addresses.pop() if len(addresses) == 1 else None
    return SilentNetwork(
        sentence=f"{_called(silence, alone)} never answered, called by {by}: "
        f"{number(tries)} tries in {many(flows, 'flow')}"
        f"{f' in {span(length)}' if length >= 1 else ''}.",
        confidence=max((ghost.confidence for ghost in ghosts), key=order.index),
        first=first,
        last=last,
        count=flows,
        source=sources[0] if len(sources) == 1 else None,
        destination=alone,
        destination_port=ghosts[0].destination_port,
        transport=ghosts[0].transport,
        evidence=tuple(dict.fromkeys(_evidence(silence, sources)))[:MOST_EVIDENCE],
        networks=networks,
        addresses=len({ghost.destination for ghost in ghosts}),
        sources=sources,
        tries=tries,
    )


def _called(silence: _Silence, alone: str | None) -> str:
    ghost = silence.ghosts[0]
    if alone:
        return end(alone, ghost.destination_port, ghost.transport)
    count = len({ghost.destination for ghost in silence.ghosts})
    networks = silence.networks
    where = (
        str(networks[0])
        if len(networks) == 1
        else f"{len(networks)} networks ({listed([*map(str, networks)])})"
    )
    return f"{count:,} addresses of {end(where, ghost.destination_port, ghost.transport)}"


def _evidence(silence: _Silence, sources: Sequence[str]) -> Iterator[str]:
    if silence.silent:
        yield f"nothing at all ever comes from {listed([*map(str, silence.networks)])}"
    if len(sources) > 1:
        calls = Counter(ghost.source or "" for ghost in silence.ghosts)
        tries: Counter[str] = Counter()
        for ghost in silence.ghosts:
            tries[ghost.source or ""] += ghost.tries
        yield "by " + listed(
            [
                f"{source} ({many(calls[source], 'address', 'addresses')}, "
                f"{many(tries[source], 'try', 'tries')})"
                for source in sources
            ],
            most=4,
        )
    for ghost in silence.ghosts[:20]:
        # The first says what is silent; of a network that is, it has been said.
        yield from ghost.evidence[1:] if silence.silent else ghost.evidence
