"""Zeek's conn.log: columns with a heading, or JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC

import msgspec

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address, number, whole
from whence.inquiry.imports._look_times import epoch_time, log_time
from whence.model.reported import Traffic

NEEDED = ("ts", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto")
NO_ANSWER = frozenset({"S0", "SH", "REJ", "RSTOS0"})
ANSWERED = frozenset({"S1", "SF", "S2", "S3", "RSTO", "RSTR"})
_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})")


def _looks_like(head: Head) -> float:
    for line in head.lines[:40]:
        if line.startswith("#fields") and "id.orig_h" in line and "proto" in line:
            return 1.0
        if line.startswith("{") and '"id.orig_h"' in line and '"conn_state"' in line:
            return 1.0
    return 0.0


@kind(_looks_like, longest=1 << 20)
def zeek_conn(lines: Lines, given: Given) -> Iterator[Traffic]:
    """Zeek's conn.log, with columns in any order, or as JSON.

    A connection is called unanswered in the states S0, SH, REJ and RSTOS0, and where one of a
    protocol without states had no packet back. Other logs of Zeek are left out.
    """
    columns = _Columns()
    decode = msgspec.json.Decoder().decode
    for line, text in lines:
        if text.startswith("#"):
            columns.learn(text)
            lines.part()
        elif text.startswith("{"):
            try:
                told = decode(text)
            except (msgspec.DecodeError, RecursionError):
                told = None
            row = _row(line, {k: _word(v) for k, v in told.items()}) if _is_map(told) else None
            if row:
                yield row
            else:
                lines.strange(line, text)
        elif text and not text.isspace():
            told = columns.split(text)
            row = _row(line, told) if told else None
            if row:
                yield row
            elif told is None and columns.foreign:
                lines.leave_out("lines of other logs of Zeek")
            else:
                lines.strange(line, text)


class _Columns:
    """What the heading says: it may come again, with other columns, where logs were joined."""

    def __init__(self) -> None:
        self._separator = "\t"
        self._unset, self._empty = "-", "(empty)"
        self._names: list[str] = []
        self.foreign = False

    def learn(self, text: str) -> None:
        """Read a line of the heading."""
        if text.startswith("#separator "):
            self._separator = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text[11:]) or "\t"
            return
        name, _, value = text[1:].partition(self._separator)
        if name == "unset_field":
            self._unset = value
        elif name == "empty_field":
            self._empty = value
        elif name == "fields":
            self._names = value.split(self._separator)
            self.foreign = not {*NEEDED} <= {*self._names}

    def split(self, text: str) -> dict[str, str] | None:
        """Give what is set, by the names of the columns."""
        values = text.split(self._separator)
        if self.foreign or len(values) != len(self._names):
            return None
        unset, empty = self._unset, self._empty
        return {
            name: value
            for name, value in zip(self._names, values, strict=True)
            if value not in (unset, empty)
        }


def _is_map(told: object) -> bool:
    return isinstance(told, dict)


def _word(value: object) -> str:
    return value if isinstance(value, str) else str(value) if value is not None else ""


def _row(line: int, told: Mapping[str, str]) -> Traffic | None:
    get = told.get
    stamp = get("ts", "")
    first = epoch_time(stamp)
    if first is None:
        first = log_time(stamp, UTC)
    source, destination = address(get("id.orig_h", "")), address(get("id.resp_h", ""))
    transport = get("proto", "")
    if first is None or source is None or destination is None or not transport:
        return None
    icmp = transport == "icmp"
    state = get("conn_state", "")
    back = whole(get("resp_pkts", ""))
    answered = state in ANSWERED or (back > 0 if state not in NO_ANSWER else False)
    return Traffic(
        line,
        first,
        first + (epoch_time(get("duration", "")) or 0),
        "ipv6-icmp" if icmp and ":" in source else transport,
        source,
        None if icmp else number(get("id.orig_p")),
        destination,
        None if icmp else number(get("id.resp_p")),
        whole(get("orig_ip_bytes", "") or get("orig_bytes", "")),
        whole(get("orig_pkts", "")),
        whole(get("resp_ip_bytes", "") or get("resp_bytes", "")),
        back,
        state,
        answered if state or back else None,
        application=get("service", ""),
    )
