"""Packets that go round in circles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from whence.analysis._declare import Context, analysis
from whence.analysis._words import end, listed, utc
from whence.model.facts import Confidence
from whence.model.findings import Finding
from whence.model.plural import many

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SPREAD = 8  # of TTL in one direction of one flow; routes that change move it by a few
ROUNDS = 4  # packets, at least, for each packet that was sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop(Finding):
    """The packets of a flow come by again and again, with less and less TTL."""

    kind: ClassVar[str] = "loop"
    ttl_min: int
    ttl_max: int
    routers: tuple[str, ...]  # who told the source that the TTL ran out


@analysis
def loops(tables: DuckDBPyConnection, context: Context) -> Iterator[Loop]:
    """Which packets go round between routers until their TTL runs out?

    Judged by how far the TTLs of one flow, at one place, are apart, and by “time exceeded” from
    routers. A traceroute looks alike and is left out by its ports and few packets. Flows do not
    keep IP identifications, so that the same packet came again is concluded, not seen; and a
    loop between switches, which leaves the TTL alone, cannot be told from many equal packets.
    """
    rows = tables.execute(
        """WITH exceeded AS (
            SELECT destination_ip AS told, list(DISTINCT source_ip ORDER BY source_ip) AS routers,
                sum(source_packets)::BIGINT AS times
            FROM counted WHERE (transport = 'icmp' AND source_port = 11)
                OR (transport = 'ipv6-icmp' AND source_port = 3)
            GROUP BY told
        ), turning AS (
            SELECT source_ip, destination_ip,
                CASE WHEN transport LIKE '%icmp' THEN NULL ELSE destination_port END AS port,
                transport, interface, vlan, min(source_ttl_min) AS low, max(source_ttl_max) AS high,
                sum(source_packets)::BIGINT AS packets, sum(destination_packets) AS answered,
                sum(source_retransmissions)::BIGINT AS repeated, count(*) AS flows,
                min("first") AS "first", max("last") AS "last"
            FROM flows
            WHERE source_ttl_max - source_ttl_min >= $spread
                AND source_packets >= (source_ttl_max - source_ttl_min) // 2
                AND NOT (source_ttl_min = 1 AND source_packets <= 4 * source_ttl_max::INTEGER)
                AND NOT (transport = 'udp' AND destination_port BETWEEN 33434 AND 33534)
            GROUP BY ALL HAVING answered * $rounds <= packets
        )
        SELECT turning.*, routers, times FROM turning LEFT JOIN exceeded ON told = source_ip
        ORDER BY packets DESC, source_ip, destination_ip""",
        {"spread": SPREAD, "rounds": ROUNDS},
    ).fetchall()
    for row in rows:
        yield _loop(row)


def _loop(row: tuple[Any, ...]) -> Loop:
    source, destination, port, transport, interface, vlan, low, high, *counts = row
    packets, _, repeated, flows, first, last, routers, times = counts
    place = interface or "the capture"
    place += f" VLAN {vlan}" if vlan else ""
    evidence = [f"at {place} the TTLs of the same flows are {low} to {high}"]
    if repeated:
        evidence.append(f"{many(repeated, 'segment')} came again")
    if routers:
        evidence.append(
            f"{listed(routers)} told {source} {many(times, 'time')} that the time was exceeded"
        )
    return Loop(
        sentence=f"Packets from {source} to {end(destination, port, transport)} go round in a "
        f"loop: {many(packets, 'packet')} with TTLs from {high} down to {low}.",
        confidence=Confidence.LIKELY if routers or repeated or low <= 2 else Confidence.POSSIBLE,
        first=utc(first),
        last=utc(last),
        count=flows,
        source=source,
        destination=destination,
        destination_port=port,
        transport=transport,
        evidence=tuple(evidence),
        ttl_min=low,
        ttl_max=high,
        routers=tuple(routers or ()),
    )
