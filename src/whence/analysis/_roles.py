"""What a station is for, as its traffic shows: a resolver is loud and no culprit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CLIENTS = 3  # whoever serves fewer is not called a server
PORTS = 3  # of a server that are told
BEHIND = 3  # addresses from outside behind one MAC: it is a gateway
SERVICES = {53: "resolver", 67: "DHCP server", 123: "time server"}


# Station, port, transport, packets that it sent as answers there, packets that it sent at all.
Served = tuple[str, int, str, int, int]


def roles_of(tables: DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    """Give the roles of the stations that have one."""
    return roles(gateways(tables), _served(tables))


def roles(gateways: Iterable[str], served: Iterable[Served]) -> dict[str, tuple[str, ...]]:
    """Give the roles of gateways, and of stations that answer several clients."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for station in gateways:
        found[station].append("gateway")
    for station, port, transport in _servers(served):
        name = SERVICES.get(port, f"server on {port}/{transport}")
        if name not in found[station]:
            found[station].append(name)
    return {station: tuple(names) for station, names in found.items()}


def _servers(served: Iterable[Served]) -> Iterator[tuple[str, int, str]]:
    """Give stations of whose packets most are answers, with their busiest ports."""
    in_order = sorted(served, key=lambda row: (row[0], -row[3], row[1] or 0, row[2]))
    for station, rows in groupby(in_order, key=lambda row: row[0]):
        ports = [*rows]
        if sum(sent for *_, sent, _ in ports) * 2 >= ports[0][4]:
            yield from ((station, port, transport) for _, port, transport, _, _ in ports[:PORTS])


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


def _served(tables: DuckDBPyConnection) -> list[Served]:
    """Give stations that answer several clients on a port.

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
        )
        SELECT station, port, transport, (served.sent
            + CASE WHEN port IN (53, 123) THEN coalesce(asked.sent, 0) ELSE 0 END)::BIGINT,
            whole.sent::BIGINT
        FROM served LEFT JOIN asked USING (station, port, transport) JOIN whole USING (station)""",
        {"clients": CLIENTS},
    ).fetchall()
