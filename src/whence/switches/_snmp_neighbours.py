"""Neighbours by SNMP: LLDP-MIB (IEEE 802.1AB), CISCO-CDP-MIB, and what is like them."""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from whence.model.cables import plain_port
from whence.model.switching import CAPABILITIES, Neighbour, Port, PortKind
from whence.switches._snmp_vendors import FOUNDRY, NOKIA, enterprise
from whence.switches._tables import (
    NOTHING,
    Cell,
    Column,
    Tables,
    evidence_of,
    mac_of,
    number_at,
    text_at,
)
from whence.world.ber import Oid

LLDP_LOCAL = "1.0.8802.1.1.2.1.3.7.1"  # lldpLocPortTable: .2 subtype, .3 id, .4 description
CDP = "1.3.6.1.4.1.9.9.23.1.2.1.1"  # cdpCacheTable, by ifIndex and a number
BASE_PORT = "1.3.6.1.2.1.17.1.4.1.2"

FDP = "1.3.6.1.4.1.1991.1.1.3.20.1.2.1.1"  # snFdpCacheTable, by ifIndex and a number
FDP_WORDS = {"Switch": "bridge", "Router": "router", "Host": "station", "Phone": "telephone"}
SPEAKS_CDP = 2  # snFdpCacheVendorId, its column .10


@dataclass(frozen=True, slots=True)
class Table:
    """A table of neighbours by LLDP, as the standards and vendors have it."""

    oid: str
    first: int  # the column of the type of chassis id, which the others follow
    parts: int  # of an index; 0 where it is the vendor's secret
    addresses: str = ""  # a column of the table of management addresses
    vendor: int | None = None


# lldpRemTable, by time mark, local port and a number.
STANDARD = Table("1.0.8802.1.1.2.1.4.1.1", 4, 3, "1.0.8802.1.1.2.1.4.2.1.3")
# lldpV2RemTable of IEEE 802.1AB-2009, by time mark, ifIndex, group and a number: PAN-OS, OS10.
SECOND = Table("1.3.111.2.802.1.1.13.1.4.1.1", 5, 4, "1.3.111.2.802.1.1.13.1.4.2.1.3")
# tmnxLldpRemTable of TIMETRA-LLDP-MIB, by time mark, ifIndex, group and a number.
TIMOS = Table("1.3.6.1.4.1.6527.3.1.2.59.4.1.1", 4, 4, vendor=NOKIA)
# lldpRemTable of NMS-LLDP-MIB, whose column .2 is the ifIndex.
BDCOM = Table("1.3.6.1.4.1.3320.127.1.4.1.1", 4, 0, vendor=3320)
PBN = Table("1.3.6.1.4.1.11606.10.127.1.4.1.1", 4, 0, vendor=11606)
LOCAL_PORT = 2

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
# Access points of Cisco, which CDP has call themselves bridges; AIR-CT and AIR-WLC control them.
_ACCESS_POINT = re.compile(r"(?i)\b(?:AIR-(?!CT|WLC)|C91\d\dAX|CW91\d\d)")

_WRITTEN = re.compile(rb"([0-9A-F]{2})(?: [0-9A-F]{2})?(?: \d{1,2})*\s*")


def neighbours(tables: Tables, known: dict[int, Port]) -> Iterator[Neighbour]:
    """Yield who says at which port who he is."""
    yield from _lldp(tables, known)
    yield from _cdp(tables, known)
    yield from _fdp(tables, known)
    yield from _tp_link(tables, known)


def _lldp(tables: Tables, known: dict[int, Port]) -> Iterator[Neighbour]:
    for table in (STANDARD, SECOND, TIMOS, BDCOM, PBN):
        if table.vendor in (None, enterprise(tables)) and (found := [*_told(tables, known, table)]):
            yield from found
            return


