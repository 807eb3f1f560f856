"""What a station is for, as its traffic shows: a resolver is loud and no culprit."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CLIENTS = 3  # whoever serves fewer is not called a server
BEHIND = 3  # addresses from outside behind one MAC: it is a gateway
SERVICES = {53: "resolver", 67: "DHCP server", 123: "time server"}


def roles_of(tables: DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    """Give the roles of the stations that have one."""
    roles: defaultdict[str, list[str]] = defaultdict(list)
    for station in gateways(tables):
        roles[station].append("gateway")
    for station, port, transport in _servers(tables):
        name = SERVICES.get(port, f"server on {port}/{transport}")
        if name not in roles[station]:
            roles[station].append(name)
    return {station: tuple(names) for station, names in roles.items()}


def gateway_macs(tables: DuckDBPyConnection) -> frozenset[str]:
    """Give the MAC addresses behind which several addresses from outside are."""
    found = tables.execute(
        """SELECT mac FROM (
            SELECT source_mac AS mac, source_ip AS ip FROM flows WHERE tunnel = ''
            UNION ALL
            SELECT destination_mac, destination_ip FROM flows
            WHERE tunnel = '' AND destination_packets > 0)
        WHERE mac IS NOT NULL AND ip NOT IN (FROM inside)
        GROUP BY mac HAVING count(DISTINCT ip) >= $behind""",
        {"behind": BEHIND},
    ).fetchall()
    return frozenset(mac for (mac,) in found)


def gateways(tables: DuckDBPyConnection) -> list[str]:
    """Give the addresses that a gateway's MAC answers for in ARP."""
    if not tables.execute("FROM arp LIMIT 1").fetchall():
        return []
    found = tables.execute(
        """SELECT DISTINCT sender_ip FROM arp
        WHERE sender_ip <> '0.0.0.0' AND sender_mac IN (SELECT unnest($macs::VARCHAR[]))
        ORDER BY sender_ip""",
        {"macs": sorted(gateway_macs(tables))},
    ).fetchall()
    return [ip for (ip,) in found]


def _servers(tables: DuckDBPyConnection) -> list[tuple[str, int, str]]:
    """Give stations of whose packets most are answers to several clients, with the port.

    What a resolver or a time server asks its own upstream, on the same port, is part of it.
    """
    return tables.execute(
        """WITH served AS (
            SELECT destination_ip AS station, destination_port AS port, transport,
                count(DISTINCT source_ip) AS clients, sum(destination_packets) AS sent
            FROM counted
            WHERE destination_packets > 0 AND transport IN ('tcp', 'udp', 'sctp')
            GROUP BY ALL HAVING clients >= $clients
        ), asked AS (
            SELECT source_ip AS station, destination_port AS port, transport,
                sum(source_packets) AS sent
            FROM counted SEMI JOIN served ON source_ip = station GROUP BY ALL
        ), whole AS (
            SELECT station, sum(sent) AS sent FROM (
                SELECT source_ip AS station, source_packets AS sent FROM counted
                UNION ALL SELECT destination_ip, destination_packets FROM counted)
            SEMI JOIN served USING (station) GROUP BY station
        ), part AS (
            SELECT station, port, transport,
                served.sent + CASE WHEN port IN (53, 123) THEN coalesce(asked.sent, 0) ELSE 0 END
                    AS sent
            FROM served LEFT JOIN asked USING (station, port, transport)
        )
        SELECT station, port, transport FROM part JOIN whole USING (station)
        QUALIFY sum(part.sent) OVER (PARTITION BY station) * 2 >= whole.sent
            AND row_number() OVER (PARTITION BY station ORDER BY part.sent DESC, port) <= 3
        ORDER BY station, part.sent DESC""",
        {"clients": CLIENTS},
    ).fetchall()
