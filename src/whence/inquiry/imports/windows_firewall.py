"""Windows Firewall's pfirewall.log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, tzinfo

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address, number, whole
from whence.inquiry.imports._look_times import log_time
from whence.model.reported import Started, Traffic

FIELDS = (
    "date", "time", "action", "protocol", "src-ip", "dst-ip", "src-port", "dst-port", "size",
    "tcpflags", "tcpsyn", "tcpack", "tcpwin", "icmptype", "icmpcode", "info", "path", "pid",
)  # fmt: skip
TAKEN = ("ALLOW", "DROP", "OPEN", "CLOSE", "OPEN-INBOUND")


def _looks_like(head: Head) -> float:
    text = head.text[:4000]
    return 0.97 if "Windows Firewall" in text and "#Fields:" in text else 0.0


@kind(_looks_like)
def windows_firewall(lines: Lines, given: Given) -> Iterator[Traffic]:
    """Windows Firewall's pfirewall.log.

    Its times are local unless its heading says otherwise: --zone says which zone that is.
    """
    names: list[str] = [*FIELDS]
    zone: tzinfo | None = None
    for line, text in lines:
        if text.startswith("#"):
            lines.part()
            if text.startswith("#Fields:"):
                names = text[8:].split()
            elif text.startswith("#Time Format:"):
                zone = None if "ocal" in text else UTC
        elif text.strip():
            told = dict(zip(names, text.split(" "), strict=False))
            if row := _read(line, told, zone or given.zone):
                yield row
            elif told.get("action") == "INFO-EVENTS-LOST":
                lines.leave_out("lines that tell of events that the firewall lost")
            else:
                lines.strange(line, text)


def _read(line: int, told: dict[str, str], zone: tzinfo) -> Traffic | None:
    at = log_time(f"{told.get('date', '')} {told.get('time', '')}", zone)
    source, destination = address(told.get("src-ip", "")), address(told.get("dst-ip", ""))
    action = told.get("action", "")
    if at is None or source is None or destination is None or action not in TAKEN:
        return None
    way, transport = told.get("path", ""), told.get("protocol", "").lower()
    size, pid = whole(told.get("size", "")), whole(told.get("pid", "")[:9])
    return Traffic(
        line, at, at,
        {"icmpv6": "ipv6-icmp"}.get(transport, transport) or "ip",
        source, number(told.get("src-port")), destination, number(told.get("dst-port")),
        bytes_sent=size, packets_sent=1 if size else 0,
        is_packet=True, state=action, action=action.lower(),
        incoming=way == "RECEIVE" if way in ("SEND", "RECEIVE") else None,
        process=Started(line, at, "", pid, "", only_met=True) if pid else None,
    )  # fmt: skip
