"""“diagnose sys session list” and “get system session list” of FortiGate."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from whence.inquiry.imports._declare import Given, Lines, by_row, kind
from whence.inquiry.imports._ends import whole
from whence.inquiry.imports._sessions import IP, named_ends, session, table_time
from whence.model.reported import Traffic

_BEGIN = re.compile(
    r"session6? info: proto=(?P<protocol>\d+) proto_state=(?P<state>\w+) duration=(?P<age>\d+)\s.*"
)
_COUNTS = re.compile(
    r"statistic\(\S+\): org=(?P<sent>\d+)/(?P<packets>\d+)/\S+ reply=(?P<received>\d+)/"
    r"(?P<packets_back>\d+)/.*"
)
_ENDS = re.compile(
    rf"hook=\S+ dir=org act=\S+ (?P<source>{IP}):(?P<source_port>\d+)->"
    rf"(?P<destination>{IP}):(?P<destination_port>\d+)\(.*"
)
_SHORT = re.compile(
    rf"\s*(?P<protocol>[a-z]+|\d+)\s+\d+\s+(?P<source>{IP}):(?P<source_port>\d+)\s+(?:-|\S+:\d+)\s+"
    rf"(?P<destination>{IP}):(?P<destination_port>\d+)\s+(?:-|\S+:\d+)\s*"
)
_BESIDE = re.compile(r"\s*(?:total session6? \d+|PROTO\s+EXPIRE\s.*)\s*")
_MORE = re.compile(r"\s*(?:[\w()/<>:-]+(?:[ ,]+[\w()/<>:-]+)*,*[=:]|pos/).*")  # of a session


@kind(by_row(0.92, _BEGIN, _SHORT))
def fortigate_sessions(lines: Lines, given: Given) -> Iterator[Traffic]:
    """Connections through FortiGate, by “diagnose sys session list” and “get system session list”.

    The ends are those that the caller named, before NAT. It tells how old each is: --began says
    when it was asked for.
    """
    begun: re.Match[str] | None = None
    counts: re.Match[str] | None = None
    for number, text in lines:
        row: Traffic | None = None
        if found := _BEGIN.fullmatch(text):
            begun, counts = found, None
            lines.part()
            continue
        if found := _SHORT.fullmatch(text):
            row = _read(number, found, found["protocol"], table_time(given))
        elif begun and (found := _ENDS.fullmatch(text)):
            age = whole(begun["age"][:9]) * 1_000_000
            row = _read(number, found, begun["protocol"], table_time(given), age)
            row = _counted(row, counts) if row and counts else row
            begun = None if row else begun
        if row:
            yield row
        elif found := _COUNTS.fullmatch(text):
            counts = found
            lines.part()
        elif _BESIDE.fullmatch(text) or _MORE.fullmatch(text):
            lines.part()
        elif text.strip():
            lines.strange(number, text)


def _read(
    number: int, found: re.Match[str], protocol: str, at: int, age: int = 0
) -> Traffic | None:
    return session(number, at, protocol, *named_ends(found), age=age)


def _counted(row: Traffic, counts: re.Match[str]) -> Traffic:
    back = whole(counts["packets_back"])
    return msgspec.structs.replace(
        row,
        bytes_sent=whole(counts["sent"]),
        packets_sent=whole(counts["packets"]),
        bytes_received=whole(counts["received"]),
        packets_received=back,
        answered=back > 0,
    )
