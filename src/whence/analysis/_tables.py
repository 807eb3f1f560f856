"""The tables that every analysis reads, and what has to be worked out once for all of them.

``flows``, ``arp`` and ``names`` are as ``model.flow_tables`` says: one row of ``flows`` is one
bidirectional flow as one interface saw it. From them ``ready`` makes:

``inside(ip)``
    the addresses of the own site.
``shadowed(flow)``
    rows whose packets another row has counted already, because they went through several
    interfaces, VLANs or tunnels, or were captured at several places.
``counted``
    ``flows`` without the shadowed: each packet once. Sums are over this, never over ``flows``.
``refusals``, ``refused_flows``
    ICMP errors, and the flows that they are about: see ``_refusals``.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from whence.analysis._refusals import attribute_refusals
from whence.model.flow_tables import FLOWS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What no finding and no path is told by. Talkers read still less.
UNREAD = frozenset({
    "history", "source_bytes", "destination_bytes", "source_wire_bytes", "destination_wire_bytes",
    "fins", "destination_retransmissions", "destination_ttl_min", "destination_ttl_max", "ja4",
    "server_name", "community_id",
})  # fmt: skip
COLUMNS = tuple(column for column in FLOWS if column not in UNREAD)

# RFC 1918, RFC 3927 (link-local), RFC 6598 (shared by a carrier's customers), RFC 4193 (fc00::/7),
# RFC 4291 (fe80::/10).
PRIVATE = (
    r"^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|169\.254\."
    r"|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)"
)

# Multicast and broadcast (RFC 1112, RFC 919, RFC 4291), which want no answer. Of a network that is
# no /24 only the MAC address tells that the last address is its broadcast.
FOR_MANY = r"""(regexp_matches(destination_ip, '^(22[4-9]|23\d)\.|\.255$|^ff')
    OR coalesce(destination_mac, '') = 'ff:ff:ff:ff:ff:ff')"""

# A packet that is forwarded shows at the second interface within this time.
FORWARDING = timedelta(seconds=1)

# Both directions of a conversation have the same; the tunnel is no part of it, since the packet
# in the tunnel and the one before it are the same.
CONVERSATION = """hash(protocol,
    least(hash(source_ip, source_port), hash(destination_ip, destination_port)),
    greatest(hash(source_ip, source_port), hash(destination_ip, destination_port)))"""

# Of the two ends of a conversation, one that is the same wherever it was seen.
LOW_BEGAN = """hash(source_ip, source_port) <= hash(destination_ip, destination_port)"""


def ready(tables: DuckDBPyConnection, internal: Sequence[str] = ()) -> None:
    """Work out what is inside, and which rows show the same packets again.

    ``internal`` are further networks of the own site, such as 198.51.100.0/24.
    """
    _note_inside(tables, internal)
    places = tables.execute("SELECT DISTINCT file, interface, vlan, tunnel FROM flows").fetchall()
    counted = "flows"
    tables.execute("CREATE OR REPLACE TEMP TABLE shadowed (flow UBIGINT)")
    if len(places) > 1:
        _note_lanes(tables)
        tables.execute(_SHADOWED, {"forwarding": FORWARDING})
        counted = "flows ANTI JOIN shadowed USING (flow)"
    tables.execute(f"CREATE OR REPLACE TEMP VIEW counted AS SELECT * FROM {counted}")
    attribute_refusals(tables)


def _note_inside(tables: DuckDBPyConnection, internal: Sequence[str]) -> None:
    tables.execute(
        f"""CREATE OR REPLACE TEMP TABLE inside AS
        SELECT ip FROM (
            SELECT DISTINCT source_ip AS ip FROM flows
            UNION SELECT DISTINCT destination_ip FROM flows)
        WHERE regexp_matches(ip, '{PRIVATE}')
        UNION SELECT sender_ip FROM arp WHERE sender_ip <> '0.0.0.0'"""
    )
    if not internal:
        return
    networks = [ipaddress.ip_network(text, strict=False) for text in internal]
    addresses = tables.execute(
        """SELECT source_ip FROM flows UNION SELECT destination_ip FROM flows
        EXCEPT SELECT ip FROM inside"""
    ).fetchall()
    inside = [text for (text,) in addresses if text and _is_within(text, networks)]
    tables.execute("INSERT INTO inside SELECT unnest($addresses::VARCHAR[])", {"addresses": inside})


def _is_within(
    text: str, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]
) -> bool:
    address = ipaddress.ip_address(text)
    return any(address in network for network in networks)


def _note_lanes(tables: DuckDBPyConnection) -> None:
    """Give files that follow one another the same lane, and files of the same time their own.

    A ring of files is one place that was listened at; two captures of the same hour are two.
    """
    spans: defaultdict[str, list[tuple[datetime, datetime, str]]] = defaultdict(list)
    for interface, file, begin, end in tables.execute(
        'SELECT interface, file, min("first"), max("last") FROM flows GROUP BY ALL'
    ).fetchall():
        spans[interface].append((begin, end, file))
    rows = [
        (file, interface, lane)
        for interface, files in spans.items()
        for file, lane in _lanes(sorted(files))
    ]
    tables.execute(
        """CREATE OR REPLACE TEMP TABLE lanes AS SELECT
        unnest($files::VARCHAR[]) AS file, unnest($interfaces::VARCHAR[]) AS interface,
        unnest($lanes::INTEGER[]) AS lane""",
        {
            "files": [file for file, _, _ in rows],
            "interfaces": [interface for _, interface, _ in rows],
            "lanes": [lane for _, _, lane in rows],
        },
    )


def _lanes(files: Sequence[tuple[datetime, datetime, str]]) -> Iterator[tuple[str, int]]:
    ends: list[datetime] = []
    for begin, end, file in files:
        # Where one follows another, packets may be out of order by a moment.
        late = begin + min(FORWARDING, (end - begin) / 100)
        free = next((lane for lane, until in enumerate(ends) if until <= late), len(ends))
        ends[free : free + 1] = [end]
        yield file, free


# For each conversation that several places saw at the same time, the place that saw most of it
# counts, and the one that saw it first where they saw as much. If it saw one direction only, the
# other one may have gone past other places: the one that saw most of that counts, too.
_SHADOWED = f"""
INSERT INTO shadowed
WITH seen AS (
    SELECT flow, "first", "last", source_packets + destination_packets AS packets,
        CASE WHEN {LOW_BEGAN} THEN source_packets ELSE destination_packets END AS by_low,
        {CONVERSATION} AS conversation,
        hash(lane, interface, vlan, tunnel) AS place
    FROM flows JOIN lanes USING (file, interface)
), several AS (
    SELECT conversation FROM seen GROUP BY conversation HAVING min(place) <> max(place)
), stepped AS (
    SELECT *, coalesce("first" > $forwarding::INTERVAL + max("last") OVER (
            PARTITION BY conversation ORDER BY "first", flow
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), FALSE) AS begins
    FROM seen SEMI JOIN several USING (conversation)
), meetings AS (
    SELECT *, sum(begins::INTEGER) OVER (
            PARTITION BY conversation ORDER BY "first", flow ROWS UNBOUNDED PRECEDING) AS meeting
    FROM stepped
), weighed AS (
    SELECT conversation, meeting, place, sum(packets) AS packets, min("first") AS "first",
        sum(by_low) AS by_low, sum(packets - by_low) AS by_high
    FROM meetings GROUP BY conversation, meeting, place
), best AS (
    SELECT * FROM weighed
    QUALIFY row_number() OVER (
        PARTITION BY conversation, meeting ORDER BY packets DESC, "first", place) = 1
), way_back AS (
    SELECT weighed.* FROM weighed JOIN best USING (conversation, meeting)
    WHERE (best.by_low = 0 AND weighed.by_low > 0) OR (best.by_high = 0 AND weighed.by_high > 0)
    QUALIFY row_number() OVER (
        PARTITION BY conversation, meeting
        ORDER BY CASE WHEN best.by_low = 0 THEN weighed.by_low ELSE weighed.by_high END DESC,
            weighed.packets, weighed."first", weighed.place) = 1
)
SELECT flow FROM meetings ANTI JOIN (FROM best UNION ALL FROM way_back)
    USING (conversation, meeting, place)
"""
