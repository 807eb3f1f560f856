"""“show conn” of Cisco ASA, PIX and Firepower."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Lines, by_row, kind
from whence.inquiry.imports._sessions import session, table_time
from whence.model.reported import Traffic

_IP = r"\d{1,3}(?:\.\d{1,3}){3}"


def _end(name: str) -> str:
    return (
        rf"[\w.-]+?(?::\s*|\s+)(?P<{name}>{_IP})(?:\([^()]*\))?[:/](?P<{name}_port>\d+)"
        r"(?:\s*\([^()]*\))?"
    )


_ROW = re.compile(
    rf"\s*(?P<protocol>TCP|UDP|ICMP|SCTP|GRE|ESP)\s+{_end('first')}\s+{_end('second')}"
    r"(?P<rest>,.*)"
)
_MORE = re.compile(r"\s+(?:flags|idle|uptime|timeout|bytes|Initiator|Connection)\b.*")
_FLAGS = re.compile(r"\bflags\s+(?P<flags>[A-Za-z0-9-]+)")
_INITIATOR = re.compile(rf"\bInitiator: (?P<ip>{_IP})(?!\S*\d)")  # Firepower, with detail
_BESIDE = re.compile(r"\s*(?:\d+ in use, \d+ most used.*|Inspect Snort:.*|preserve-connection:.*)")
UP = "U"
FROM_OUTSIDE = "B"  # before 9.13: the first SYN came from outside
WELL_KNOWN = 1024  # ports below are of servers


@kind(by_row(0.95, _ROW))
def asa_connections(lines: Lines, given: Given) -> Iterator[Traffic]:
    """Connections through Cisco ASA, PIX and Firepower, by “show conn”, also with detail.

    The second end of a row is who called, unless its port is that of a server, a flag says
    otherwise, or the initiator is named. How many bytes each end sent is not told. Rows of IPv6 are
    not understood.
    """
    waiting: tuple[int, str] | None = None  # a row that goes on in the next line
    for number, text in lines:
        if waiting and _MORE.match(text):
            lines.part()
            waiting = waiting[0], f"{waiting[1]} {text.strip()}"
            continue
        if waiting:
            yield from _read(lines, given, *waiting)
            waiting = None
        if _ROW.fullmatch(text):
            waiting = number, text
        elif _BESIDE.fullmatch(text) or _MORE.match(text):
            lines.part()
        elif text.strip():
            lines.strange(number, text)
    if waiting:
        yield from _read(lines, given, *waiting)


def _read(lines: Lines, given: Given, number: int, text: str) -> Iterator[Traffic]:
    found = _ROW.fullmatch(text[:4000])
    if found is None:
        lines.strange(number, text)
        return
    told = _FLAGS.search(found["rest"])
    flags = told["flags"].strip("-") if told else ""
    first, second = ((found[name], found[f"{name}_port"]) for name in ("first", "second"))
    initiator = _INITIATOR.search(found["rest"])
    if initiator:
        is_first = initiator["ip"] == first[0] != second[0]
    else:
        is_first = _is_called_by_first(int(first[1][:6]), int(second[1][:6]), flags)
        given.assume("who called is told by the order of the ends, their ports and flags")
    if is_first:
        first, second = second, first
    answered = None
    if found["protocol"] == "TCP" and told:
        answered = UP in flags
    row = session(
        number, table_time(given), found["protocol"], second, first, state=flags, answered=answered
    )
    if row:
        yield row
    else:
        lines.strange(number, text)


def _is_called_by_first(first: int, second: int, flags: str) -> bool:
    return second < first and (second < WELL_KNOWN <= first or FROM_OUTSIDE in flags)
