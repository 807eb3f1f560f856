"""Gathers what the kernel counted, span by span, into one table of flows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from whence.model.counted_flows import (
    Began,
    Counted,
    CountedFlow,
    Sent,
    answered_first,
    state,
)
from whence.sensors.packet_records import (
    ARRIVED,
    FLOW_SIZE,
    FORWARDED,
    FROM_KERNEL,
    FROM_SOCKET,
    KEY_SIZE,
    OUTGOING,
    PacketFlow,
    PacketKey,
    Side,
    address,
    joined,
    mac,
    read_flow,
    read_key,
)
from whence.world.packet_counts import Counts

MOST = 500_000  # flows that are remembered; then the packets of those last heard longest ago are
# counted as lost, a tenth of all at a time
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRANSPORTS = {1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp", 132: "sctp"}


class PacketTable:
    """All flows since it began."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._flows: dict[bytes, PacketFlow] = {}
        self._forgotten = self._forgotten_bytes = 0

    def add(self, counts: Counts) -> None:
        """Take in what was counted in one span of time."""
        for at in range(0, len(counts.records), KEY_SIZE + FLOW_SIZE):
            middle = at + KEY_SIZE
            key = counts.records[at:middle]
            flow = read_flow(counts.records[middle : middle + FLOW_SIZE])
            before = self._flows.get(key)
            self._flows[key] = joined(before, flow) if before else flow
        if len(self._flows) > self._most:
            self._forget(self._most // 10)

    def counted(self, counts: Counts) -> Counted:
        """Give the table; ``counts`` is what was added last."""
        boot = EPOCH + timedelta(microseconds=(counts.wall - counts.boot) // 1000)
        ordered = sorted(self._flows.items(), key=lambda item: item[1].first)
        return Counted(
            tuple(
                _row(number, read_key(key), flow, counts.interfaces, boot)
                for number, (key, flow) in enumerate(ordered)
            ),
            EPOCH + timedelta(microseconds=counts.wall // 1000),
            counts.lost + self._forgotten,
            counts.lost_bytes + self._forgotten_bytes,
            counts.not_ip,
            counts.not_ip_bytes,
            counts.by,
        )

    def _forget(self, more: int) -> None:
        oldest = sorted(self._flows.items(), key=lambda item: item[1].last)
        for key, flow in oldest[: len(self._flows) - self._most + more]:
            del self._flows[key]
            self._forgotten += flow.sides[0].packets + flow.sides[1].packets
            self._forgotten_bytes += flow.sides[0].wire_bytes + flow.sides[1].wire_bytes


def _row(
    number: int, key: PacketKey, flow: PacketFlow, names: Mapping[int, str], boot: datetime
) -> CountedFlow:
    first = flow.first_side
    began = Began(flow.first_flags, key.ports[first], key.ports[1 - first], key.protocol)
    turned = answered_first(began)
    one = 1 - first if turned else first
    source, destination = flow.sides[one], flow.sides[1 - one]
    macs = (flow.destination_mac, flow.source_mac) if turned else (
        flow.source_mac, flow.destination_mac
    )  # fmt: skip
    return CountedFlow(
        flow=number,
        interface=names.get(key.interface, str(key.interface)),
        first=boot + timedelta(microseconds=flow.first // 1000),
        last=boot + timedelta(microseconds=flow.last // 1000),
        source_mac=mac(macs[0]),
        destination_mac=mac(macs[1]),
        vlan=".".join(str(tag) for tag in (key.vlan, key.inner_vlan) if tag),
        source_ip=address(key.ends[one]),
        destination_ip=address(key.ends[1 - one]),
        source_port=key.ports[one],
        destination_port=key.ports[1 - one],
        protocol=key.protocol,
        transport=_TRANSPORTS.get(key.protocol, str(key.protocol)),
        state=state(key.protocol, _sent(source), _sent(destination)),
        source_packets=source.packets,
        source_bytes=source.bytes,
        source_payload=source.payload,
        source_wire_bytes=source.wire_bytes,
        destination_packets=destination.packets,
        destination_bytes=destination.bytes,
        destination_payload=destination.payload,
        destination_wire_bytes=destination.wire_bytes,
        syns=source.syns,
        answers=destination.answers,
        resets=source.resets + destination.resets,
        fins=source.fins + destination.fins,
        source_ttl_min=source.ttl_min if source.packets else None,
        source_ttl_max=source.ttl_max if source.packets else None,
        destination_ttl_min=destination.ttl_min if destination.packets else None,
        destination_ttl_max=destination.ttl_max if destination.packets else None,
        direction_in="outgoing" if (flow.first_hook == OUTGOING) is not turned else "incoming",
        origin=_origin(flow.origin),
        cookie=flow.cookie,
    )


def _sent(side: Side) -> Sent:
    return Sent(side.packets, side.syns, side.answers, side.fins, side.resets)


def _origin(seen: int) -> str:
    """Say where the flow has its end: a socket of this machine is the strongest sign."""
    if seen & FROM_SOCKET:
        return "here"
    if seen & FORWARDED:
        return "passes through"
    if seen & FROM_KERNEL:
        return "here, by the kernel"
    return "elsewhere" if seen & ARRIVED else "not known"
