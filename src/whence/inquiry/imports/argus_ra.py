"""Flows of argus, as ra prints them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from whence.inquiry.imports._day_clock import DayClock
from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address, number, whole
from whence.inquiry.imports._look_times import epoch_time, log_time
from whence.inquiry.imports._sessions import WITHOUT_PORTS, transport_of
from whence.inquiry.imports._titles import below_titles
from whence.model.reported import Traffic

NEEDED = frozenset({"starttime", "proto", "srcaddr", "dir", "dstaddr"})
OTHERS = "records that are not of IP (arp, llc, and what argus says of itself)"
PROTOCOLS_CUT = {"ipv6-*": "ipv6-icmp"}  # there is no other that is named so
CUT = "flows with an address or protocol that ra cut short (ra -L0 -n -c ,)"
NAMED = "flows with a name in place of an address or port (ra without -n)"
UNSURE = "where ra writes ? or nothing of who called, it is taken to be the end it names first"
TOGETHER = (
    "ra tells what both ends sent together: it is counted as sent by who called"
    " (or: ra -s +spkts,dpkts,sbytes,dbytes)"
)
_TIME = (
    r"(?P<starttime>(?:\d{4}[-/]\d\d[-/]\d\d[T .])?\d\d:\d\d:\d\d(?:\.\d{1,9})?"
    r"|\d{9,11}(?:\.\d{1,9})?)"
)
_ROW = re.compile(
    rf"\s*{_TIME}\s+(?P<flgs>\S(?:.{{0,10}}\S)?\s+)??(?P<proto>[\w*-]+)\s+(?P<srcaddr>\S+)"
    r"\s+(?P<dir><?[-?|o]>?|<\?>|who)\s+(?P<dstaddr>\S+)"
    r"\s+(?P<totpkts>\d+)\s+(?P<totbytes>\d+)(?:\s+(?P<state>\S+))?\s*"
)
UNANSWERED, ANSWERED = ("REQ", "INT", "TIM"), ("CON", "FIN", "EST", "ACC", "CLO")
NOT_IP = ("arp", "rarp", "man", "llc", "lldp", "ether", "stp", "isis", "eapol", "802.1")


def _looks_like(head: Head) -> float:
    return 0.96 if any(_columns(line) for line in head.lines[:40]) else 0.0


@kind(_looks_like)
def argus_ra(lines: Lines, given: Given) -> Iterator[Traffic]:
    """Flows of argus, by ra -n, with its titles: as it prints them, or with -c, for CSV.

    Where it was told to print other columns (-s), only CSV is understood. A flow is called
    unanswered in the states REQ and INT. ra writes times in the zone of its machine: --zone says
    which; and without a date, unless its settings say otherwise: --date.
    """
    clock = DayClock(given)
    for line, columns, text in below_titles(lines, _columns):
        told = _told(columns, text)
        row = _row(line, told, given, clock) if told else None
        if isinstance(row, Traffic):
            yield row
        elif row:
            lines.leave_out(row)
        else:
            lines.strange(line, text)


def _columns(text: str) -> list[str]:
    """Give the names of the titles; nothing where the line has none."""
    if "StartTime" not in text:
        return []
    names = [name.strip().lower() for name in re.split(r"[,;|]" if "," in text else r"\s+", text)]
    names = [name for name in names if name or "," in text]
    return names if {*names} >= NEEDED else []


def _told(columns: list[str], text: str) -> dict[str, str] | None:
    if "," in text:
        values = [value.strip() for value in text.split(",")]
        if not columns or len(values) < len(columns):
            return None
        return dict(zip(columns, values, strict=False))
    found = _ROW.fullmatch(text) if columns else None
    if found is None:
        return None
    told = {name: value or "" for name, value in found.groupdict().items()}
    for end, port in (("srcaddr", "sport"), ("dstaddr", "dport")):
        told[end], told[port] = _split(told[end])
    return told


def _split(text: str) -> tuple[str, str]:
    """The port stands behind the last point: 192.0.2.1.443, 2001:db8::1.443."""
    host, point, port = text.rpartition(".")
    return (host, port) if point and (":" in host or host.count(".") == 3) else (text, "")


def _row(line: int, told: Mapping[str, str], given: Given, clock: DayClock) -> Traffic | str | None:
    """Make a row, or say why it is left out; None where it is not understood."""
    transport = transport_of(PROTOCOLS_CUT.get(told["proto"], told["proto"]))
    if transport.startswith(NOT_IP) or told["dir"] == "who":
        return OTHERS
    first = _moment(told["starttime"], given, clock)
    ends = [(told["srcaddr"], told.get("sport", "")), (told["dstaddr"], told.get("dport", ""))]
    if first is None or not told["dir"]:
        return None
    if "*" in transport or any("*" in host or "*" in port for host, port in ends):
        return CUT
    hosts = [address(host) for host, _ in ends]
    has_ports = transport not in WITHOUT_PORTS
    ports = [number(port) if has_ports else None for _, port in ends]
    if transport == "icmp" and ":" in ends[0][0]:
        transport = "ipv6-icmp"
    named = has_ports and any(
        port is None and told_port for port, (_, told_port) in zip(ports, ends, strict=True)
    )
    if hosts[0] is None or hosts[1] is None or named:
        is_named = all(re.fullmatch(r"[\w.:-]+", host) for host, _ in ends)
        return NAMED if is_named else None
    sent, received = _counts(told, given)
    way = told["dir"]
    if "?" in way or not {"<", ">"} & {*way}:
        given.assume(UNSURE)
    source, destination = (hosts[0], ports[0]), (hosts[1], ports[1])
    if way.startswith("<") and not way.endswith(">") and "?" not in way:
        source, destination, sent, received = destination, source, received, sent
    state = told.get("state", "")
    return Traffic(
        line, first, first + (epoch_time(told.get("dur", "")) or 0), transport,
        *source, *destination, sent[0], sent[1], received[0], received[1],
        state=state, answered=_answered(state),
    )  # fmt: skip


def _moment(text: str, given: Given, clock: DayClock) -> int | None:
    if (at := epoch_time(text)) is not None:
        return at
    if len(text) > 15 and text[4] in "-/":
        day = text[:10].replace("/", "-")
        return log_time(f"{day} {text[11:26]}", given.zone)
    return clock.moment(text[:15]) if text[2:3] == ":" else None


def _counts(told: Mapping[str, str], given: Given) -> tuple[tuple[int, int], tuple[int, int]]:
    """Give bytes and packets of both ends."""
    counts: list[tuple[int, int]] = []
    for what in ("bytes", "pkts"):
        total, first = whole(told.get(f"tot{what}", "")), told.get(f"src{what}", "")
        second = told.get(f"dst{what}", "")
        if second or first:
            sent = whole(first) if first else max(total - whole(second), 0)
            counts.append((sent, whole(second) if second else max(total - sent, 0)))
        else:
            if total:
                given.assume(TOGETHER)
            counts.append((total, 0))
    (sent, received), (packets_sent, packets_received) = counts
    return (sent, packets_sent), (received, packets_received)


def _answered(state: str) -> bool | None:
    """Read a state: a word, or the flags of both ends, as S_RA."""
    if state in UNANSWERED or (state in ANSWERED):
        return state in ANSWERED
    _, between, back = state.partition("_")
    return bool(back) if between else None
