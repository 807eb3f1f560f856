"""nfdump -o line, long and extended: what it prints unless told otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address
from whence.inquiry.imports.nfdump_csv import flow_of
from whence.model.reported import Traffic

# 192.0.2.1:443 and 2001:db8::1.443; the port of ICMP is its type and code, as 8.0
_END = (
    r"(?P<{0}>[\d.]{{1,15}}(?=:)|[0-9A-Fa-f:]{{0,45}}:[0-9A-Fa-f:]{{0,45}}(?:(?:\.\d{{1,3}}){{3}})?"
    r"|\S{{1,45}}\.\.\S{{1,45}}?)"
    r"[:.](?P<{0}_port>\d+(?:\.\d+)?)"
)
_ROW = re.compile(
    r"(?P<first>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3})\s+(?P<duration>\d+(?:\.\d+|:\d\d:\d\d\.\d+))"
    rf"\s+(?P<protocol>\S+)\s+{_END.format('source')}\s+->\s+{_END.format('destination')}"
    r"\s+(?P<rest>.*)"
)
_NUMBER = r"(\d+(?:\.\d+)?(?: [KMGT])?)"
_COUNTS = re.compile(
    rf"(?:(?P<flags>[A-Z.]{{6,8}}|0x[0-9a-f]+)\s+\d+\s+)?{_NUMBER}\s+{_NUMBER}\s.*"
)
_HEADING = re.compile(r"Date (?:first seen|flow start)\s.*")
_SUMMARY = re.compile(
    r"(?:Summary: |Time window: |Total flows |Sys: |Blocks skipped|IP addresses anonymised"
    r"|Aggregated flows |Top \d+ |No match).*"
)


def _looks_like(head: Head) -> float:
    lines = head.lines
    if lines and _HEADING.fullmatch(lines[0]):
        return 0.97
    return 0.9 if any(_ROW.fullmatch(line) for line in lines) else 0.0


@kind(_looks_like)
def nfdump_text(lines: Lines, given: Given) -> Iterator[Traffic]:
    """Flows by nfdump as it prints them: -o line, long and extended.

    nfdump writes times in the zone of the machine it runs on: --zone says which. Addresses that
    it cut short (without -6) are not understood.
    """
    for line, text in lines:
        found = _ROW.fullmatch(text)
        counts = _COUNTS.fullmatch(f"{found['rest']} ") if found else None
        if found and counts:
            told = found.groupdict()
            told["packets"], told["bytes"] = counts[2], counts[3]
            told["flags"] = counts["flags"] or ""
            told["source"], told["destination"] = (
                told[name] if address(told[name]) else "" for name in ("source", "destination")
            )
            if row := flow_of(line, told, given.zone):
                yield row
                continue
        if _HEADING.fullmatch(text) or _SUMMARY.fullmatch(text):
            lines.part()
        elif text.strip():
            lines.strange(line, text)
