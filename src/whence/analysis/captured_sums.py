"""Sums of captures whose flows were added up while they were read, and are in no table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from whence.analysis._roles import BEHIND, CLIENTS, roles
from whence.analysis._sums import Peer, Place, Talker, Totals
from whence.analysis._words import listed
from whence.analysis.naming import best_names

if TYPE_CHECKING:
    from whence._native import Sums
    from whence.model.refusals import Refusal

GROUPS = ("station", "pair", "port", "protocol")  # a ranking of MAC addresses takes a table

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CapturedSums:
    """Sums over flows of which none was seen at two places."""

    def __init__(self, sums: Sums, refused: Callable[[], Sequence[Refusal]] = tuple) -> None:
        self._sums = sums
        self._refused = refused

    def totals(self) -> Totals | None:
        """Add up all traffic outside of tunnels."""
        found = self._sums.totals()
        if found is None:
            return None
        flows, packets, size, first, last = found
        return Totals(flows, packets, size, _moment(first), _moment(last), 0)

    def places(self) -> tuple[Place, ...]:
        """Say where it was seen."""
        return tuple(Place(*row, 0) for row in self._sums.places())

    def ranked(self, by: str, measure: str, most: int) -> Sequence[Talker]:
        """Give those that have most, by amount and then by name."""
        rows = self._sums.ranked(by, measure, most)
        return [Talker(*row[:8], source=row[8], destination=row[9]) for row in rows]

    def amounts(self, measure: str) -> Sequence[int]:
        """Give what each station sent that sent something."""
        return self._sums.amounts(measure)

    def inside_amounts(self, measure: str) -> Sequence[int]:
        """Give the same of those inside."""
        return self._sums.inside_amounts(measure)

    def roles(self, stations: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Give the roles of those of these stations that have one."""
        return roles(self._sums.gateways(BEHIND), self._sums.servers(stations, CLIENTS))

    def main_peer(self, station: str, measure: str) -> Peer | None:
        """Say where most goes that a station sends."""
        found = self._sums.main_peer(station, measure)
        if found is None:
            return None
        peer = Peer(*found)
        said = [
            f"{one.sender_ip} says {one.words}"
            for one in self._refused()
            if is_about(one, station, peer)
        ]
        return replace(peer, refused=listed([*dict.fromkeys(said)]) if said else "")

    def names(self, addresses: Sequence[str]) -> dict[str, str]:
        """Give the best name of those of these addresses that have one."""
        told = Counter(self._sums.names(addresses))
        return best_names((*row, count) for row, count in told.items())


def is_about(refusal: Refusal, station: str, peer: Peer) -> bool:
    """Say whether a packet was refused that a station sent to a peer, also behind NAT."""
    about_port = refusal.destination_port in (None, peer.port) or "icmp" in peer.transport
    return (
        station in (refusal.source_ip, refusal.receiver_ip)
        and (refusal.destination_ip, refusal.transport) == (peer.address, peer.transport)
        and about_port
    )


def _moment(nanoseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)
