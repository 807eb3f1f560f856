"""What captures have of one machine: who claimed its address, what was said of it, its packets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from whence.analysis.naming import TOLD
from whence.model.flow_documents import time_text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST = 100  # of each kind

Line = dict[str, Any]


def captured_station(tables: DuckDBPyConnection, address: str) -> Iterator[Line]:
    """Give the lines of ``PacketWitness.station``; the address is an IP or a MAC address."""
    yield from _claims(tables, address)
    yield from _said(tables, address)
    yield from _packets(tables, address)


def _claims(tables: DuckDBPyConnection, address: str) -> Iterator[Line]:
    """Say which MAC address claimed which IP address by ARP."""
    for ip, mac, count, first, last, file, packet in tables.execute(
        """SELECT sender_ip, sender_mac, sum("count")::BIGINT, min("first"), max("last"),
            arg_min(file, "first"), arg_min(packet, "first")
        FROM arp WHERE $address IN (sender_ip, sender_mac) AND sender_ip <> '0.0.0.0'
        GROUP BY ALL ORDER BY 3 DESC, 2 LIMIT $most""",
        {"address": address, "most": MOST},
    ).fetchall():
        yield {
            "claim": {
                "ip": ip, "mac": mac, "count": count, "first": time_text(first),
                "last": time_text(last), "file": file, "packet": packet,
            }
        }  # fmt: skip


def _said(tables: DuckDBPyConnection, address: str) -> Iterator[Line]:
    """Say what packets say of the address; a lease is of a MAC address, and names an IP."""
    for ip, mac, relation, value, source, file, packet, moment, detail in tables.execute(
        """SELECT coalesce(subject_ip, ''), coalesce(subject_mac, ''), relation, value, source,
            arg_min(file, "time"), arg_min(packet, "time"), min("time"), arg_min(detail, "time")
        FROM names
        WHERE list_contains($told::VARCHAR[], relation) AND ($address IN (subject_ip, subject_mac)
            OR (relation = 'leased' AND value = $address)
            OR subject_mac IN (SELECT subject_mac FROM names
                WHERE relation = 'leased' AND value = $address))
        GROUP BY ALL ORDER BY relation, value, source, 1, 2 LIMIT $most""",
        {"address": address, "told": [*TOLD], "most": MOST},
    ).fetchall():
        place = detail if relation == "noted-as" else f"packet {packet}"
        yield {
            "said": {
                "ip": ip, "mac": mac, "relation": relation, "value": value, "source": source,
                "file": file, "place": place, "time": time_text(moment), "detail": detail,
            }
        }  # fmt: skip


def _packets(tables: DuckDBPyConnection, address: str) -> Iterator[Line]:
    """Say with which MAC address and time to live its packets came, and who else had that MAC."""
    for ip, mac, packets, first, last, ttl, others in tables.execute(
        """WITH ends AS (
            SELECT source_ip AS ip, source_mac AS mac, source_packets AS packets, "first", "last",
                source_ttl_max AS ttl FROM flows WHERE tunnel = ''
            UNION ALL
            SELECT destination_ip, destination_mac, destination_packets, "first", "last",
                destination_ttl_max FROM flows WHERE tunnel = '' AND destination_packets > 0)
        SELECT ip, mac, sum(packets)::BIGINT, min("first"), max("last"), max(ttl),
            (SELECT count(DISTINCT other.ip) FROM ends other WHERE other.mac = ends.mac)
        FROM ends WHERE $address IN (ip, mac) AND mac <> '' GROUP BY ALL
        ORDER BY 3 DESC, 1, 2 LIMIT $most""",
        {"address": address, "most": MOST},
    ).fetchall():
        yield {
            "packets": {
                "ip": ip, "mac": mac, "count": packets, "first": time_text(first),
                "last": time_text(last), "ttl": ttl or 0, "addresses_of_mac": others,
            }
        }  # fmt: skip
