"""What a switch can tell of itself: ports, learned addresses, neighbours, counters."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from whence.model.evidence import Evidence


class PortKind(enum.StrEnum):
    """What a port is made of."""

    PHYSICAL = "physical"
    AGGREGATE = "aggregate"  # a bundle of links: IEEE 802.1AX, EtherChannel, trunk, bond
    VIRTUAL = "virtual"  # a VLAN interface, a tunnel, a loopback
    CPU = "cpu"  # the switch itself


class Duplex(enum.StrEnum):
    """Whether both ends of a link may speak at once."""

    FULL = "full"
    HALF = "half"
    UNKNOWN = "unknown"


class Status(enum.StrEnum):
    """How an address came into the forwarding table: dot1dTpFdbStatus, RFC 4188."""

    LEARNED = "learned"
    SELF = "self"  # the switch's own
    STATIC = "static"  # set by a person
    OTHER = "other"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Port:
    """A port, or another interface, of a switch."""

    index: int | None  # ifIndex of IF-MIB
    name: str  # as the switch calls it in short: ifName
    description: str = ""  # ifDescr
    alias: str = ""  # what a person called it: ifAlias
    kind: PortKind = PortKind.PHYSICAL
    up: bool | None = None
    speed: int | None = None  # bits per second
    duplex: Duplex = Duplex.UNKNOWN
    mac: str = ""
    aggregate: str = ""  # the name of the aggregate that it is a member of
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Learned:
    """An address in the forwarding table: who sends from it is reached by this port."""

    mac: str
    port: str  # Port.name; empty where the switch does not say which it is
    index: int | None = None  # ifIndex
    vlans: tuple[int, ...] = ()
    fdb_id: int = 0  # the number of the table it stands in; 0 where there is one for all
    status: Status = Status.LEARNED
    age: int | None = None  # seconds since it was heard; None where the switch does not say
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A device that says, at a port, who it is."""

    port: str  # of the switch that heard it: Port.name
    protocol: str  # "lldp" (IEEE 802.1AB), "cdp" (Cisco) or "fdp" (Foundry)
    index: int | None = None  # ifIndex of the port
    chassis: str = ""
    remote_port: str = ""
    system_name: str = ""
    description: str = ""
    capabilities: frozenset[str] = frozenset()  # of CAPABILITIES, those that are switched on
    addresses: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


CAPABILITIES = (
    "other",
    "repeater",
    "bridge",
    "access-point",
    "router",
    "telephone",
    "cable-modem",
    "station",
)  # in the order of the bits of lldpRemSysCapEnabled, LLDP-MIB


@dataclass(frozen=True, slots=True)
class Counters:
    """What went through a port since its counters began; None where the switch does not say."""

    port: str
    index: int | None = None
    octets_in: int | None = None
    octets_out: int | None = None
    unicast_in: int | None = None  # packets, also below
    unicast_out: int | None = None
    multicast_in: int | None = None
    multicast_out: int | None = None
    broadcast_in: int | None = None
    broadcast_out: int | None = None
    errors_in: int | None = None
    errors_out: int | None = None
    discards_in: int | None = None
    discards_out: int | None = None
    bits: int = 64  # of the octet counters: those of 32 start again every 34 s at 1 Gbit/s
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a switch says it is."""

    name: str  # sysName
    description: str = ""
    macs: frozenset[str] = frozenset()  # by which others know it: of the bridge and its ports
    addresses: tuple[str, ...] = ()
    ageing: int | None = None  # seconds after which a silent address is forgotten
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """An IP address and the MAC address that answered for it, as a router or switch remembers."""

    ip: str
    mac: str
    evidence: tuple[Evidence, ...] = ()
