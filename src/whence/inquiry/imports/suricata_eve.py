"""Suricata's eve.json."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import msgspec

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address
from whence.inquiry.imports._look_times import log_time
from whence.model.reported import Lookup, Row, Traffic

_End = tuple[str, int | None]
_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")
DNS = 53  # port
TAKEN = ("flow", "netflow", "alert", "dns", "tls", "http")
WITHIN = ("tls", "http")  # what a flow held; when it ends, an event of its own follows
MOST = 100_000  # such events that wait for it


def _looks_like(head: Head) -> float:
    return (
        1.0 if any('"event_type"' in line and '"timestamp"' in line for line in head.lines) else 0.0
    )


@kind(_looks_like, longest=1 << 20)
def suricata_eve(lines: Lines, given: Given) -> Iterator[Row]:
    """Suricata's eve.json: flow, netflow, alert, dns, tls and http.

    The names of tls and http are told with their flow. Events of other types are counted and left
    out: what they tell of traffic, the flow event tells too.
    """
    flows = _Flows(lines)
    decode = msgspec.json.Decoder().decode
    for line, text in lines:
        if not text or text.isspace():
            continue
        try:
            event = decode(text)
        except (msgspec.DecodeError, RecursionError):
            event = None
        type_ = event.get("event_type") if isinstance(event, dict) else None
        if not isinstance(type_, str) or not isinstance(event, dict):
            lines.strange(line, text)
        elif type_ not in TAKEN:
            lines.leave_out(f"events of the type {type_[:40]}")
        elif row := _row(line, type_, event):
            yield from flows.take(row, type_, event.get("flow_id"))
        elif type_ == "dns":
            lines.leave_out("DNS events without the name that was asked for")
        else:
            lines.strange(line, text)
    yield from flows.end()


class _Flows:
    """Keeps what flows held until they end, so that each is told once."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._waiting: dict[int, Traffic] = {}  # by the flow's id

    def take(self, row: Row, type_: str, flow: object) -> Iterator[Row]:
        if not isinstance(row, Traffic) or not isinstance(flow, int):
            yield row
        elif type_ in WITHIN and flow in self._waiting:
            self._lines.part()
        elif type_ in WITHIN:
            self._waiting[flow] = row
            if len(self._waiting) > MOST:
                yield self._waiting.pop(next(iter(self._waiting)))
        elif type_ == "flow" and (held := self._waiting.pop(flow, None)):
            self._lines.part()
            yield msgspec.structs.replace(row, name=held.name)
        else:
            yield row

    def end(self) -> Iterator[Row]:
        """Give those that had not ended yet."""
        yield from self._waiting.values()


def _row(line: int, type_: str, event: dict[str, Any]) -> Row | None:
    at = _moment(event.get("timestamp"))
    source, destination = _ip(event.get("src_ip")), _ip(event.get("dest_ip"))
    if at is None:
        return None
    host = _text(event.get("host"))
    if type_ == "dns":
        dns = _map(event.get("dns"))
        client = destination if _is_to_client(event, dns) else source
        return _lookup(line, at, client or "", host, dns)
    if source is None or destination is None:
        return None
    ends = (source, _port(event.get("src_port"))), (destination, _port(event.get("dest_port")))
    flow = _map(event.get("netflow" if type_ == "netflow" else "flow"))
    if type_ == "alert":
        ends = _called(event, flow, *ends)
    (source, source_port), (destination, destination_port) = ends
    sent, received = _counts(flow, type_)
    transport = _text(event.get("proto")).lower()
    is_flow = type_ in ("flow", "netflow")
    first = (_moment(flow.get("start")) if is_flow else None) or at
    last = (_moment(flow.get("end")) if is_flow else None) or at
    return Traffic(
        line,
        min(first, last),
        last,
        {"ipv6-icmp": "ipv6-icmp", "icmpv6": "ipv6-icmp"}.get(transport, transport) or "ip",
        source,
        source_port,
        destination,
        destination_port,
        *sent,
        *received,
        state=_text(flow.get("state")),
        answered=received[1] > 0 if type_ == "flow" else None,
        is_one_way=type_ == "netflow",
        host=host,
        action=type_ if type_ in ("alert", *WITHIN) else "",
        application=_text(event.get("app_proto")) or (type_ if type_ in WITHIN else ""),
        name=_name(event),
        detail=_text(_map(event.get("alert")).get("signature")),
    )


def _called(
    event: dict[str, Any], flow: dict[str, Any], source: _End, destination: _End
) -> tuple[_End, _End]:
    """Say who called whom: an alert names the ends of its packet, which may be an answer."""
    client, server = _ip(flow.get("src_ip")), _ip(flow.get("dest_ip"))
    if client and server:
        return (client, _port(flow.get("src_port"))), (server, _port(flow.get("dest_port")))
    if event.get("direction") == "to_client":
        return destination, source
    return source, destination


def _name(event: dict[str, Any]) -> str:
    name = _map(event.get("tls")).get("sni") or _map(event.get("http")).get("hostname")
    return "" if _ip(name) else _text(name)


def _counts(flow: dict[str, Any], type_: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """A netflow event is one way, a flow event both; those of others stand in flow events, too."""
    if type_ == "netflow":
        return (_count(flow.get("bytes")), _count(flow.get("pkts"))), (0, 0)
    if type_ != "flow":
        return (0, 0), (0, 0)
    return (
        (_count(flow.get("bytes_toserver")), _count(flow.get("pkts_toserver"))),
        (_count(flow.get("bytes_toclient")), _count(flow.get("pkts_toclient"))),
    )


def _is_to_client(event: dict[str, Any], dns: dict[str, Any]) -> bool:
    """Say whether it goes from the server: older versions name the client first in answers, too."""
    if event.get("dest_port") == DNS:
        return False
    is_answer = dns.get("type") == "answer" and event.get("src_port") == DNS
    return is_answer or dns.get("type") == "response"


def _lookup(line: int, at: int, client: str, host: str, dns: dict[str, Any]) -> Lookup | None:
    """The name stands in the event itself, or in its queries (version 3)."""
    queries = dns.get("queries")
    first = queries[0] if isinstance(queries, list) and queries else {}
    name = _text(dns.get("rrname")) or _text(_map(first).get("rrname"))
    if not name:
        return None
    answers = [_ip(dns.get("rdata"))]
    grouped = _map(dns.get("grouped"))
    for kind_ in ("A", "AAAA"):
        told = grouped.get(kind_)
        answers += [_ip(one) for one in told] if isinstance(told, list) else []
    listed = dns.get("answers")
    if isinstance(listed, list):
        answers += [_ip(_map(one).get("rdata")) for one in listed]
    known = tuple(dict.fromkeys(answer for answer in answers if answer))[:100]
    return Lookup(line, at, name, known, host, client)


def _moment(value: object) -> int | None:
    return log_time(_ZONE.sub(r"\1:\2", value), UTC) if isinstance(value, str) else None


def _ip(value: object) -> str | None:
    return address(value) if isinstance(value, str) else None


def _port(value: object) -> int | None:
    return value if isinstance(value, int) and 0 < value < 1 << 16 else None


def _count(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value < 1 << 62 else 0


def _text(value: object) -> str:
    return value[:500] if isinstance(value, str) else ""


def _map(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
