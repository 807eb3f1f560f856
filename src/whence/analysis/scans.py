"""Somebody tries doors: many hosts, or many ports of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from whence.analysis._declare import Context, analysis
from whence.analysis._tables import FOR_MANY
from whence.analysis._words import percent, span, utc
from whence.model.facts import Confidence
from whence.model.findings import Finding
from whence.model.plural import many

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HOSTS = 25  # destinations on one port
PORTS = 15  # of one destination
FAILED = 0.6  # of them lead nowhere; a browser and a monitor reach most of what they call


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan(Finding):
    """One source tries many hosts (horizontal), or many ports of one host (vertical)."""

    kind: ClassVar[str] = "scan"
    shape: str  # "horizontal" or "vertical"
    tried: int  # hosts, or ports
    failed: int  # of those: no answer, or refused
    half_open: int  # of those: answered, and reset at once by the source


# Segments without SYN that belong to no connection (FIN, NULL, Xmas, ACK scans: RFC 9293 3.10.7.1
# says how ports tell themselves by them), from one port to many. The ends of old connections are
# alone, too, but each client's has a port of its own, and a server's go to higher ports.
_BARE = f"""
    SELECT source_ip, source_port FROM counted
    WHERE transport = 'tcp' AND syns = 0 AND source_packets <= 2 AND answers = 0
        AND coalesce(source_payload, 0) = 0 AND coalesce(destination_payload, 0) = 0
        AND destination_port < source_port AND (destination_packets = 0 OR resets > 0)
    GROUP BY ALL HAVING count(DISTINCT (destination_ip, destination_port)) >= {PORTS}"""

# What came of each door: no answer or a refusal is a failure; SYN, answer, reset by the source and
# no payload is a half-open look.
_DOORS = f"""
    SELECT source_ip, destination_ip, transport,
        CASE WHEN transport LIKE '%icmp' THEN NULL ELSE destination_port END AS port,
        bool_and(destination_packets = 0 OR state = 'REJ'
            OR (transport = 'tcp' AND syns = 0 AND resets > 0) OR (transport LIKE '%icmp'
            AND source_port NOT IN (8, 128))) AS failed,
        bool_and(answers > 0 AND resets > 0 AND coalesce(source_payload, 0) = 0
            AND state IN ('RSTO', 'S1', 'RSTOS0')) AS half_open,
        count(*) AS flows, min("first") AS "first", max("last") AS "last"
    FROM counted
    WHERE (transport IN ('tcp', 'udp', 'sctp') OR (transport = 'icmp' AND source_port = 8)
            OR (transport = 'ipv6-icmp' AND source_port = 128))
        AND (transport <> 'tcp' OR syns > 0 OR (source_ip, source_port) IN ({_BARE}))
        AND NOT (transport = 'udp' AND destination_port BETWEEN 33434 AND 33534)
        AND NOT {FOR_MANY}
    GROUP BY ALL"""

_SUMS = """count(*) AS tried, count_if(failed) AS failed, count_if(half_open) AS half_open,
    sum(flows)::BIGINT, min("first"), max("last")"""


@analysis
def scans(tables: DuckDBPyConnection, context: Context) -> Iterator[Scan]:
    """Who tries many hosts, or many ports of a host, most of them in vain?

    Segments that begin no connection (FIN, NULL, Xmas and ACK scans) count as tries where one
    source port sends them to many. A traceroute by UDP, which calls a port for each packet, is
    left out by its ports.

    A scan that is slower than the capture is long, or spread over many sources, is not seen.
    """
    found = [*_horizontal(tables), *_vertical(tables)]
    yield from sorted(found, key=lambda scan: (-scan.tried, scan.sentence))


def _horizontal(tables: DuckDBPyConnection) -> Iterator[Scan]:
    rows = tables.execute(
        f"""SELECT source_ip, NULL, port, transport, {_SUMS} FROM ({_DOORS})
        GROUP BY source_ip, port, transport
        HAVING tried >= $least AND (failed + half_open) >= tried * $share""",
        {"least": HOSTS, "share": FAILED},
    ).fetchall()
    for row in rows:
        source, _, port, transport, tried, *_ = row
        door = transport if port is None else f"port {port}/{transport}"
        yield _scan("horizontal", f"{source} tries {tried:,} hosts on {door}", row)


def _vertical(tables: DuckDBPyConnection) -> Iterator[Scan]:
    rows = tables.execute(
        f"""SELECT source_ip, destination_ip, NULL, transport, {_SUMS}
        FROM ({_DOORS}) WHERE port IS NOT NULL
        GROUP BY source_ip, destination_ip, transport
        HAVING tried >= $least AND (failed + half_open) >= tried * $share""",
        {"least": PORTS, "share": FAILED},
    ).fetchall()
    for row in rows:
        source, destination, _, transport, tried, *_ = row
        what = f"{source} tries {tried:,} {transport} ports of {destination}"
        yield _scan("vertical", what, row)


def _scan(shape: str, what: str, row: tuple[Any, ...]) -> Scan:
    source, destination, port, transport, tried, failed, half_open, flows, first, last = row
    length = (last - first).total_seconds()
    looks = f", {half_open:,} half open" if half_open else ""
    during = f" in {span(length)}" if length >= 1 else ""
    evidence = [f"{failed:,} of {tried:,} ({percent(failed, tried)}) gave no answer or refused"]
    if half_open:
        evidence.append(f"{many(half_open, 'connection')}: SYN, answer, reset by {source}, no data")
    return Scan(
        sentence=f"{what}{during}: {percent(failed, tried)} fail{looks}.",
        confidence=Confidence.LIKELY,
        first=utc(first),
        last=utc(last),
        count=flows,
        source=source,
        destination=destination,
        destination_port=port,
        transport=transport,
        evidence=tuple(evidence),
        shape=shape,
        tried=tried,
        failed=failed,
        half_open=half_open,
    )
