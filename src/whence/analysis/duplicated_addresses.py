"""One IP address, two machines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from whence.analysis._declare import Context, analysis
from whence.analysis._shared_macs import is_shared
from whence.analysis._words import listed, utc
from whence.model.facts import Confidence
from whence.model.findings import Finding
from whence.model.plural import many

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PROXY = 8  # addresses that one MAC answers for: a router that does so by proxy ARP (RFC 1027)


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatedAddress(Finding):
    """Two MAC addresses claim one IP address at the same time."""

    kind: ClassVar[str] = "duplicated-address"
    macs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Claim:
    mac: str
    first: datetime
    last: datetime
    count: int


@analysis
def duplicated_addresses(
    tables: DuckDBPyConnection, context: Context
) -> Iterator[DuplicatedAddress]:
    """Which IP address do two machines claim at the same time?

    Judged by who says in ARP that an address is theirs. Addresses that move from one MAC to
    another and stay there (a new card, a lease given anew) are none, nor are the virtual MACs of
    VRRP, CARP, HSRP, GLBP and clusters.
    """
    claims: defaultdict[str, list[_Claim]] = defaultdict(list)
    for ip, mac, first, last, count in tables.execute(
        """SELECT sender_ip, sender_mac, min("first"), max("last"), sum("count")::BIGINT FROM arp
        WHERE sender_ip <> '0.0.0.0' GROUP BY ALL ORDER BY 1, 3, 2"""
    ).fetchall():
        if not is_shared(mac):
            claims[ip].append(_Claim(mac, utc(first), utc(last), count))
    addresses: defaultdict[str, int] = defaultdict(int)
    for claimed in claims.values():
        for claim in claimed:
            addresses[claim.mac] += 1
    for ip, claimed in claims.items():
        together = [claim for claim in claimed if _has_rival(claim, claimed)]
        if together:
            yield _duplicate(ip, together, addresses)


def _has_rival(claim: _Claim, claims: list[_Claim]) -> bool:
    return any(
        other.mac != claim.mac and other.first <= claim.last and claim.first <= other.last
        for other in claims
    )


def _duplicate(ip: str, claims: list[_Claim], addresses: dict[str, int]) -> DuplicatedAddress:
    proxies = [claim.mac for claim in claims if addresses[claim.mac] >= PROXY]
    evidence = [
        f"{claim.mac} said so {many(claim.count, 'time')}, "
        f"{claim.first:%H:%M:%S} to {claim.last:%H:%M:%S} UTC"
        for claim in claims
    ]
    evidence += [
        f"{mac} claims {addresses[mac]} addresses: it may be a router that answers for others"
        for mac in proxies
    ]
    macs = [claim.mac for claim in claims]
    return DuplicatedAddress(
        sentence=f"{ip} is claimed by {many(len(macs), 'machine')} at the same time: "
        f"{listed(macs)}.",
        confidence=Confidence.POSSIBLE if proxies else Confidence.LIKELY,
        first=min(claim.first for claim in claims),
        last=max(claim.last for claim in claims),
        count=sum(claim.count for claim in claims),
        source=ip,
        transport="arp",
        evidence=tuple(evidence),
        macs=tuple(macs),
    )
