"""What passes interfaces, by station and by who calls whom, also where no process here takes part.

Pure.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from whence.model.counted_flows import Counted, CountedFlow

PATIENCE = timedelta(seconds=1)  # after which whoever has not answered is said to be silent
ORIGINS = ("here", "here, by the kernel", "passes through", "elsewhere")  # the surest first
ECHO = {"icmp": 8, "ipv6-icmp": 128}  # types that want an answer: RFC 792, RFC 4443 4.1


@dataclass(frozen=True, slots=True)
class Call:
    """All flows of one address to a port of another; the caller's ports are not told apart."""

    source: str
    destination: str
    port: int | None  # None: the transport has none
    transport: str
    origin: str  # as ``CountedFlow.origin``
    interfaces: tuple[str, ...]
    first: datetime
    last: datetime
    flows: int
    sent_packets: int
    sent: int  # bytes from the IP header on
    received_packets: int
    received: int
    unanswered: bool


@dataclass(frozen=True, slots=True)
class Station:
    """An address, and what it sent and got."""

    address: str
    last: datetime
    peers: int
    flows: int
    sent_packets: int
    sent: int  # bytes from the IP header on
    received_packets: int
    received: int
    unanswered: int  # calls of it that nobody answers


@dataclass(frozen=True, slots=True)
class Passing:
    """What passed since counting began, each packet once."""

    stations: tuple[Station, ...]  # who sent most first
    calls: tuple[Call, ...]  # the unanswered first, then the last heard
    at: datetime
    lost: int  # packets that are not among them


def passing(counted: Counted) -> Passing:
    """Gather what was counted."""
    calls = sorted(
        _calls(counted), key=lambda call: (call.unanswered, call.last, call.sent), reverse=True
    )
    stations = sorted(
        _stations(calls), key=lambda one: (one.sent_packets, one.received_packets), reverse=True
    )
    return Passing(tuple(stations), tuple(calls), counted.at, counted.lost)


def _calls(counted: Counted) -> Iterator[Call]:
    gathered: defaultdict[tuple[str, str, int | None, str], list[Sequence[CountedFlow]]]
    gathered = defaultdict(list)
    for views in _conversations(counted.flows):
        flow = views[0]
        port = None if "icmp" in flow.transport else flow.destination_port
        key = flow.source_ip, flow.destination_ip, port, flow.transport
        gathered[key].append(views)
    for (source, destination, port, transport), conversations in gathered.items():
        flows = [views[0] for views in conversations]
        seen = [view for views in conversations for view in views]
        first = min(flow.first for flow in flows)
        yield Call(
            source,
            destination,
            port,
            transport,
            min((view.origin for view in seen), key=_rank),
            tuple(sorted({view.interface for view in seen})),
            first,
            max(flow.last for flow in flows),
            len(flows),
            sum(flow.source_packets for flow in flows),
            sum(flow.source_bytes for flow in flows),
            sum(flow.destination_packets for flow in flows),
            sum(flow.destination_bytes for flow in flows),
            unanswered=counted.at - first >= PATIENCE
            and any(_wants_an_answer(flow) for flow in flows)
            and not any(flow.destination_packets for flow in flows),
        )


def _conversations(flows: Iterable[CountedFlow]) -> Iterable[list[CountedFlow]]:
    """Put together what several interfaces saw of one flow; the one that saw most is first."""
    views: defaultdict[tuple[object, ...], list[CountedFlow]] = defaultdict(list)
    for flow in flows:
        ends = (flow.source_ip, flow.source_port), (flow.destination_ip, flow.destination_port)
        views[(flow.protocol, *sorted(ends))].append(flow)
    for seen in views.values():
        seen.sort(key=lambda flow: -flow.source_packets - flow.destination_packets)
    return views.values()


def _rank(origin: str) -> int:
    return ORIGINS.index(origin) if origin in ORIGINS else len(ORIGINS)


def _wants_an_answer(flow: CountedFlow) -> bool:
    address = ipaddress.ip_address(flow.destination_ip)
    if address.is_multicast or flow.destination_ip.endswith(".255"):
        return False
    if flow.transport in ECHO:
        return flow.source_port == ECHO[flow.transport]
    return flow.syns > 0 or flow.transport != "tcp"


def _stations(calls: Iterable[Call]) -> Iterator[Station]:
    ends: defaultdict[str, list[Call]] = defaultdict(list)
    for call in calls:
        for address in dict.fromkeys((call.source, call.destination)):
            ends[address].append(call)
    for address, own in ends.items():
        made = [call for call in own if call.source == address]
        got = [call for call in own if call.destination == address]
        yield Station(
            address,
            max(call.last for call in own),
            len({call.source for call in got} | {call.destination for call in made}),
            sum(call.flows for call in own),
            sum(call.sent_packets for call in made) + sum(call.received_packets for call in got),
            sum(call.sent for call in made) + sum(call.received for call in got),
            sum(call.received_packets for call in made) + sum(call.sent_packets for call in got),
            sum(call.received for call in made) + sum(call.sent for call in got),
            sum(call.unanswered for call in made),
        )
