"""Packets as tshark -T json and -T ek dissect them: of layers within each other, the outermost."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from whence.inquiry.imports._ends import address, number, whole
from whence.inquiry.imports._json_objects import Object
from whence.inquiry.imports._look_times import epoch_time, log_time
from whence.inquiry.imports.nfdump_csv import PROTOCOLS
from whence.model.mac_addresses import canonical_mac
from whence.model.reported import Lookup, Pairing, Traffic

REPLY = "2"  # arp.opcode
WITH_PORTS = ("tcp", "udp", "sctp")
MOST_ANSWERS = 100
EXTENSIONS = ("0", "43", "44", "51", "60", "135")  # IPv6: RFC 8200, 4.1 and IANA


def decode(text: str) -> Any:
    """Read JSON in which a name comes more than once: the first is the outermost."""
    return json.loads(text, object_pairs_hook=lambda pairs: dict(reversed(pairs)))


class Packet:
    """One packet; fields may be nested, flat, in lists, and named with _ in place of points."""

    def __init__(self, layers: Object) -> None:
        self._layers = layers

    def layer(self, name: str) -> Object | None:
        """Give the outermost layer of this protocol."""
        told = self._layers.get(name)
        if isinstance(told, list):
            told = told[0] if told else None
        return told if isinstance(told, dict) else None

    def field(self, name: str) -> str:
        """Give the first value of a field: ip.src."""
        return next(iter(self.fields(name)), "")

    def fields(self, name: str) -> list[str]:
        """Give the values of a field; of -T json, those that stand deeper in its layer, too."""
        protocol = name.partition(".")[0]
        flat = name.replace(".", "_")
        within: list[object] = [self.layer(protocol), self._layers]
        for place in within:
            if isinstance(place, dict):
                for key in (name, f"{protocol}_{flat}", flat):
                    if key in place:
                        return _texts(place[key])
        return _deep(within[0], name)


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    told = (f"{int(one)}" if isinstance(one, bool) else str(one) for one in values)
    return [text.encode("utf-8", "replace").decode()[:500] for text in told]


def _deep(value: object, name: str) -> list[str]:
    found: list[str] = []
    waiting = [value]
    while waiting and len(found) < MOST_ANSWERS:
        one = waiting.pop()
        if isinstance(one, dict):
            found += _texts(one[name]) if name in one else []
            waiting += reversed(one.values())
        elif isinstance(one, list):
            waiting += reversed(one)
    return found


def when(packet: Packet) -> int | None:
    """Say when it was captured; since Wireshark 4.2 the seconds may be ISO 8601."""
    told = packet.field("frame.time_epoch") or packet.field("frame.time")
    at = epoch_time(told)
    if at is None and "T" in told:
        from_iso = told.partition("Z")[0].partition(".")
        at = log_time(f"{from_iso[0]}.{from_iso[2][:6] or '0'}+00:00", UTC)
    return at


def traffic(line: int, at: int, packet: Packet) -> Traffic | None:
    """Make a row of an IP packet; None where it is none."""
    version = next((name for name in ("ip", "ipv6") if packet.field(f"{name}.src")), "")
    source = address(packet.field(f"{version}.src")) if version else None
    destination = address(packet.field(f"{version}.dst")) if version else None
    if source is None or destination is None:
        return None
    transport = _transport(packet, version)
    has_ports = transport in WITH_PORTS
    return Traffic(
        line, at, at, transport,
        source, number(packet.field(f"{transport}.srcport")) if has_ports else None,
        destination, number(packet.field(f"{transport}.dstport")) if has_ports else None,
        bytes_sent=whole(packet.field("frame.len")), packets_sent=1, is_packet=True,
        flags=_flags(packet) if transport == "tcp" else "",
        interface=packet.field("frame.interface_name")[:40],
    )  # fmt: skip


def _transport(packet: Packet, version: str) -> str:
    """Name what the outermost IP header carries, where that is told."""
    carried = packet.field("ip.proto" if version == "ip" else "ipv6.nxt")
    if carried in EXTENSIONS:
        protocols = packet.field("frame.protocols").split(":")
        behind = protocols[protocols.index("ipv6") + 1 :] if "ipv6" in protocols else []
        return next((name for name in behind if not name.startswith("ipv6.")), "ip")
    if not carried:  # -e without it: a field of the protocol tells
        found = (name for name in WITH_PORTS if packet.field(f"{name}.srcport"))
        return next(found, "ip")
    return PROTOCOLS.get(carried, carried)


def _flags(packet: Packet) -> str:
    """Write SYN and ACK as tcpdump does."""
    try:
        told = int(packet.field("tcp.flags"), 16)
    except ValueError:
        syn, ack = packet.field("tcp.flags.syn"), packet.field("tcp.flags.ack")
        told = (syn in ("1", "True")) * 2 | (ack in ("1", "True")) * 16
    return ("S" if told & 2 else "") + ("." if told & 16 else "")


def pairing(line: int, at: int, packet: Packet) -> Pairing | None:
    """Make a row of an ARP reply."""
    ip = address(packet.field("arp.src.proto_ipv4"))
    mac = canonical_mac(packet.field("arp.src.hw_mac"))
    return Pairing(line, ip, mac, "reply", at=at) if ip and mac else None


def lookup(line: int, at: int, packet: Packet, row: Traffic) -> Lookup | None:
    """Make a row of an answer of the DNS that names addresses."""
    if packet.field("dns.flags.response") not in ("1", "True"):
        return None
    told = [*packet.fields("dns.a"), *packet.fields("dns.aaaa")]
    answers = tuple(dict.fromkeys(ip for one in told if (ip := address(one))))
    name = packet.field("dns.qry.name")
    if not name or not answers:
        return None
    return Lookup(line, at, name, answers[:MOST_ANSWERS], client=row.destination)
