"""“show security flow session” of Juniper SRX."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from whence.inquiry.imports._declare import Given, Lines, by_row, kind
from whence.inquiry.imports._ends import whole
from whence.inquiry.imports._sessions import IP, named_ends, session, table_time
from whence.model.reported import Traffic

_WAY = re.compile(
    rf"\s*(?P<way>In|Out): (?P<source>{IP})/(?P<source_port>\d+) --> (?P<destination>{IP})/"
    r"(?P<destination_port>\d+);(?P<protocol>[\w-]+),?(?P<rest>.*)"
)
_COUNTS = re.compile(r"Pkts: (?P<packets>\d+), Bytes: (?P<bytes>\d+)")
_BESIDE = re.compile(
    r"\s*(?:Session ID: \d+, .*|Total sessions: \d+.*|Flow Sessions on .*|node\d+:)"
)


@kind(by_row(0.95, _WAY))
def junos_sessions(lines: Lines, given: Given) -> Iterator[Traffic]:
    """Connections through Juniper SRX, by “show security flow session”.

    The ends are those that the caller named, before NAT. There are no times in it: --began says
    when it was asked for.
    """
    row: Traffic | None = None  # it waits for its way back
    for number, text in lines:
        found = _WAY.fullmatch(text)
        if row and not (found and found["way"] == "Out"):
            yield row
            row = None
        if found and found["way"] == "In":
            row = _begun(number, found, table_time(given))
            if row is None:
                lines.strange(number, text)
        elif found and row:
            sent, packets = _counts(found)
            yield msgspec.structs.replace(
                row, bytes_received=sent, packets_received=packets, answered=packets > 0
            )
            row = None
            lines.part()
        elif _BESIDE.fullmatch(text):
            lines.part()
        elif text.strip():
            lines.strange(number, text)
    if row:
        yield row


def _begun(number: int, found: re.Match[str], at: int) -> Traffic | None:
    row = session(number, at, found["protocol"], *named_ends(found))
    sent, packets = _counts(found)
    return msgspec.structs.replace(row, bytes_sent=sent, packets_sent=packets) if row else None


def _counts(found: re.Match[str]) -> tuple[int, int]:
    counts = _COUNTS.search(found["rest"])
    return (whole(counts["bytes"]), whole(counts["packets"])) if counts else (0, 0)
