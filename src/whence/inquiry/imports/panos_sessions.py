"""“show session all” of Palo Alto."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Lines, by_row, kind
from whence.inquiry.imports._sessions import IP, session, table_time
from whence.model.reported import Traffic

_FROM = re.compile(
    r"\s*\d+\s+\S+\s+(?P<state>[A-Z]+)\s+[A-Z]+\s+(?:[A-Z*!]+\s+)?"
    rf"(?P<source>{IP})\[(?P<source_port>\d+)\]/[^/\s]+/(?P<protocol>\d+)(?:\s.*)?"
)
_TO = re.compile(
    rf"\s*vsys\d+\s+(?P<destination>{IP})\[(?P<destination_port>\d+)\](?:/\S+)?(?:\s.*)?"
)
_BESIDE = re.compile(r"\s*(?:-{5,}|ID\s+Application\s.*|Vsys\s+Dst\[.*|No Active Sessions)\s*")
DISCARDED = "DISCARD"


@kind(by_row(0.95, _FROM))
def panos_sessions(lines: Lines, given: Given) -> Iterator[Traffic]:
    """Connections through Palo Alto firewalls, by “show session all”.

    The ends are those that the caller named, before NAT. There are no times in it: --began says
    when it was asked for.
    """
    begun: tuple[int, str, re.Match[str]] | None = None  # it waits for its other end
    for number, text in lines:
        if begun and (found := _TO.fullmatch(text)):
            row = _read(begun[0], begun[2], found, table_time(given))
            if row:
                lines.part()
                yield row
                begun = None
                continue
        if begun:
            lines.strange(*begun[:2])
            begun = None
        if found := _FROM.fullmatch(text):
            begun = number, text, found
        elif _BESIDE.fullmatch(text):
            lines.part()
        elif text.strip():
            lines.strange(number, text)
    if begun:
        lines.strange(*begun[:2])


def _read(number: int, found: re.Match[str], other: re.Match[str], at: int) -> Traffic | None:
    return session(
        number, at, found["protocol"], (found["source"], found["source_port"]),
        (other["destination"], other["destination_port"]), state=found["state"],
        answered=False if found["state"] == DISCARDED else None,
    )  # fmt: skip
