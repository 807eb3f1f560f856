"""Neighbours by SNMP: LLDP-MIB (IEEE 802.1AB) and CISCO-CDP-MIB."""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from whence.model.switching import CAPABILITIES, Neighbour, Port
from whence.switches._tables import Cell, Column, Tables, evidence_of, mac_of, number_at, text_at
from whence.world.ber import Oid

LLDP = "1.0.8802.1.1.2.1.4.1.1"  # lldpRemTable, by time mark, local port and a number
LLDP_ADDRESSES = "1.0.8802.1.1.2.1.4.2.1.3"  # lldpRemManAddrIfSubtype
LLDP_LOCAL = "1.0.8802.1.1.2.1.3.7.1"  # lldpLocPortTable: .2 subtype, .3 id, .4 description
CDP = "1.3.6.1.4.1.9.9.23.1.2.1.1"  # cdpCacheTable, by ifIndex and a number
BASE_PORT = "1.3.6.1.2.1.17.1.4.1.2"

# lldpNeighborInfoTable of TPLINK-LLDPINFO-MIB, by ifIndex and a number: all of it is text.
TP_LINK = "1.3.6.1.4.1.11863.6.35.1.2.2.1"
TP_LINK_WORDS = {
    "Bridge": "bridge",
    "Router": "router",
    "WLAN": "access-point",
    "Phone": "telephone",
}

# LldpChassisIdSubtype and LldpPortIdSubtype: which of their values are MAC or network addresses.
CHASSIS_MAC, CHASSIS_ADDRESS = 4, 5
PORT_MAC, PORT_ADDRESS = 3, 4
# The bits of the capabilities in CDP, from the lowest on: router, two kinds of bridge, switch,
# host, IGMP, repeater, phone.
CDP_BITS = ("router", "bridge", "bridge", "bridge", "station", "", "repeater", "telephone")

_WRITTEN = re.compile(rb"([0-9A-F]{2})(?: [0-9A-F]{2})?(?: \d{1,2})*\s*")


def neighbours(tables: Tables, known: dict[int, Port]) -> Iterator[Neighbour]:
    """Yield who says at which port who he is."""
    yield from _lldp(tables, known)
    yield from _cdp(tables, known)
    yield from _tp_link(tables, known)


def _lldp(tables: Tables, known: dict[int, Port]) -> Iterator[Neighbour]:
    chassis = tables.perhaps(f"{LLDP}.5")
    if not chassis:
        return
    local = _local_ports(tables, known)
    addresses = _addresses(tables)
    subtypes, port_subtypes = tables.perhaps(f"{LLDP}.4"), tables.perhaps(f"{LLDP}.6")
    remote, described = tables.perhaps(f"{LLDP}.7"), tables.perhaps(f"{LLDP}.8")
    names, systems = tables.perhaps(f"{LLDP}.9"), tables.perhaps(f"{LLDP}.10")
    enabled, able = tables.perhaps(f"{LLDP}.12"), tables.perhaps(f"{LLDP}.11")
    for index, cell in chassis.items():
        if len(index) != 3:
            continue
        port = known.get(local.get(index[1], -1))
        capabilities = (enabled.get(index) or able.get(index) or cell).octets
        told = index in enabled or index in able
        yield Neighbour(
            port.name if port else f"LLDP port {index[1]}",
            "lldp",
            port.index if port else None,
            _identifier(cell, number_at(subtypes, index), CHASSIS_MAC, CHASSIS_ADDRESS),
            _remote_port(index, remote, port_subtypes, described),
            text_at(names, index),
            text_at(systems, index),
            _lldp_capabilities(capabilities) if told else frozenset(),
            tuple(addresses[index]),
            evidence_of(cell, names.get(index), enabled.get(index)),
        )


def _local_ports(tables: Tables, known: dict[int, Port]) -> Mapping[int, int]:
    """Give the ifIndex of each local port, by what it is called; else its number must be one."""
    by_name = {port.description: index for index, port in known.items() if port.description}
    by_name |= {port.name: index for index, port in known.items()}
    by_alias = {port.alias: index for index, port in known.items() if port.alias}
    by_mac = {port.mac: index for index, port in known.items() if port.mac}
    base = {index[-1]: cell.number for index, cell in tables.perhaps(BASE_PORT).items() if index}
    subtypes = tables.perhaps(f"{LLDP_LOCAL}.2")
    identifiers, descriptions = tables.perhaps(f"{LLDP_LOCAL}.3"), tables.perhaps(f"{LLDP_LOCAL}.4")
    found: dict[int, int] = {}
    numbers = {index[-1] for index in (*identifiers, *descriptions) if index}
    numbers |= {index[1] for index in tables.perhaps(f"{LLDP}.5") if len(index) == 3}
    for number in numbers:
        name, description = text_at(identifiers, (number,)), text_at(descriptions, (number,))
        candidates = [by_name.get(name), by_name.get(description), by_alias.get(description)]
        if number_at(subtypes, (number,)) == PORT_MAC and (number,) in identifiers:
            candidates.append(by_mac.get(mac_of(identifiers[(number,)].octets)))
        candidates += [int(name) if name.isdecimal() and len(name) < 10 else None]
        candidates += [base.get(number), number]
        choice = next((one for one in candidates if one is not None and one in known), None)
        if choice is not None:
            found[number] = choice
    return found


