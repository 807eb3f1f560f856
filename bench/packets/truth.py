"""What is in a capture, from what its maker wrote down."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.packets.generate import Capture

Ends = tuple[str, int, str, int, int]  # source, its port, destination, its port, protocol
TRANSPORTS = {1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp"}

# Of each direction: packets, IP bytes, transport payload, bytes on the wire, repeated segments.
SENT = ("packets", "bytes", "payload", "wire_bytes", "retransmissions")
NUMBERS = tuple(f"{side}_{what}" for side in ("source", "destination") for what in SENT)


@dataclass(frozen=True, slots=True)
class Flow:
    """One conversation as it happened."""

    ends: Ends
    kind: str
    state: str
    vlan: str
    numbers: tuple[int, ...]  # what NUMBERS names; a tuple, because there are a million

    @property
    def tries(self) -> int:
        """Packets that the source sent."""
        return self.numbers[NUMBERS.index("source_packets")]

    @property
    def answered(self) -> bool:
        return self.numbers[NUMBERS.index("destination_packets")] > 0


@dataclass(slots=True)
class Truth:
    """Totals, and every flow."""

    frames: int
    frame_bytes: int
    packets: int  # IP
    bytes: int  # IP
    flows: list[Flow]
    loud: str
    times: float  # how many times the median inside sender
    beacons: dict[tuple[str, str], int] = field(default_factory=dict)  # who calls whom: seconds
    ipv4_pairs: int = 0
    ipv6_pairs: int = 0
    by_transport: Counter[str] = field(default_factory=Counter)
    ghosts: set[Ends] = field(default_factory=set)
    unanswered: set[Ends] = field(default_factory=set)  # ghosts too, and messages to a log


def truth_of(made: Capture) -> Truth:
    """Read the truth about a capture."""
    told = made.truth()
    truth = Truth(
        frames=told["packets"],
        frame_bytes=told["frame_bytes"],
        packets=told["ip"]["packets"],
        bytes=told["ip"]["ip_bytes"],
        flows=[*_flows(made)],
        loud=told["loud"]["address"],
        times=told["loud"]["sent_packets"] / told["loud"]["median_sent_packets"],
    )
    for each in told["beacons"]:
        truth.beacons[each["source"], each["destination"]] = each["period_seconds"]
    pairs = {frozenset((flow.ends[0], flow.ends[2])) for flow in truth.flows}
    truth.ipv6_pairs = sum(1 for pair in pairs if any(":" in address for address in pair))
    truth.ipv4_pairs = len(pairs) - truth.ipv6_pairs
    for flow in truth.flows:
        truth.by_transport[TRANSPORTS[flow.ends[4]]] += 1
        if flow.kind == "ghost":
            truth.ghosts.add(flow.ends)
        if not flow.answered:
            truth.unanswered.add(flow.ends)
    return truth


def _flows(made: Capture) -> Iterator[Flow]:
    with made.flows.open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            yield Flow(
                ends=(
                    row["source_ip"],
                    int(row["source_port"]),
                    row["destination_ip"],
                    int(row["destination_port"]),
                    int(row["protocol"]),
                ),
                kind=sys.intern(row["kind"]),
                state=sys.intern(row["state"]),
                vlan=row["vlan"],
                numbers=tuple(int(row[name]) for name in NUMBERS),
            )
