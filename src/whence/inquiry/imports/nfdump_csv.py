"""nfdump -o csv, of old and new versions."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import tzinfo

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address, number, whole
from whence.inquiry.imports._look_times import epoch_time, log_time
from whence.model.reported import Traffic

# Old names (to 1.7.4), those of `-o fmt`, and new names (csv, csv-fast): the field.
COLUMNS = {
    "ts": "first", "firstseen": "first", "tstart": "first", "first": "first",
    "te": "last", "lastseen": "last", "tend": "last", "last": "last",
    "td": "duration", "duration": "duration",
    "pr": "protocol", "proto": "protocol", "protocol": "protocol",
    "sa": "source", "srcaddr": "source", "srcip": "source",
    "da": "destination", "dstaddr": "destination", "dstip": "destination",
    "sp": "source_port", "srcport": "source_port",
    "dp": "destination_port", "dstport": "destination_port",
    "ipkt": "packets", "pkt": "packets", "packets": "packets", "inpackets": "packets",
    "ibyt": "bytes", "byt": "bytes", "bytes": "bytes", "inbytes": "bytes",
    "opkt": "packets_back", "outpackets": "packets_back",
    "obyt": "bytes_back", "outbytes": "bytes_back",
    "flg": "flags", "flags": "flags",
    "ra": "exporter", "exporter": "exporter",
}  # fmt: skip
PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "ipv6-icmp", "icmp6": "ipv6-icmp",
             "47": "gre", "50": "esp", "132": "sctp", "2": "igmp"}  # fmt: skip
NEEDED = {"first", "source", "destination", "protocol"}


def _looks_like(head: Head) -> float:
    return 0.97 if any(_columns(line) for line in head.lines[:40]) else 0.0


@kind(_looks_like)
def nfdump_csv(lines: Lines, given: Given) -> Iterator[Traffic]:
    """Flows by nfdump -o csv, of all versions, and by -o fmt with commas.

    The two ways of a connection, which routers tell one by one, are put together: who began called.
    nfdump writes times in the zone of the machine it runs on: --zone says which. What stands below
    “Summary” is passed over.
    """
    columns: list[str] = []
    summary = False
    for line, text in lines:
        if not text or text.isspace():
            continue
        if found := _columns(text):
            columns, summary = found, False
            lines.part()
        elif summary or text.startswith(("Summary", "#", "No matching flows", "No matched flows")):
            summary = summary or text.startswith("Summary")
            lines.part()
        elif columns and (row := _read(line, columns, text, given.zone)):
            yield row
        else:
            lines.strange(line, text)


def _columns(text: str) -> list[str]:
    """Give the fields that a heading names; nothing where the line is none."""
    if text.count(",") < 4 or len(text) > 4000:
        return []
    names = [COLUMNS.get(name.strip(" #%").lower(), "") for name in text.split(",")]
    return names if {*names} >= NEEDED else []


def _read(line: int, columns: list[str], text: str, zone: tzinfo) -> Traffic | None:
    values = next(csv.reader([text]), []) if '"' in text else text.split(",")
    if len(values) < len(columns) - 1:
        return None
    told: dict[str, str] = {}
    for name, value in zip(columns, values, strict=False):
        if name:
            told.setdefault(name, value.strip())
    return flow_of(line, told, zone)


def flow_of(line: int, told: Mapping[str, str], zone: tzinfo) -> Traffic | None:
    """Make a row of nfdump's fields; None where an end or the time is missing."""
    source, destination = address(told["source"]), address(told["destination"])
    first = moment(told["first"], zone)
    if source is None or destination is None or first is None:
        return None
    last = moment(told.get("last", ""), zone)
    if last is None:
        last = first + (epoch_time(told.get("duration", "")) or 0)
    transport = told["protocol"].lower()
    transport = PROTOCOLS.get(transport, transport)
    back = amount(told.get("packets_back", ""))
    icmp = transport in ("icmp", "ipv6-icmp")
    return Traffic(
        line,
        first,
        max(first, last),
        transport,
        source,
        None if icmp else number(told.get("source_port")),
        destination,
        None if icmp else number(told.get("destination_port")),
        amount(told.get("bytes", "")),
        amount(told.get("packets", "")),
        amount(told.get("bytes_back", "")),
        back,
        state=told.get("flags", "").strip("."),
        host=address(told.get("exporter", "")) or "",
        is_one_way=not back,
    )


def moment(text: str, zone: tzinfo) -> int | None:
    """Read a time, in words or as seconds since 1970."""
    at = epoch_time(text)
    return log_time(text, zone) if at is None else at


def amount(text: str) -> int:
    """Read a number that may be written as “1.2 M”."""
    if text.isdigit():
        return whole(text)
    value, _, unit = text.partition(" ")
    factor = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}.get(unit.strip())
    try:
        return int(float(value) * factor) if factor and len(value) < 16 else 0
    except (ValueError, OverflowError):
        return 0