def _addresses(tables: Tables) -> Mapping[Oid, list[str]]:
    """Give the management addresses of each neighbour, which stand in the index."""
    found: defaultdict[Oid, list[str]] = defaultdict(list)
    for index in tables.perhaps(LLDP_ADDRESSES):
        kind, octets = index[3:4], index[5:]
        if kind in ((1,), (2,)) and len(octets) in (4, 16) and max(octets) < 256:
            found[index[:3]].append(str(ipaddress.ip_address(bytes(octets))))
    return found


def _remote_port(index: Oid, remote: Column, subtypes: Column, described: Column) -> str:
    cell = remote.get(index)
    named = _identifier(cell, number_at(subtypes, index), PORT_MAC, PORT_ADDRESS) if cell else ""
    description = text_at(described, index)
    is_number = number_at(subtypes, index) == 7 and named.isdecimal()
    return description if description and (is_number or not named) else named


def _identifier(cell: Cell, subtype: int | None, mac: int, address: int) -> str:
    octets = cell.octets
    if subtype == mac:
        return mac_of(octets) or cell.text
    if subtype == address and len(octets) in (5, 17):  # the first octet is the address family
        return str(ipaddress.ip_address(octets[1:]))
    printable = cell.text.isprintable() and "\ufffd" not in cell.text
    return cell.text if printable else octets.hex(":")


def _lldp_capabilities(octets: bytes) -> frozenset[str]:
    if written := _WRITTEN.fullmatch(octets):  # an agent that hands on what snmpwalk printed
        octets = bytes.fromhex(written[1].decode())
    bits = octets[0] if octets else 0
    return frozenset(name for n, name in enumerate(CAPABILITIES) if bits & 0x80 >> n)


def _cdp(tables: Tables, known: dict[int, Port]) -> Iterator[Neighbour]:
    devices = tables.perhaps(f"{CDP}.6")
    if not devices:
        return
    addresses, ports = tables.perhaps(f"{CDP}.4"), tables.perhaps(f"{CDP}.7")
    platforms, capabilities = tables.perhaps(f"{CDP}.8"), tables.perhaps(f"{CDP}.9")
    for index, cell in devices.items():
        if len(index) != 2:
            continue
        port = known.get(index[0])
        address = addresses[index].octets if index in addresses else b""
        able = capabilities.get(index)
        bits = int.from_bytes(able.octets[-4:], "big") if able else 0
        yield Neighbour(
            port.name if port else f"ifIndex {index[0]}",
            "cdp",
            port.index if port else None,
            "",
            text_at(ports, index),
            cell.text,
            text_at(platforms, index),
            frozenset(name for n, name in enumerate(CDP_BITS) if name and bits >> n & 1),
            (str(ipaddress.ip_address(address)),) if len(address) in (4, 16) else (),
            evidence_of(cell, able),
        )


def _tp_link(tables: Tables, known: dict[int, Port]) -> Iterator[Neighbour]:
    chassis = tables.perhaps(f"{TP_LINK}.4")
    if not chassis:
        return
    remote, names = tables.perhaps(f"{TP_LINK}.6"), tables.perhaps(f"{TP_LINK}.9")
    systems, enabled = tables.perhaps(f"{TP_LINK}.10"), tables.perhaps(f"{TP_LINK}.12")
    for index, cell in chassis.items():
        port = known.get(index[0])
        words = text_at(enabled, index)
        yield Neighbour(
            port.name if port else f"ifIndex {index[0]}",
            "lldp",
            port.index if port else None,
            mac_of(cell.octets) or cell.text,
            text_at(remote, index),
            text_at(names, index),
            text_at(systems, index),
            frozenset(able for word, able in TP_LINK_WORDS.items() if word in words),
            (),
            evidence_of(cell, names.get(index), enabled.get(index)),
        )
