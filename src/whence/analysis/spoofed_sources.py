"""Packets whose source address is not that of their sender."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from whence.analysis._declare import Context, analysis
from whence.analysis._roles import gateway_macs
from whence.analysis._shared_macs import is_shared
from whence.analysis._words import listed, utc
from whence.model.facts import Confidence
from whence.model.findings import Finding
from whence.model.plural import many

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What never is a source on a wire: RFC 1122 3.2.1.3 (this network, loopback, broadcast), RFC 1112
# (multicast), RFC 6890 (reserved). 0.0.0.0 and :: are, of machines without address yet.
NEVER_A_SOURCE = {
    "this network": "0.0.0.0/8",
    "loopback": "127.0.0.0/8",
    "multicast": "224.0.0.0/4",
    "reserved": "240.0.0.0/4",
    "loopback (IPv6)": "::1/128",
    "multicast (IPv6)": "ff00::/8",
}
# A capture of the loopback interface, which often has no name: Linux gives its packets an Ethernet
# header of zeros, BSD none.
LOOPBACK_INTERFACE = """(interface = 'lo' OR regexp_matches(source_ip, '^(127\\.|::1$)')
    AND (coalesce(source_mac, '') = '00:00:00:00:00:00'
        OR source_mac IS NULL AND regexp_matches(destination_ip, '^(127\\.|::1$)')))"""
INITIAL_TTLS = (32, 64, 128, 255)  # as senders set them: nobody forwarded the packet
OWN = 3  # addresses of a machine; whoever says in ARP that it has more may be a router
TTLS_APART = 3  # the route of one source changes its TTL by a hop or two


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoofedSource(Finding):
    """Somebody sends with an address that is not theirs."""

    kind: ClassVar[str] = "spoofed-source"
    mac: str | None  # of whoever sent it, or passed it on
    because: str  # "bogon", "foreign", "two-senders" or "neighbour"


@analysis
def spoofed_sources(tables: DuckDBPyConnection, context: Context) -> Iterator[SpoofedSource]:
    """Who sends with a source address that cannot be theirs?

    Four signs: addresses that are never a source; a machine, known by ARP, that also sends with
    an address of another network; one address that comes from two MACs with different TTLs; a
    machine, known by ARP, that also sends with the address of a neighbour, known by ARP, too.
    Beyond the first router a spoofed address looks like any other: the MAC is the router's.
    """
    yield from _bogons(tables)
    yield from _foreign(tables, context)
    two_senders = [*_two_senders(tables)]
    yield from two_senders
    told = {(finding.source, finding.mac) for finding in two_senders}
    yield from (one for one in _neighbours(tables) if (one.source, one.mac) not in told)


def _bogons(tables: DuckDBPyConnection) -> Iterator[SpoofedSource]:
    networks = [(name, ipaddress.ip_network(text)) for name, text in NEVER_A_SOURCE.items()]
    rows = tables.execute(
        rf"""SELECT source_ip, source_mac,
            list(DISTINCT destination_ip ORDER BY destination_ip)[1:5],
            count(*), sum(source_packets)::BIGINT, min("first"), max("last")
        FROM counted WHERE NOT {LOOPBACK_INTERFACE} AND source_ip NOT IN ('0.0.0.0', '::')
            AND regexp_matches(source_ip, '^(0|127|22[4-9]|23\d|24\d|25[0-5])\.|^::1$|^ff')
        GROUP BY source_ip, source_mac ORDER BY 5 DESC, 1"""
    ).fetchall()
    for source, mac, called, flows, packets, first, last in rows:
        address = ipaddress.ip_address(source)
        name = next((name for name, network in networks if address in network), "")
        if not name:
            continue
        yield SpoofedSource(
            sentence=f"{many(packets, 'packet')} came from {source}, which is never a source: "
            f"{name}{_by(mac)}.",
            confidence=Confidence.CERTAIN,
            first=utc(first),
            last=utc(last),
            count=flows,
            source=source,
            destination=called[0] if len(called) == 1 else None,
            evidence=(f"sent to {listed(called)}",),
            mac=mac,
            because="bogon",
        )


def _by(mac: str | None) -> str:
    return f", sent by {mac}" if mac else ""


def _foreign(tables: DuckDBPyConnection, context: Context) -> Iterator[SpoofedSource]:
    own: defaultdict[str, list[str]] = defaultdict(list)
    for mac, ip in tables.execute(
        "SELECT DISTINCT sender_mac, sender_ip FROM arp WHERE sender_ip <> '0.0.0.0' ORDER BY ALL"
    ).fetchall():
        own[mac].append(ip)
    links = _links(own, context.prefixes)
    gateways = gateway_macs(tables)
    rows = tables.execute(
        """SELECT source_mac, source_ip, count(*), sum(source_packets)::BIGINT, min("first"),
            max("last"), list(DISTINCT source_ttl_max ORDER BY source_ttl_max)
        FROM flows WHERE source_mac IN (SELECT sender_mac FROM arp) AND tunnel = ''
            AND source_packets > 0 AND direction_in <> 'outgoing' AND source_ip NOT LIKE '%:%'
            AND source_ip <> '0.0.0.0'
        GROUP BY source_mac, source_ip ORDER BY source_mac, source_ip"""
    ).fetchall()
    for mac, ip, flows, packets, first, last, ttls in rows:
        address = ipaddress.ip_address(ip)
        known = own[mac]
        if ip in known or mac in gateways or is_shared(mac) or len(known) > OWN:
            continue
        if address.is_link_local or any(address in link for link in links):
            continue
        yield SpoofedSource(
            sentence=f"{mac}, which is {listed(known)}, also sends as {ip}, which is of another "
            f"network: {many(packets, 'packet')}.",
            confidence=Confidence.POSSIBLE,
            first=utc(first),
            last=utc(last),
            count=flows,
            source=ip,
            evidence=(
                f"{mac} says in ARP that it is {listed(known)}",
                f"TTL {listed([str(ttl) for ttl in ttls if ttl is not None])}",
                "a router whose other networks were hardly seen would look alike",
            ),
            mac=mac,
            because="foreign",
        )


def _links(
    own: dict[str, list[str]], prefixes: Sequence[str]
) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Give the networks of the links: those that were told, else a /24 around each neighbour."""
    if prefixes:
        return [ipaddress.ip_network(prefix, strict=False) for prefix in prefixes]
    around = {f"{ip}/24" for known in own.values() for ip in known}
    return [*{ipaddress.ip_network(text, strict=False) for text in around}]


