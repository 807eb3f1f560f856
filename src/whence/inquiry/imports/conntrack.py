"""conntrack(8) of Linux, and /proc/net/nf_conntrack."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from whence.inquiry.imports._declare import Given, Lines, by_row, kind
from whence.inquiry.imports._ends import whole
from whence.inquiry.imports._look_times import epoch_time
from whence.inquiry.imports._sessions import connection_of, session, table_time
from whence.model.reported import Traffic

_ROW = re.compile(
    r"\s*(?:\[(?P<time>\d{9,11}\.\d{1,9})\s*\]\s*)?(?:\[\s*(?P<event>NEW|UPDATE|DESTROY)\]\s+)?"
    r"(?:ipv[46]\s+\d+\s+)?(?P<protocol>[a-z][a-z0-9-]*)\s+(?P<number>\d{1,3})\s+"
    r"(?:\d+\s+)?(?:(?P<state>[A-Z][A-Z_0-9]*)\s+)?(?P<rest>src=\S+\s+dst=\S+\s.*)"
)
_PAIR = re.compile(r"\b(\w+)=(\S+)")
_SAID = re.compile(r"conntrack v[\d.]+ .*")
UNREPLIED = "[UNREPLIED]"
MOST = 200_000  # connections that events began, which wait for their end


@kind(by_row(0.95, _ROW))
def conntrack(lines: Lines, given: Given) -> Iterator[Traffic]:
    """Connections through a Linux router, by conntrack -L or -E, and /proc/net/nf_conntrack.

    The ends are those that the caller named, before NAT. The events of one connection (-E) are told
    once; -o timestamp tells their time, else they are as old as the file. Bytes and packets are
    counted where net.netfilter.nf_conntrack_acct is on.
    """
    begun: dict[tuple[object, ...], Traffic] = {}
    for number, text in lines:
        found = _ROW.fullmatch(text)
        row = _read(number, found, given) if found else None
        if found and row:
            event = found["event"]
            if not event:
                yield row
                continue
            key = connection_of(row)
            before = begun.pop(key, None) if event != "NEW" else None
            if before:
                lines.part()
                row = _joined(before, row)
            if event == "DESTROY":
                yield row
                continue
            if older := begun.pop(key, None):
                yield older
            begun[key] = row
            if len(begun) > MOST:
                yield begun.pop(next(iter(begun)))
        elif _SAID.fullmatch(text):
            lines.part()
        elif text.strip():
            lines.strange(number, text)
    yield from begun.values()


def _joined(before: Traffic, row: Traffic) -> Traffic:
    """Put a later event to those before: counts stand in the last."""
    return msgspec.structs.replace(
        row,
        line=before.line,
        first=min(before.first, row.first),
        last=max(before.last, row.last),
        state=row.state or before.state,
        answered=before.answered or row.answered,
    )


def _read(number: int, found: re.Match[str], given: Given) -> Traffic | None:
    there: dict[str, str] = {}
    back: dict[str, str] = {}
    for name, value in _PAIR.findall(found["rest"]):
        told = back if name in there and (name == "src" or back) else there
        told.setdefault(name, value)
    at = epoch_time(found["time"]) if found["time"] else None
    protocol = found["protocol"] if found["protocol"] != "unknown" else found["number"]
    row = session(
        number, table_time(given) if at is None else at, protocol,
        (there["src"], there.get("sport")), (there["dst"], there.get("dport")),
        state=found["state"] or "", answered=UNREPLIED not in found["rest"],
    )  # fmt: skip
    if row is None:
        return None
    return msgspec.structs.replace(
        row,
        bytes_sent=whole(there.get("bytes", "")),
        packets_sent=whole(there.get("packets", "")),
        bytes_received=whole(back.get("bytes", "")),
        packets_received=whole(back.get("packets", "")),
    )
