"""Who talks to whom for the first time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from whence.analysis._declare import Context, analysis
from whence.analysis._words import end, utc
from whence.model.facts import Confidence
from whence.model.findings import Finding
from whence.model.plural import many

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstContact(Finding):
    """A source, a destination and a port that were not seen together before."""

    kind: ClassVar[str] = "first-contact"
    packets: int
    known_source: bool  # seen before with others
    known_destination: bool


def halfway(tables: DuckDBPyConnection) -> datetime | None:
    """Give the moment that halves the time of the traffic, to the second; None where none is."""
    [(first, last)] = tables.execute('SELECT min("first"), max("last") FROM counted').fetchall()
    return utc(first + (last - first) / 2).replace(microsecond=0) if first else None


@analysis
def first_contacts(tables: DuckDBPyConnection, context: Context) -> Iterator[FirstContact]:
    """Which pairs were not seen before a moment, and are since?

    Nothing without that moment (--known-until). How much “not before” says depends on how long
    one had listened before it.
    """
    if context.known_until is None:
        return
    rows = tables.execute(
        """WITH pairs AS (
            SELECT source_ip, destination_ip,
                CASE WHEN transport LIKE '%icmp' THEN NULL ELSE destination_port END AS port,
                transport, min("first") AS "first", max("last") AS "last", count(*) AS flows,
                sum(source_packets + destination_packets)::BIGINT AS packets
            FROM counted GROUP BY ALL
        ), met AS (
            SELECT ip, min("first") AS since FROM (
                SELECT source_ip AS ip, "first" FROM counted
                UNION ALL SELECT destination_ip, "first" FROM counted)
            GROUP BY ip
        )
        SELECT pairs.*, sources.since < $until, destinations.since < $until
        FROM pairs JOIN met AS sources ON source_ip = sources.ip
            JOIN met AS destinations ON destination_ip = destinations.ip
        WHERE pairs."first" >= $until ORDER BY pairs."first", source_ip, destination_ip""",
        {"until": context.known_until.replace(tzinfo=None)},
    ).fetchall()
    for source, destination, port, transport, first, last, flows, packets, knew, known in rows:
        evidence = [
            f"{ip} was seen before, with others" if seen else f"{ip} was not seen before at all"
            for ip, seen in ((source, knew), (destination, known))
        ]
        yield FirstContact(
            sentence=f"{source} talks to {end(destination, port, transport)} for the first time "
            f"at {utc(first):%Y-%m-%d %H:%M:%S} UTC ({many(flows, 'flow')}, "
            f"{many(packets, 'packet')}).",
            confidence=Confidence.CERTAIN,
            first=utc(first),
            last=utc(last),
            count=flows,
            source=source,
            destination=destination,
            destination_port=port,
            transport=transport,
            evidence=tuple(evidence),
            packets=packets,
            known_source=knew,
            known_destination=known,
        )
