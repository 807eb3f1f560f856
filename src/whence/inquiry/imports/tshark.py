"""tshark as it prints packets unless told otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from itertools import chain, islice, pairwise

from whence.inquiry.imports._day_clock import DayClock
from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address, number, whole
from whence.inquiry.imports._look_times import epoch_time, log_time
from whence.inquiry.imports.tcpdump import OTHERS
from whence.model.mac_addresses import canonical_mac
from whence.model.reported import Lookup, Pairing, Row, Traffic

_ROW = re.compile(
    r"\s*(?P<number>\d{1,10})\s+(?:(?:(?P<date>\d{4}-\d\d-\d\d)\s+)?"
    r"(?P<clock>\d\d:\d\d:\d\d\.\d{1,9})(?P<utc>Z)?|(?P<seconds>-?\d{1,11}\.\d{1,9}))"
    r"\s+(?P<source>\S+)\s+(?:→|->)\s+(?P<destination>\S+)"
    r"\s+(?P<protocol>[A-Za-z0-9][\w./+-]*)\s+(?P<length>\d{1,6})(?:\s+(?P<info>.*))?"
)
_PORT = r"(?:[\w-]+\((\d{1,5})\)|(\d{1,5}))"  # 443, or with -N t https(443)
_PORTS = re.compile(
    rf"(?:\[[^\]]*\]\s*)*{_PORT}\s+(?:→|->|>)\s+{_PORT}(?:\s+\[(?P<flags>[^\]]*)\])?"
)
_REPLY = re.compile(r"(?P<ip>\S+) is at (?P<mac>[0-9a-f:]{17})")
_DNS = re.compile(r"Standard query response 0x[0-9a-f]+ (?P<type>[A-Z]+) (?P<name>\S+)(?P<rest>.*)")
_ADDRESS = re.compile(r" (?:A|AAAA) (\S+)")
_SAID = re.compile(
    r"(?:Running as user|Capturing on|\d+ packets? (?:captured|dropped)|tshark:"
    r"|\s*\*\* \(tshark|\d+\s*$)"
)
EPOCH = 100_000_000_000_000  # µs: what is less counts from a packet
BEGINNING = 400  # lines by which it is told from when times count
HUNDREDTH = 10_000  # µs: of a second
WITH_PORTS = {"TCP": "tcp", "UDP": "udp", "SCTP": "sctp"}
PLAIN = ("igmp", "gre", "esp", "ah", "ospf", "vrrp", "pim")
ICMP = {"ICMP": "icmp", "ICMPv6": "ipv6-icmp"}
BY_UDP = ("MDNS", "LLMNR", "NBNS", "NTP", "SNMP", "SSDP", "DHCP", "DHCPv6", "RADIUS", "Syslog",
          "TFTP", "CFLOW", "QUIC")  # fmt: skip
_ENDS = ("source", "destination")
NAMED = "packets with an end that is a name (tshark without -n)"
UNSAID = "packets of {} for which tshark prints no ports (tshark -T json tells them)"


def _looks_like(head: Head) -> float:
    return 0.95 if head.share(_ROW.fullmatch) > 0.2 else 0.0


@kind(_looks_like)
def tshark(lines: Lines, given: Given) -> Iterator[Row]:
    """Packets, by tshark -r or -i without -T, also with -t ad, a, d, e, ud or u.

    This text tells the ports of TCP and UDP packets that are not dissected further, which are
    those that begin a connection; of SNMP, NTP and others by UDP it tells the addresses alone, and
    packets of TLS, HTTP and others are left out. tshark -T json tells all. Answers of the DNS say
    which name has an address. Without -t ad times count from the first packet: --began says when
    that was. tshark writes times in the zone of its machine: --zone says which.
    """
    source = iter(lines)
    beginning = [*islice(source, BEGINNING)]
    clock = _Clock(given, is_delta=_goes_back(text for _, text in beginning))
    for line, text in chain(beginning, source):
        if not text or text.isspace():
            continue
        found = _ROW.fullmatch(text)
        if found is None:
            if _SAID.match(text):
                lines.part()
            else:
                lines.strange(line, text)
            continue
        at = clock.moment(found)
        if at is None:
            lines.strange(line, text)
            continue
        row = _packet(line, at, found)
        if isinstance(row, str):
            lines.leave_out(row)
            continue
        if answer := _lookup(line, at, found):
            lines.several(2)
            yield answer
        yield row


class _Clock:
    """When a packet was captured."""

    def __init__(self, given: Given, *, is_delta: bool) -> None:
        self._given = given
        self._is_delta = is_delta  # times count from the packet before (-t d)
        self._since_first = 0
        self._days = DayClock(given)

    def moment(self, found: re.Match[str]) -> int | None:
        if found["date"]:
            zone = UTC if found["utc"] else self._given.zone
            return log_time(f"{found['date']} {found['clock'][:15]}", zone)
        if found["clock"]:
            return self._days.moment(found["clock"][:15])
        since = _past(found)
        if since >= EPOCH:
            return since
        self._given.assume(
            "its times count from a packet before: from the file's own time on (or: --began)"
        )
        self._since_first = self._since_first + since if self._is_delta else since
        began = self._given.written if self._given.began is None else self._given.began
        return began + self._since_first


def _past(found: re.Match[str]) -> int:
    past = epoch_time(found["seconds"].removeprefix("-")) or 0
    return -past if found["seconds"].startswith("-") else past


def _goes_back(texts: Iterable[str]) -> bool:
    """Say whether times count from the packet before: those that count from the first hardly do."""
    rows = (_ROW.fullmatch(text) for text in texts)
    times = [_past(row) for row in rows if row and row["seconds"]]
    return any(before - after > HUNDREDTH for before, after in pairwise(times))


def _packet(line: int, at: int, found: re.Match[str]) -> Traffic | Pairing | str:
    """Make a row of a packet, or say why it is left out."""
    protocol, info = found["protocol"], found["info"] or ""
    if protocol == "ARP":
        reply = _REPLY.match(info)
        mac, ip = (canonical_mac(reply["mac"]), address(reply["ip"])) if reply else (None, None)
        return Pairing(line, ip, mac, "reply", at=at) if ip and mac else OTHERS
    source, destination = address(found["source"]), address(found["destination"])
    if source is None or destination is None:
        is_mac = any("_" in found[end] or found[end].count(":") == 5 for end in _ENDS)
        return OTHERS if is_mac or "Broadcast" in found["destination"] else NAMED
    ports = _PORTS.match(info)
    told: tuple[int | None, int | None] = (None, None)
    if protocol in WITH_PORTS:
        if ports is None:
            return UNSAID.format(protocol)
        transport = WITH_PORTS[protocol]
        told = number(ports[1] or ports[2]), number(ports[3] or ports[4])
    elif protocol in ICMP:
        transport = ICMP[protocol]
    elif (plain := re.sub(r"v\d$", "", protocol).lower()) in PLAIN:
        transport = plain
    elif protocol in BY_UDP:
        transport = "udp"
    elif protocol == "DNS":
        transport = "ip"  # by UDP or TCP
    else:
        return UNSAID.format(protocol)
    return Traffic(
        line, at, at, transport, source, told[0], destination, told[1],
        bytes_sent=whole(found["length"]), packets_sent=1, is_packet=True,
        flags=_flags(ports["flags"] or "") if ports and transport == "tcp" else "",
        application="" if told[0] or transport not in ("udp", "ip") else protocol.lower(),
    )  # fmt: skip


def _flags(told: str) -> str:
    words = {word.strip() for word in told.split(",")}
    return ("S" if "SYN" in words else "") + ("." if "ACK" in words else "")


def _lookup(line: int, at: int, found: re.Match[str]) -> Lookup | None:
    told = _DNS.match(found["info"] or "") if found["protocol"] == "DNS" else None
    client = address(found["destination"])
    if not told or not client or told["type"] not in ("A", "AAAA"):
        return None
    answers = [ip for one in _ADDRESS.findall(told["rest"]) if (ip := address(one))]
    known = tuple(dict.fromkeys(answers))
    return Lookup(line, at, told["name"], known, client=client) if known else None