def _two_senders(tables: DuckDBPyConnection) -> Iterator[SpoofedSource]:
    """Find an address that two MACs use in turn at one place, from different distances."""
    rows = tables.execute(
        """WITH senders AS (
            SELECT source_ip, interface, vlan, source_mac, max(source_ttl_max) AS ttl,
                count(*) AS flows, sum(source_packets)::BIGINT AS packets,
                min("first") AS "first", max("last") AS "last"
            FROM flows WHERE source_mac IS NOT NULL AND tunnel = '' AND source_ttl_max IS NOT NULL
                AND direction_in <> 'outgoing' AND source_ip NOT IN ('0.0.0.0', '::')
            GROUP BY ALL
        )
        SELECT source_ip, list({'mac': source_mac, 'ttl': ttl, 'packets': packets,
                'first': "first", 'last': "last"} ORDER BY packets DESC), sum(flows)::BIGINT,
            min("first"), max("last")
        FROM senders GROUP BY source_ip, interface, vlan
        HAVING count(*) = 2 AND max(ttl) - min(ttl) >= $apart
            AND max("first") <= min("last") ORDER BY source_ip""",
        {"apart": TTLS_APART},
    ).fetchall()
    for source, senders, flows, first, last in rows:
        usual, other = senders
        if is_shared(usual["mac"]) or is_shared(other["mac"]):
            continue
        yield SpoofedSource(
            sentence=f"{source} comes from {usual['mac']}, and at the same time from "
            f"{other['mac']} with another TTL: one of them is not {source}.",
            confidence=Confidence.LIKELY,
            first=utc(first),
            last=utc(last),
            count=flows,
            source=source,
            evidence=tuple(_sender(sender) for sender in senders),
            mac=other["mac"],
            because="two-senders",
        )


def _sender(sender: dict[str, Any]) -> str:
    return f"{sender['mac']}: {many(sender['packets'], 'packet')} with TTL {sender['ttl']}"


def _neighbours(tables: DuckDBPyConnection) -> Iterator[SpoofedSource]:
    """Find a machine that sends with an address that another claims at that time, and it never."""
    rows = tables.execute(
        """WITH claims AS (
            SELECT sender_mac AS mac, sender_ip AS ip, min("first") AS since, max("last") AS until
            FROM arp WHERE sender_ip <> '0.0.0.0' GROUP BY ALL
        )
        SELECT source_mac, source_ip, claims.mac,
            (SELECT list(ip ORDER BY ip) FROM claims AS own WHERE own.mac = source_mac),
            list(DISTINCT source_ttl_max ORDER BY source_ttl_max),
            count(*), sum(source_packets)::BIGINT, min("first"), max("last")
        FROM flows JOIN claims ON source_ip = claims.ip AND source_mac <> claims.mac
            AND "first" <= until AND "last" >= since
        WHERE tunnel = '' AND source_packets > 0 AND direction_in <> 'outgoing'
            AND list_contains($initial::UTINYINT[], source_ttl_max)
            AND source_mac IN (SELECT mac FROM claims)
            AND (source_mac, source_ip) NOT IN (SELECT (mac, ip) FROM claims)
        GROUP BY source_mac, source_ip, claims.mac ORDER BY source_mac, source_ip, claims.mac""",
        {"initial": [*INITIAL_TTLS]},
    ).fetchall()
    gateways = gateway_macs(tables)
    for mac, ip, owner, known, ttls, flows, packets, first, last in rows:
        if mac in gateways or is_shared(mac) or is_shared(owner) or len(known) > OWN:
            continue
        yield SpoofedSource(
            sentence=f"{mac}, which is {listed(known)}, also sends as {ip}, which is {owner}: "
            f"{many(packets, 'packet')}.",
            confidence=Confidence.POSSIBLE,
            first=utc(first),
            last=utc(last),
            count=flows,
            source=ip,
            evidence=(
                f"{mac} says in ARP that it is {listed(known)}, and {owner} that it is {ip}",
                f"TTL {listed([str(ttl) for ttl in ttls])}: as a sender sets it, not forwarded",
                "a server that answers directly for a load balancer would look alike",
            ),
            mac=mac,
            because="neighbour",
        )
