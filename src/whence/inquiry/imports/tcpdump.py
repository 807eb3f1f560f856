"""tcpdump(8) as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date
from itertools import chain, islice, pairwise

from whence.inquiry.imports._day_clock import DayClock
from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address, number, whole
from whence.inquiry.imports._look_times import epoch_time, log_time, time_of_day
from whence.model.mac_addresses import canonical_mac
from whence.model.reported import Pairing, Traffic

_BEGIN = re.compile(
    r"(?P<since> )?(?:(?P<date>\d{4}-\d\d-\d\d) )?"
    r"(?:(?P<clock>\d\d:\d\d:\d\d\.\d{1,9})|(?P<epoch>\d{5,11}\.\d{1,9}))(?=[ ,]|$)"
)
# -i any, since tcpdump 4.99: the interface, and In, Out, or to whom (broadcast, multicast, others)
_ON = re.compile(r"\s*(?P<on>\S+\s+(?:In|Out|B|M|P))\s")
_IP = (
    r"(?:\d{1,3}(?:\.\d{1,3}){3}(?:\.[\w-]+)?"
    r"|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+(?:%[\w.-]+)?(?:\.[\w-]+)?)"
)
_ENDS = re.compile(rf"(?<![\w.:])(?P<source>{_IP}) > (?P<destination>{_IP}):(?: |$)(?P<rest>.*)")
_HEADER = re.compile(r"IP6? \(")  # of -v; the ends are on the next line
_NAMES = re.compile(r"(?<!\S)[\w.:%-]+ > [\w.:%-]+: ")
_ARP = re.compile(r"(?i)\b(?:Reply|arp reply) (?P<ip>\S+) is-at (?P<mac>[0-9a-f:]{11,17})")
_HEX = re.compile(r"\s+0x[0-9a-f]{4,}:")
_SAID = re.compile(
    r"(?:tcpdump|listening on|reading from|dropped privs|\d+ packets? |data link type)"
)
_FLAGS = re.compile(r"(?:tcp \d+ \(flags|Flags) \[([^\]]*)\]")
_OLD_FLAGS = re.compile(r"([SFPRWE.]+)(?: \d+:\d+\(\d+\)| ack )")  # before tcpdump 4.0
_LENGTH = re.compile(r"(?:, |^)length:? (\d+)")
_UDP = re.compile(r"UDP|\[udp|\[bad udp")
_ICMP = re.compile(r"ICMP6?[, ]")
TUNNELS = (("GRE", "gre"), ("IP6 ", "41"), ("IP ", "4"))  # a packet inside, and the protocol
OTHERS = "packets that are neither IP nor an ARP reply"
NAMED = "packets with an end that is a name (tcpdump without -n)"
BEGINNING = 400  # lines by which it is told from when times count
HUNDREDTH = 10_000  # µs: of a second


def _looks_like(head: Head) -> float:
    lines = head.lines[:400]
    begun = sum(bool(_BEGIN.match(line)) for line in lines)
    ends = sum(" > " in line and bool(_ENDS.search(line) or _NAMES.search(line)) for line in lines)
    arp = sum("is-at" in line or "who-has" in line for line in lines)
    if begun and (ends or arp):
        return 0.9 if (ends + arp) * 10 > begun else 0.6
    is_without_times = head.share(lambda line: _ENDS.search(line) and _LENGTH.search(line)) > 0.3
    return 0.7 if is_without_times else 0.0


@kind(_looks_like)
def tcpdump(lines: Lines, given: Given) -> Iterator[Traffic | Pairing]:
    """Packets, by tcpdump -n or -nn, also with -e, -v, -tt, -tttt and -i any.

    ARP replies say which MAC address has an IP address. Without -tttt there is no date in it:
    --date says on which day it begins. Packets whose ends are names (without -n) are left out, as
    are those that are neither IP nor an ARP reply. What -i any saw on several interfaces is counted
    once, where it was seen most.
    """
    source = iter(lines)
    beginning = [*islice(source, BEGINNING)]
    clock = _Clock(given, is_delta=_goes_back(text for _, text in beginning))
    waiting = False  # for the ends of a packet, which -v puts on the next line
    is_timed = False
    at, on = given.written, ""
    for line, text in chain(beginning, source):
        if not text or text.isspace():
            continue
        begun = _BEGIN.match(text)
        is_timed = is_timed or begun is not None
        begins = begun is not None or (not is_timed and _HEADER.match(text) is not None)
        if begins and waiting:
            lines.leave_out(OTHERS)
        waiting = waiting and not begins
        if begun:
            at = clock.moment(begun)
        if begins:
            where = _ON.match(text, begun.end() if begun else 0)
            on = " ".join(where["on"].split()) if where else ""
        found = _ENDS.search(text) if " > " in text and not _HEX.match(text) else None
        is_packet = begins or waiting or (not is_timed and _is_alone(text, found))
        row = _packet(line, at, on, found) if found and is_packet else None
        if row:
            if waiting:
                lines.part()
            if not is_timed:
                given.assume("packets without a time were captured when the file was written")
            waiting = False
            yield row
        elif begins and (arp := _ARP.search(text)) and (mac := canonical_mac(_full(arp["mac"]))):
            if ip := address(arp["ip"]):
                yield Pairing(line, ip, mac, "reply", at=at)
            else:
                lines.leave_out(NAMED)
        elif begins and _NAMES.search(text) and "ethertype" not in text:
            lines.leave_out(NAMED)
        elif begins:
            waiting = True
        elif _HEX.match(text) or text[:1] in "\t " or _SAID.match(text.lower()):
            lines.part()  # bytes, details of -v, what tcpdump says of itself
        else:
            lines.strange(line, text)
    if waiting:
        lines.leave_out(OTHERS)


def _is_alone(text: str, found: re.Match[str] | None) -> bool:
    """Say whether a line is a packet (-t), and not a detail of the one above, as ICMP quotes it."""
    return bool(
        found and text[:1] not in "\t " and found.start() < 5 and _LENGTH.search(found["rest"])
    )


def _goes_back(texts: Iterable[str]) -> bool:
    """Say whether times that count from a packet before do so from the last one (-ttt).

    Those that count from the first (-ttttt) look alike, and never go back by much.
    """
    found = (_BEGIN.match(text) for text in texts)
    times = [_past(one) for one in found if one and one["since"]]
    return any(before - after > HUNDREDTH for before, after in pairwise(times))


def _past(found: re.Match[str]) -> int:
    return time_of_day(found["clock"] or "", date(1970, 1, 1), UTC) or 0


class _Clock:
    """When a packet was captured, in each form in which it may be told."""

    def __init__(self, given: Given, *, is_delta: bool) -> None:
        self._given = given
        self._is_delta = is_delta  # times count from the packet before
        self._since_first = 0
        self._days = DayClock(given)

    def moment(self, found: re.Match[str]) -> int:
        if found["epoch"]:
            return epoch_time(found["epoch"]) or self._given.written
        if found["since"]:
            self._given.assume(
                "its times count from a packet before: from the file's own time on (or: --began)"
            )
            past = _past(found)
            self._since_first = self._since_first + past if self._is_delta else past
            return (self._given.began or self._given.written) + self._since_first
        if found["date"]:
            at = log_time(f"{found['date']} {found['clock']}", self._given.zone)
            return self._given.written if at is None else at
        return self._days.moment(found["clock"])


def _packet(line: int, at: int, on: str, found: re.Match[str]) -> Traffic | None:
    ends = _ends(found)
    if ends is None:
        return None
    (source, source_port), (destination, destination_port) = ends
    rest = found["rest"]
    length = _LENGTH.search(rest)
    if tunnel := next((name for word, name in TUNNELS if rest.startswith(word)), ""):
        rest = ""  # what stands there is of the packet inside
    told = _FLAGS.search(rest) or _OLD_FLAGS.match(rest)
    flags = told[1] if told else ""
    if tunnel:
        transport = tunnel
    elif told:
        transport = "tcp"
    elif _ICMP.match(rest) or "ICMP6" in rest[:40]:
        transport = "ipv6-icmp" if ":" in destination else "icmp"
    elif source_port is not None or _UDP.match(rest):
        transport = "udp"
    else:
        word = rest.split(None, 1)[0].strip(",:").lower() if rest.split() else ""
        transport = word if word in ("igmp", "gre", "esp", "ah", "ospf", "vrrp", "pim") else "ip"
    return Traffic(
        line, at, at, transport, source, source_port, destination, destination_port,
        bytes_sent=whole(length[1]) if length else 0, packets_sent=1, is_packet=True, flags=flags,
        interface=on,
    )  # fmt: skip


def _ends(
    found: re.Match[str],
) -> tuple[tuple[str, int | None], tuple[str, int | None]] | None:
    ends = []
    for name in ("source", "destination"):
        host, port = _split(found[name])
        plain = address(host)
        if plain is None:
            return None
        if port and number(port) is None:
            port = ""  # a service's name: the address still tells
        ends.append((plain, number(port)))
    return ends[0], ends[1]


def _split(text: str) -> tuple[str, str]:
    """The port stands behind the last point: 192.0.2.1.443, 2001:db8::1.443."""
    host, point, port = text.rpartition(".")
    if point and (":" in host or host.count(".") == 3):
        return host, port
    return text, ""


def _full(mac: str) -> str:
    return ":".join(part.zfill(2) for part in mac.split(":"))
