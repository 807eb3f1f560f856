"""Zeek's conn.log: columns with a heading, or JSON."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC

import msgspec

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address, number, whole
from whence.inquiry.imports._look_times import epoch_time, log_time
from whence.model.reported import Traffic

NEEDED = ("ts", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto")
OF_CONN = ("conn_state", "history", "orig_pkts", "orig_bytes")  # no other log has them
NO_ANSWER = frozenset({"S0", "SH", "REJ", "RSTOS0"})
ANSWERED = frozenset({"S1", "SF", "S2", "S3", "RSTO", "RSTR"})
OTHERS = "lines of other logs of Zeek"
_decode = msgspec.json.Decoder().decode
_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})")


def _looks_like(head: Head) -> float:
    for line in head.lines[:40]:
        if line.startswith("#fields") and _is_conn(line[8:].split()):
            return 1.0
        if line.startswith(("{", "[")) and any(_is_conn(told) for told in _objects(line)):
            return 1.0
    return 0.0


@kind(_looks_like, longest=1 << 20)
def zeek_conn(lines: Lines, given: Given) -> Iterator[Traffic]:
    """Zeek's conn.log, with columns in any order, or as JSON.

    A connection is called unanswered in the states S0, SH, REJ and RSTOS0, and where one of a
    protocol without states had no packet back. Other logs of Zeek are left out.
    """
    columns = _Columns()
    for line, text in lines:
        if text.startswith("#"):
            columns.learn(text)
            lines.part()
        elif text.startswith(("{", "[", "]")):
            yield from _json(lines, line, text)
        elif text and not text.isspace():
            told = columns.split(text)
            row = _row(line, told) if told else None
            if row:
                yield row
            elif told is None and columns.foreign:
                lines.leave_out(OTHERS)
            else:
                lines.strange(line, text)


def _json(lines: Lines, line: int, text: str) -> Iterator[Traffic]:
    """Read a line of JSON: an object, or a list of them, or a part of a list."""
    entries = _objects(text)
    if not entries:
        if text.strip() in ("[", "]"):
            lines.part()
        else:
            lines.strange(line, text)
        return
    lines.several(len(entries))
    for told in entries:
        row = _row(line, told) if _is_conn(told) else None
        if row:
            yield row
        elif "id.orig_h" in told and not _is_conn(told):
            lines.leave_out(OTHERS)
        else:
            lines.strange(line, text)


def _objects(text: str) -> list[dict[str, str]]:
    """Give the objects of a line as columns; none where it is no JSON."""
    try:
        told = _decode(text)
    except (msgspec.DecodeError, RecursionError):
        try:
            told = _decode(text.strip().removeprefix("[").rstrip("], "))
        except (msgspec.DecodeError, RecursionError):
            return []
    entries = told if isinstance(told, list) else [told]
    return [_flat(one) for one in entries if isinstance(one, dict)]


def _flat(told: Mapping[str, object]) -> dict[str, str]:
    """Name what is within another thing by both: newer versions may nest the ends in `id`."""
    flat: dict[str, str] = {}
    for name, value in told.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": _word(one) for inner, one in value.items()}
        else:
            flat[name] = _word(value)
    return flat


def _is_conn(names: Collection[str]) -> bool:
    return {*NEEDED} <= {*names} and any(name in names for name in OF_CONN)


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
            self.foreign = not _is_conn(self._names)

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


def _word(value: object) -> str:
    """Write a value as Zeek's columns have it: small numbers without an exponent."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.6f}"
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
