"""pfctl(8) -s states of OpenBSD, FreeBSD, pfSense and OPNsense."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from whence.inquiry.imports._declare import Given, Lines, by_row, kind
from whence.inquiry.imports._ends import whole
from whence.inquiry.imports._sessions import Once, session, table_time
from whence.model.reported import Traffic

_SIX = r"[0-9A-Fa-f:.]{0,45}:[0-9A-Fa-f:.]{0,45}(?:%\w{1,15})?(?:\[\d{1,5}\])?"
_END = rf"(?:[\d.]{{1,15}}(?::\d{{1,5}})?|{_SIX})"
_ROW = re.compile(
    rf"\s*(?P<interface>[\w.*-]+)\s+(?P<protocol>[a-z][a-z0-9-]*|\d+)\s+(?P<left>{_END})"
    rf"(?:\s+\((?P<left_before>{_END})\))?\s+(?P<way>->|<-)\s+(?P<right>{_END})"
    rf"(?:\s+\((?P<right_before>{_END})\))?\s+(?P<state>[A-Z0-9_]+:[A-Z0-9_]+)\s*"
)
_AGE = re.compile(r"\s+age (?P<hours>\d+):(?P<minutes>\d\d):(?P<seconds>\d\d),.*")
_COUNTS = re.compile(r"(?P<sent>\d+):(?P<back>\d+) pkts, (?P<bytes>\d+):(?P<bytes_back>\d+) bytes")
NOTHING = ("CLOSED", "NO_TRAFFIC")  # state of an end that has not answered


@kind(by_row(0.95, _ROW))
def pf_states(lines: Lines, given: Given) -> Iterator[Traffic]:
    """Connections through pf, by pfctl -ss, also with -v and -vv: OpenBSD, FreeBSD, pfSense.

    The ends are those before NAT. A connection that was let in on one interface and out on another
    is told once.
    """
    once = Once()
    row: Traffic | None = None
    for number, text in lines:
        if found := _ROW.fullmatch(text):
            if row:
                yield row
            row = _read(number, found, table_time(given))
            if row is None:
                lines.strange(number, text)
            elif not once.is_new(row):
                lines.part()
                row = None
        elif text[:1].isspace() and text.strip():
            row = _with_counts(row, text) if row else None
            lines.part()
        elif text.strip():
            lines.strange(number, text)
    if row:
        yield row


def _read(number: int, found: re.Match[str], at: int) -> Traffic | None:
    """Left of an arrow that points left is who was called."""
    left, right = (_split(found[f"{side}_before"] or found[side]) for side in ("left", "right"))
    source, destination = (left, right) if found["way"] == "->" else (right, left)
    state = found["state"]
    answered = None  # ICMP has no states
    if state != "0:0":
        answered = not any(part in NOTHING for part in state.split(":"))
    return session(
        number, at, found["protocol"], source, destination, state=state, answered=answered
    )


def _with_counts(row: Traffic, text: str) -> Traffic:
    """Put to it what -v tells below: how old it is, and how much was sent."""
    if age := _AGE.fullmatch(text):
        hours, minutes, seconds = (int(age[part][:6]) for part in ("hours", "minutes", "seconds"))
        past = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000
        row = msgspec.structs.replace(row, first=row.last - past)
    if counts := _COUNTS.search(text):
        row = msgspec.structs.replace(
            row,
            packets_sent=whole(counts["sent"]),
            packets_received=whole(counts["back"]),
            bytes_sent=whole(counts["bytes"]),
            bytes_received=whole(counts["bytes_back"]),
        )
    return row


def _split(text: str) -> tuple[str, str | None]:
    """Ports of IPv4 stand behind a colon, those of IPv6 in brackets."""
    if text.count(":") > 1:
        host, _, port = text.partition("[")
        return host, port.rstrip("]") or None
    host, _, port = text.partition(":")
    return host, port or None
