"""The tables that every analysis reads, and what has to be worked out once for all of them.

``flows``, ``arp`` and ``names`` are as ``model.flow_tables`` says: one row of ``flows`` is one
bidirectional flow as one interface saw it. From them ``ready`` makes:

``inside(ip)``
    the addresses of the own site.
``shadowed(flow)``
    rows whose packets another row has counted already, because they went through several
    interfaces, VLANs or tunnels, or were captured at several places.
``spread(flow)``
    rows that have different packets of one conversation, at several places.
``counted``
    ``flows`` without the shadowed: each packet once. Sums are over this, never over ``flows``.
``refusals``, ``refused_flows``
    ICMP errors, and the flows that they are about: see ``_refusals``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING

from whence.analysis._places import note_places
from whence.analysis._refusals import attribute_refusals
from whence.model.flow_tables import FLOWS, SKETCHES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What no finding and no path is told by. Talkers read still less.
UNREAD = frozenset({
    "history", "source_bytes", "destination_bytes", "source_wire_bytes", "destination_wire_bytes",
    "fins", "destination_retransmissions", "destination_ttl_min", "ja4", "server_name",
    "community_id",
})  # fmt: skip
COLUMNS = (*(column for column in FLOWS if column not in UNREAD), *SKETCHES)

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


def ready(tables: DuckDBPyConnection, internal: Sequence[str] = ()) -> None:
    """Work out what is inside, and which rows show the same packets again.

    ``internal`` are further networks of the own site, such as 198.51.100.0/24.
    """
    _note_inside(tables, internal)
    counted = "flows"
    if note_places(tables):
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
