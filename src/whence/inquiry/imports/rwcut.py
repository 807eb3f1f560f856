"""rwcut of SiLK."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._titles import below_titles
from whence.inquiry.imports.nfdump_csv import flow_of
from whence.model.reported import Traffic

COLUMNS = {
    "sip": "source", "dip": "destination", "sport": "source_port", "dport": "destination_port",
    "pro": "protocol", "protocol": "protocol", "packets": "packets", "pkts": "packets",
    "bytes": "bytes", "flags": "flags", "stime": "first", "dur": "duration",
    "duration": "duration", "etime": "last",
}  # fmt: skip
NEEDED = {"source", "destination", "protocol", "first"}


def _looks_like(head: Head) -> float:
    return 0.97 if any(_columns(line) for line in head.lines[:40]) else 0.0


@kind(_looks_like)
def rwcut(lines: Lines, given: Given) -> Iterator[Traffic]:
    """Flows of SiLK, by rwcut with its titles, and any fields among which are the ends and sTime.

    SiLK tells the two ways of a connection one by one; they are put together. Its times are UTC,
    unless rwcut ran with --timestamp-format=local: --zone says which zone that is.
    """
    zone = given.told_zone or UTC
    for line, columns, text in below_titles(lines, _columns):
        values = [value.strip() for value in text.removesuffix("|").split("|")]
        row = None
        if columns and len(values) == len(columns):
            told = {name: value for name, value in zip(columns, values, strict=True) if name}
            for name in ("first", "last"):
                told[name] = told.get(name, "").replace("/", "-").replace("T", " ")
            told["flags"] = told.get("flags", "").replace(" ", "")
            row = flow_of(line, told, zone)
        if row:
            yield row
        else:
            lines.strange(line, text)


def _columns(text: str) -> list[str]:
    """Give the fields that titles name; nothing where the line has none."""
    if text.count("|") < 3:
        return []
    titles = text.removesuffix("|").split("|")
    names = [COLUMNS.get(title.strip().lower(), "") for title in titles]
    return names if {*names} >= NEEDED else []
