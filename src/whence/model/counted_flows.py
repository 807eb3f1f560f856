"""Flows as they are counted on an interface: one row is one flow, with both directions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

SYN, ACK = 2, 16  # flags of TCP, RFC 9293 3.1
TCP, UDP = 6, 17
SYSTEM_PORTS = 1024  # ports below are those of services, RFC 6335 6


@dataclass(frozen=True, slots=True)
class CountedFlow:
    """A flow; the names are the columns of the flow table.

    The source is who began. What can only be told from the order of packets (history,
    retransmissions) is not known here.
    """

    flow: int  # in order of the first packet
    interface: str
    first: datetime
    last: datetime
    source_mac: str | None
    destination_mac: str | None
    vlan: str  # "100", or "100.20", the outer one first; empty: none
    source_ip: str
    destination_ip: str
    source_port: int  # ICMP: the type; of the destination the type that answers it, or the code
    destination_port: int
    protocol: int
    transport: str
    state: str  # as Zeek's conn_state, made of what was counted
    source_packets: int
    source_bytes: int  # from the IP header on
    source_payload: int  # of the transport
    source_wire_bytes: int
    destination_packets: int
    destination_bytes: int
    destination_payload: int
    destination_wire_bytes: int
    syns: int
    answers: int
    resets: int
    fins: int
    source_ttl_min: int | None
    source_ttl_max: int | None
    destination_ttl_min: int | None
    destination_ttl_max: int | None
    direction_in: str  # of what the source sends: "incoming" or "outgoing"
    origin: str  # "here", "here, by the kernel", "passes through", "elsewhere", "not known"
    cookie: int  # the kernel's number for the socket here that sent, 0: none was seen

    def row(self) -> dict[str, Any]:
        """Give it as a row of the flow table, whose times are UTC and say nothing of it."""
        times = {"first": self.first, "last": self.last}
        naive = {name: time.astimezone(UTC).replace(tzinfo=None) for name, time in times.items()}
        return {**asdict(self), **naive, "file": "", "tunnel": ""}


@dataclass(frozen=True, slots=True)
class Counted:
    """All flows since counting began, and what is not among them."""

    flows: tuple[CountedFlow, ...]
    at: datetime
    lost: int = 0  # packets that did not fit
    lost_bytes: int = 0
    not_ip: int = 0  # packets of other protocols, such as ARP
    not_ip_bytes: int = 0
    by: str = ""  # what counts: "tcx" or "packet socket"

    @property
    def packets(self) -> int:
        """How many packets passed, also those that are in no flow."""
        inside = sum(flow.source_packets + flow.destination_packets for flow in self.flows)
        return inside + self.lost + self.not_ip


@dataclass(frozen=True, slots=True)
class Began:
    """What the first packet of a flow tells of who began."""

    flags: int
    source_port: int
    destination_port: int
    protocol: int


def answered_first(began: Began) -> bool:
    """Say whether the first packet that was seen came from the end that had been called.

    So it is with SYN and ACK, and, in a connection that was there before, probably if it comes
    from the port of a service.
    """
    if began.protocol == TCP and began.flags & SYN:
        return bool(began.flags & ACK)
    if began.protocol not in (TCP, UDP):
        return False
    return began.source_port < SYSTEM_PORTS <= began.destination_port


@dataclass(frozen=True, slots=True)
class Sent:
    """What one end sent that changes the state of a connection."""

    packets: int
    syns: int = 0
    answers: int = 0
    fins: int = 0
    resets: int = 0


def state(protocol: int, source: Sent, destination: Sent) -> str:
    """Give Zeek's conn_state (base/protocols/conn/main.zeek), as far as counts can tell it."""
    if protocol == UDP:
        if not destination.packets:
            return "S0"
        return "SF" if source.packets else "SHR"
    if protocol != TCP:
        return "OTH"
    if source.syns and destination.answers:
        return _of_established(source, destination)
    if source.syns:
        return _of_unanswered(source, destination)
    if destination.answers:
        if destination.resets:
            return "RSTRH"
        return "SHR" if destination.fins else "OTH"
    return "OTH"


def _of_established(source: Sent, destination: Sent) -> str:
    if source.resets:
        return "RSTO"
    if destination.resets:
        return "RSTR"
    if source.fins and destination.fins:
        return "SF"
    if source.fins:
        return "S2"
    return "S3" if destination.fins else "S1"


def _of_unanswered(source: Sent, destination: Sent) -> str:
    if destination.resets:
        return "REJ"
    if source.resets:
        return "RSTOS0"
    if source.fins:
        return "SH"
    return "OTH" if destination.packets else "S0"