def _told(tables: Tables, known: dict[int, Port], table: Table) -> Iterator[Neighbour]:
    """Yield the rows of a table of LLDP, whose columns stand in one order everywhere."""
    oid, first = table.oid, table.first
    chassis = tables.perhaps(f"{oid}.{first + 1}")
    if not chassis:
        return
    indexes = _of_neighbours(tables, known, table, chassis)
    addresses = _addresses(tables, table)
    subtypes, port_subtypes = tables.perhaps(f"{oid}.{first}"), tables.perhaps(f"{oid}.{first + 2}")
    remote, described = tables.perhaps(f"{oid}.{first + 3}"), tables.perhaps(f"{oid}.{first + 4}")
    names, systems = tables.perhaps(f"{oid}.{first + 5}"), tables.perhaps(f"{oid}.{first + 6}")
    able, enabled = tables.perhaps(f"{oid}.{first + 7}"), tables.perhaps(f"{oid}.{first + 8}")
    given: set[Oid] = set()
    for index, cell in chassis.items():
        if table.parts and (len(index) != table.parts or index[1:] in given):
            continue
        given.add(index[1:])  # some repeat a row under each mark of time
        port = known.get(indexes.get(index, -1))
        capabilities = (enabled.get(index) or able.get(index) or cell).octets
        told = index in enabled or index in able
        yield Neighbour(
            port.name if port else f"LLDP port {index[1] if len(index) > 1 else index[0]}",
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


def _of_neighbours(
    tables: Tables, known: dict[int, Port], table: Table, rows: Column
) -> Mapping[Oid, int]:
    """Give the ifIndex of the port that each row is about."""
    if table is STANDARD:
        local = _local_ports(tables, known)
        return {row: local[row[1]] for row in rows if len(row) == 3 and row[1] in local}
    if table in (BDCOM, PBN):
        column = tables.perhaps(f"{table.oid}.{LOCAL_PORT}")
        return {row: number_at(column, row) or 0 for row in rows}
    return {row: row[1] for row in rows if len(row) == table.parts}


def _local_ports(tables: Tables, known: dict[int, Port]) -> Mapping[int, int]:
    """Give the ifIndex of each local port, by what it is called; else its number must be one."""
    by_name = _only((port.name, index) for index, port in known.items())
    by_description = _only((port.description, index) for index, port in known.items())
    by_short = _only((plain_port(port.name), index) for index, port in known.items())
    by_alias = _only((port.alias, index) for index, port in known.items())
    by_mac = _only((port.mac, index) for index, port in known.items())
    base = {index[-1]: cell.number for index, cell in tables.perhaps(BASE_PORT).items() if index}
    subtypes = tables.perhaps(f"{LLDP_LOCAL}.2")
    identifiers, descriptions = tables.perhaps(f"{LLDP_LOCAL}.3"), tables.perhaps(f"{LLDP_LOCAL}.4")
    found: dict[int, int] = {}
    numbers = {index[-1] for index in (*identifiers, *descriptions) if index}
    numbers |= {index[1] for index in tables.perhaps(f"{STANDARD.oid}.5") if len(index) == 3}
    for number in numbers:
        name, description = text_at(identifiers, (number,)), text_at(descriptions, (number,))
        candidates = [by_name.get(name), by_description.get(name)]
        candidates += [by_name.get(description), by_description.get(description)]
        candidates += [by_alias.get(description), by_short.get(plain_port(name) if name else "")]
        if number_at(subtypes, (number,)) == PORT_MAC and (number,) in identifiers:
            candidates.append(by_mac.get(mac_of(identifiers[(number,)].octets)))
        number_told = int(name) if name.isdecimal() and len(name) < 10 else -1
        candidates += [number_told if _is_port(known, number_told) else None, base.get(number)]
        candidates += [number if not base or _is_port(known, number) else None, by_alias.get(name)]
        choice = next((one for one in candidates if one is not None and one in known), None)
        if choice is not None:
            found[number] = choice
    return found


def _is_port(known: dict[int, Port], index: int) -> bool:
    """Say whether LLDP may be spoken there: TP-Link's port 1 is not its Vlan-interface1."""
    return index in known and known[index].kind in (PortKind.PHYSICAL, PortKind.AGGREGATE)


def _only(names: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Say which interface has a name, where no other has it: some call all alike."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for name, index in names:
        if name:
            found[name].append(index)
    return {name: indexes[0] for name, indexes in found.items() if len(indexes) == 1}


def _addresses(tables: Tables, table: Table) -> Mapping[Oid, list[str]]:
    """Give the management addresses of each neighbour, which stand in the index."""
    found: defaultdict[Oid, list[str]] = defaultdict(list)
    parts = table.parts
    for index in tables.perhaps(table.addresses) if table.addresses else ():
        kind, octets = index[parts : parts + 1], index[parts + 2 :]
        if kind in ((1,), (2,)) and len(octets) in (4, 16) and max(octets) < 256:
            found[index[:parts]].append(str(ipaddress.ip_address(bytes(octets))))
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
    printable &= bool(cell.text) or not any(octets)  # an address may begin with a zero
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
        yield Neighbour(
            port.name if port else f"ifIndex {index[0]}",
            "cdp",
            port.index if port else None,
            "",
            text_at(ports, index),
            _identifier(cell, None, CHASSIS_MAC, CHASSIS_ADDRESS),
            text_at(platforms, index),
            _cdp_capabilities(able.octets if able else b"", text_at(platforms, index)),
            (str(ipaddress.ip_address(address)),) if len(address) in (4, 16) else (),
            evidence_of(cell, able),
        )


def _cdp_capabilities(octets: bytes, platform: str) -> frozenset[str]:
    bits = int.from_bytes(octets[-4:], "big")
    told = {name for n, name in enumerate(CDP_BITS) if name and bits >> n & 1}
    return frozenset(told | ({"access-point"} if _ACCESS_POINT.search(platform) else set()))


def _fdp(tables: Tables, known: dict[int, Port]) -> Iterator[Neighbour]:
    """Yield who speaks Foundry's protocol, or CDP to a Foundry switch."""
    devices = tables.perhaps(f"{FDP}.3") if enterprise(tables) == FOUNDRY else NOTHING
    if not devices:
        return
    addresses, ports = tables.perhaps(f"{FDP}.5"), tables.perhaps(f"{FDP}.7")
    words = tables.perhaps(f"{FDP}.9")
    platforms, speaks = tables.perhaps(f"{FDP}.8"), tables.perhaps(f"{FDP}.10")
    for index, cell in devices.items():
        if len(index) != 2:
            continue
        port = known.get(index[0])
        address = addresses[index].octets if index in addresses else b""
        yield Neighbour(
            port.name if port else f"ifIndex {index[0]}",
            "cdp" if number_at(speaks, index) == SPEAKS_CDP else "fdp",
            port.index if port else None,
            "",
            text_at(ports, index),
            cell.text,
            text_at(platforms, index),
            frozenset(able for word, able in FDP_WORDS.items() if word in text_at(words, index)),
            (str(ipaddress.ip_address(address)),) if len(address) in (4, 16) else (),
            evidence_of(cell, words.get(index)),
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
            (mac_of(cell.octets) if len(cell.octets) > 6 else "") or cell.text,
            text_at(remote, index),
            text_at(names, index),
            text_at(systems, index),
            frozenset(able for word, able in TP_LINK_WORDS.items() if word in words),
            (),
            evidence_of(cell, names.get(index), enabled.get(index)),
        )
