"""Switches that speak SNMP: nearly all that can be managed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from itertools import chain

from whence.model.computed_once import computed_once
from whence.model.mac_addresses import NOBODY
from whence.model.switching import Counters, Identity, Learned, Neighbour, Port, Resolved
from whence.switches._snmp_counters import counters
from whence.switches._snmp_forwarding import learned
from whence.switches._snmp_neighbours import neighbours
from whence.switches._snmp_ports import aggregates, ports
from whence.switches._snmp_vendors import NETSCREEN, enterprise
from whence.switches._tables import Tables, evidence_of, mac_of, number_at, text_at
from whence.world import Device
from whence.world.ber import Oid
from whence.world.switch_list import Driver, Way

SYSTEM = "1.3.6.1.2.1.1"
BRIDGE_ADDRESS = "1.3.6.1.2.1.17.1.1"  # dot1dBaseBridgeAddress
OWN_ADDRESSES = "1.3.6.1.2.1.4.20.1.1"  # ipAdEntAddr
AGEING = "1.3.6.1.2.1.17.4.2"  # dot1dTpAgingTime
ARP = "1.3.6.1.2.1.4.22.1.2"  # ipNetToMediaPhysAddress, by ifIndex and address
ARP_TYPE = "1.3.6.1.2.1.4.22.1.4"  # ipNetToMediaType
INVALID = 2
OLD_ARP = "1.3.6.1.2.1.3.1.1.2"  # atPhysAddress of RFC 1213, by ifIndex, 1 and address
NEIGHBOURS = "1.3.6.1.2.1.4.35.1.4"  # ipNetToPhysicalPhysAddress of RFC 4293, with IPv6
NEIGHBOURS6 = "1.3.6.1.2.1.55.1.12.1.2"  # ipv6NetToMediaPhysAddress of RFC 2465, which was before
# nsIpArpTable of NETSCREEN-IP-ARP-MIB: .2 address, .3 card, .6 state, all by a number.
SCREENOS = "1.3.6.1.4.1.3224.17.1.3.1"
PENDING, DELETED = 1, 3
LLDP_CHASSIS = "1.0.8802.1.1.2.1.3.2"  # lldpLocChassisId


class SnmpSwitch:
    """A switch by BRIDGE-MIB, Q-BRIDGE-MIB, IF-MIB, LLDP-MIB and what vendors add."""

    def __init__(self, device: Device, way: Way) -> None:
        self.name = way.name
        self._version = way.options.get("version", "2c")
        self._tables = Tables(device)

    def identity(self) -> Identity:
        """Say who it is: its name, and every MAC address by which others know it."""
        system = self._tables.column(SYSTEM)
        bridge = self._tables.perhaps(BRIDGE_ADDRESS)
        chassis = self._tables.perhaps(LLDP_CHASSIS)
        macs = {mac_of(cell.octets) for cell in (*bridge.values(), *chassis.values())}
        macs |= {port.mac for port in self._ports.values()}
        own = self._tables.perhaps(OWN_ADDRESSES)
        name = text_at(system, (5, 0))
        return Identity(
            name,
            text_at(system, (1, 0)),
            frozenset(macs - {"", NOBODY}),
            tuple(cell.text for cell in own.values()),
            number_at(self._tables.perhaps(AGEING), (0,)),
            evidence_of(system.get((5, 0)), system.get((1, 0)), bridge.get((0,))),
        )

    def ports(self) -> Iterator[Port]:
        """Give its interfaces, each with the aggregate that it is a member of."""
        bundled = aggregates(self._tables, self._ports)
        for index, port in self._ports.items():
            whole = self._ports.get(bundled.get(index, -1))
            yield replace(port, aggregate=whole.name) if whole else port

    def learned(self) -> Iterator[Learned]:
        """Give its forwarding table."""
        return learned(self._tables, self._ports, self._version)

    def neighbours(self) -> Iterator[Neighbour]:
        """Give who says by LLDP or CDP who he is."""
        return neighbours(self._tables, self._ports)

    def counters(self) -> Iterator[Counters]:
        """Give the counters of its interfaces."""
        return counters(self._tables, self._ports)

    def resolved(self) -> Iterator[Resolved]:
        """Give whom it knows by ARP and by neighbour discovery, each address and card once."""
        given: set[tuple[str, str]] = set()
        for table in (ARP, NEIGHBOURS, NEIGHBOURS6):
            rows = self._tables.perhaps(table)
            types = self._tables.perhaps(ARP_TYPE) if table == ARP and rows else {}
            for index, cell in rows.items():
                octets = _typed(index[1:]) if table == NEIGHBOURS else index[1:]
                ip, mac = _address(octets), mac_of(cell.octets)
                is_valid = mac not in ("", NOBODY) and number_at(types, index) != INVALID
                if ip and is_valid and (ip, mac) not in given:
                    given.add((ip, mac))
                    yield Resolved(ip, mac, evidence_of(cell))
        others = self._of_screenos() if given else chain(self._of_screenos(), self._of_old())
        yield from (row for row in others if (row.ip, row.mac) not in given)

    def _of_old(self) -> Iterator[Resolved]:
        """Give the table that was before, where a device has no other."""
        for index, cell in self._tables.perhaps(OLD_ARP).items():
            ip, mac = _address(index[2:]), mac_of(cell.octets)
            if ip and mac not in ("", NOBODY):
                yield Resolved(ip, mac, evidence_of(cell))

    def _of_screenos(self) -> Iterator[Resolved]:
        if enterprise(self._tables) != NETSCREEN:
            return
        addresses = self._tables.perhaps(f"{SCREENOS}.2")
        states = self._tables.perhaps(f"{SCREENOS}.6")
        for index, cell in self._tables.perhaps(f"{SCREENOS}.3").items():
            ip, mac = text_at(addresses, index), mac_of(cell.octets)
            if (
                ip
                and mac not in ("", NOBODY)
                and number_at(states, index) not in (PENDING, DELETED)
            ):
                yield Resolved(ip, mac, evidence_of(addresses.get(index), cell))

    def remarks(self) -> tuple[str, ...]:
        """Say what was left out or cut short so far."""
        return tuple(self._tables.remarks)

    def missing(self) -> tuple[str, ...]:
        """Say what was learned, and is not known here."""
        return tuple(self._tables.missing)

    @computed_once
    def _ports(self) -> dict[int, Port]:
        return ports(self._tables)


def _typed(index: Oid) -> Oid:
    """Read an InetAddressType and an InetAddress out of an index, RFC 4001.

    Some agents leave the length out, as ``IMPLIED`` would. A zone behind it is left off.
    """
    kind, *rest = index or (0,)
    size, zone = {1: (4, 0), 2: (16, 0), 3: (4, 4), 4: (16, 4)}.get(kind, (0, 0))
    octets = rest[1:] if rest[:1] == [size + zone] else rest
    return tuple(octets[:size]) if len(octets) == size + zone else ()


def _address(octets: Oid) -> str:
    if len(octets) not in (4, 16) or max(octets) > 255:
        return ""
    return str(ip_address(bytes(octets)))


SNMP = Driver("snmp", SnmpSwitch)
