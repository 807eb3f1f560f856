"""The forwarding table by SNMP: BRIDGE-MIB (RFC 4188), Q-BRIDGE-MIB (RFC 4363), and how devices
depart from them. The names below are of devices that were seen to do so.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass

from whence.model import CannotAsk, Evidence
from whence.model.mac_addresses import NOBODY, is_group
from whence.model.plural import many
from whence.model.switching import Learned, Port, PortKind, Status
from whence.switches._snmp_vendors import ARUBA, enterprise, learned_by_vendor, vendor_vlans
from whence.switches._tables import (
    Cell,
    Column,
    Tables,
    evidence_of,
    interface_index,
    mac_of,
    number_at,
)
from whence.world.ber import Oid

BASE_PORT = "1.3.6.1.2.1.17.1.4.1"  # dot1dBasePortTable: .1 the port, .2 its ifIndex
BRIDGE = "1.3.6.1.2.1.17.4.3.1"  # dot1dTpFdbTable: .1 address, .2 port, .3 status
Q_BRIDGE = "1.3.6.1.2.1.17.7.1.2.2.1"  # dot1qTpFdbTable: .1 address, .2 port, .3 status
FDB_IDS = "1.3.6.1.2.1.17.7.1.4.2.1.3"  # dot1qVlanFdbId, by time mark and VLAN
# The same of IEEE8021-Q-BRIDGE-MIB and IEEE8021-BRIDGE-MIB, where a component stands before.
IEEE_Q_BRIDGE = "1.3.111.2.802.1.1.4.1.2.2.1"  # ieee8021QBridgeTpFdbTable
IEEE_FDB_IDS = "1.3.111.2.802.1.1.4.1.4.2.1.4"  # ieee8021QBridgeVlanFdbId
IEEE_INDEX = "1.3.111.2.802.1.1.2.1.1.4.1.3"  # ieee8021BridgeBasePortIfIndex
VTP = "1.3.6.1.4.1.9.9.46.1.3.1.1"  # vtpVlanTable: .2 state, .3 type, by domain and VLAN
VTP_OF_OTHERS = range(1002, 1006)  # FDDI and Token Ring: asking for them fails
ACCESS_VLAN = "1.3.6.1.4.1.9.9.68.1.2.2.1.2"  # vmVlan of CISCO-VLAN-MEMBERSHIP-MIB, by ifIndex
NO_VLAN = 4095  # reserved, IEEE 802.1Q: no switch has it
MOST_SILENT_VLANS = 5  # without one that answered: then none is asked any further
OPERATIONAL, ETHERNET = 1, 1

STATUSES = {1: Status.OTHER, 2: Status.INVALID, 3: Status.LEARNED, 4: Status.SELF, 5: Status.STATIC}
NOT_A_STATION = frozenset({Status.SELF, Status.INVALID})

_VLAN = re.compile(r"(?i)(?:vlan|vl)[ .-]?0*([1-9]\d{0,3})")
_UNIT = re.compile(r"(?:fe|ge|mge|xe|et)-\d+/\d+/\d+\.\d+")  # a port of Junos, as bridges see it
# A subscriber's box at an optical port: EPON0/1:3 (BDCOM), gpon-onu_1/1/1:5 (ZTE), EPON01ONU3.
_BOX = re.compile(r"(?i)\w*pon[a-z_ -]*\d+((/\d+)+:\d+|onu\d+)")
JETSTREAM = 49152  # TP-Link: ifIndex, and base port, of port 1 is 49153, ...
JETSTREAM_GROUP = 32768  # ... of the first aggregate 32769
ALCATEL_GROUP, ALCATEL_INDEX = 4096, 40_000_000  # AOS: port and ifIndex of aggregate 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as the table has it: the port is a number of the bridge's own."""

    mac: str
    fdb_id: int
    port: int
    status: Status
    evidence: tuple[Evidence, ...]


def learned(tables: Tables, known: dict[int, Port], version: str) -> Iterator[Learned]:
    """Yield the rows of the forwarding table, wherever the device keeps it, each once.

    A row that names no VLAN gives way to those of a vendor's table that do: Huawei.
    """
    rows = [*_once(_learned(tables, known, version))]
    told = {(row.mac, row.vlans or (row.fdb_id,)) for row in rows}
    others = [
        row
        for row in _once(learned_by_vendor(tables, known, alone=not rows))
        if (row.mac, row.vlans or (row.fdb_id,)) not in told
    ]
    of_vlans = {row.mac for row in others if row.vlans}
    yield from (row for row in rows if row.vlans or row.fdb_id or row.mac not in of_vlans)
    yield from others


def _once(rows: Iterable[Learned]) -> Iterator[Learned]:
    """Leave out what is repeated: some agents have a row with and without a length octet."""
    given: set[tuple[str, tuple[int, ...], int | None]] = set()
    for row in rows:
        key = (row.mac, row.vlans or (row.fdb_id,), row.index)
        if key not in given:
            given.add(key)
            yield row


def _learned(tables: Tables, known: dict[int, Port], version: str) -> Iterator[Learned]:
    rows = [*_entries(tables, Q_BRIDGE, with_fdb_id=True)]
    vlans = _vlans(tables, {row.fdb_id for row in rows}) if rows else {}
    placed = [*_placed(tables, known, rows, vlans, "")]
    yield from placed
    if not any(row.status is Status.LEARNED for row in placed):  # what was set is there alone
        given = {(row.mac, row.index) for row in placed}
        others = _learned_elsewhere(tables, known, version)
        yield from (row for row in others if (row.mac, row.index) not in given)


def _learned_elsewhere(tables: Tables, known: dict[int, Port], version: str) -> Iterator[Learned]:
    contexts = _contexts(tables)
    answered = yield from _learned_by_vlan(tables, known, contexts, version)
    if 1 not in answered:
        rows = [*_entries(tables, BRIDGE, with_fdb_id=False)]
        if contexts and not answered:
            what = "this is the table of one VLAN only" if rows else "what they learned is missing"
            tables.lack(f"the VLANs cannot be asked one by one: {what}{_advice(version)}")
        vlans: Mapping[int, tuple[int, ...]] = {}
        if not rows and not answered:
            rows = [*_entries(tables, IEEE_Q_BRIDGE, with_fdb_id=True, before=1)]
            ids = {row.fdb_id for row in rows}
            vlans = _vlans(tables, ids, IEEE_FDB_IDS) if rows else {}
        yield from _placed(tables, known, rows, vlans, "")


def _learned_by_vlan(
    tables: Tables, known: dict[int, Port], vlans: list[int], version: str
) -> Generator[Learned, None, set[int]]:
    """Ask a Cisco switch for each VLAN, which it calls a context; give those that answered."""
    answered: dict[int, list[Entry]] = {}
    contexts = [_context(vlan, version) for vlan in vlans]
    heard = tables.answering(f"{BASE_PORT}.2", contexts) if contexts else frozenset()
    silent = len(vlans) - len(heard)
    for vlan in [vlan for vlan in vlans if _context(vlan, version) in heard]:
        try:
            answered[vlan] = _of_context(tables, _context(vlan, version))
        except CannotAsk:
            silent += 1
            if silent >= MOST_SILENT_VLANS and not answered:
                break
    if _are_one(tables, [*answered.values()], _context(NO_VLAN, version)):
        return set()
    for vlan, rows in answered.items():
        yield from _placed(tables, known, rows, {0: (vlan,)}, _context(vlan, version))
    if answered and silent:
        tables.lack(f"{silent} VLANs did not answer, so what they learned is missing")
    return {*answered}


def _advice(version: str) -> str:
    """Say what a switch has to be told before a user of SNMPv3 may ask for a VLAN."""
    if version != "3":
        return ""
    return "; on the switch: snmp-server group GROUP v3 priv context vlan- match prefix"


def _context(vlan: int, version: str) -> str:
    return f"vlan-{vlan}" if version == "3" else str(vlan)


def _of_context(tables: Tables, context: str) -> list[Entry]:
    tables.column(f"{BASE_PORT}.2", context)
    return [*_entries(tables, BRIDGE, with_fdb_id=False, context=context)]


def _are_one(tables: Tables, answered: list[list[Entry]], nowhere: str) -> bool:
    """Say whether an agent heeds no context: then it answers alike also for a VLAN there is not."""
    found = [{(row.mac, row.port) for row in rows} for rows in answered]
    if len(found) < 2 or not found[0] or any(one != found[0] for one in found):
        return False
    try:
        return {(row.mac, row.port) for row in _of_context(tables, nowhere)} == found[0]
    except CannotAsk:
        return False


def _contexts(tables: Tables) -> list[int]:
    """Name the VLANs of a Cisco switch that can be asked for, first those with most ports.

    A switch stays silent about a VLAN without a spanning tree of its own, mostly one of no port.
    """
    types, found = tables.perhaps(f"{VTP}.3"), []
    for index, cell in tables.perhaps(f"{VTP}.2").items():
        ethernet = number_at(types, index) in (None, ETHERNET)
        if cell.number == OPERATIONAL and ethernet and index[-1] not in VTP_OF_OTHERS:
            found.append(index[-1])
    access = tables.perhaps(ACCESS_VLAN) if len(found) > 1 else {}
    ports = Counter(cell.number for cell in access.values())
    return sorted(found, key=lambda vlan: -ports[vlan])


def _entries(
    tables: Tables, table: str, *, with_fdb_id: bool, context: str = "", before: int = 0
) -> Iterator[Entry]:
    """Yield the rows of a table that stand for stations; so much stands ``before`` the index."""
    ports = tables.perhaps(f"{table}.2", context)
    statuses = tables.perhaps(f"{table}.3", context) if ports else {}
    addresses: Column | None = None
    left_out: Counter[str] = Counter()
    for index, cell in ports.items():
        fdb_id, mac = _index(index[before:], with_fdb_id)
        if not mac:  # numbered rows: FortiSwitch, some Zyxel
            if addresses is None:
                addresses = tables.perhaps(f"{table}.1", context)
            octets = addresses[index].octets if index in addresses else b""
            fdb_id, mac = (index[before] if len(index) == before + 2 else 0), mac_of(octets)
        status = STATUSES.get(number_at(statuses, index) or 3, Status.OTHER)
        if len(mac) != 17 or cell.number is None or cell.number < 0:
            left_out["without an address, or at no port"] += 1
        elif cell.number == 0 or status in NOT_A_STATION or mac == NOBODY:
            left_out["of the switch itself, or no longer valid"] += 1
        elif is_group(mac):  # D-Link, Hirschmann: where they forward multicast to
            left_out["of a group, which nobody sends from,"] += 1
        else:
            yield Entry(mac, fdb_id, cell.number, status, evidence_of(cell, statuses.get(index)))
    for what, count in left_out.items():
        tables.remark(f"{many(count, f'entry {what} was', f'entries {what} were')} left out")


def _index(index: Oid, with_fdb_id: bool) -> tuple[int, str]:
    """Read the id of a table and the MAC address from an index; empty where there is none.

    A length octet may stand before the address: Aruba-CX, Comtrol, Zyxel GS1900, Cisco CBS220,
    Realtek RTL8380, V-SOL. What else stands there is the VLAN, also where RFC 4188 has none.
    """
    octets = index[-6:]
    if len(octets) != 6 or max(octets) > 255:
        return 0, ""
    before = index[:-6]
    if before and before[-1] == 6 and len(before) == (2 if with_fdb_id else 1):
        before = before[:-1]
    if len(before) > 1 or (before and not with_fdb_id and before[0] >= NO_VLAN):
        return 0, ""
    return (before[0] if before else 0), bytes(octets).hex(":")


def _vlans(tables: Tables, wanted: set[int], ids: str = FDB_IDS) -> Mapping[int, tuple[int, ...]]:
    """Say which VLANs share each forwarding table.

    The index begins with a TimeFilter, RFC 4502: under mark 0 stands all, and under each mark n
    what changed since then. Some switches have each VLAN once only, under the mark of its change.
    Others repeat all under every mark, which has no end: those are not asked for more than mark 0.
    """
    columns = [tables.perhaps(f"{ids}.0")]
    covered = {cell.number for cell in columns[0].values()}
    if wanted - covered - {0} and not (covered and tables.perhaps(f"{ids}.1")):
        columns.append(tables.perhaps(ids))
    found: defaultdict[int, set[int]] = defaultdict(set)
    for column in columns:
        for index, cell in column.items():
            if cell.number is not None and cell.number >= 0 and index:
                found[cell.number].add(index[-1])
    return {fdb_id: tuple(sorted(vlans)) for fdb_id, vlans in found.items()} | vendor_vlans(tables)


def _placed(
    tables: Tables,
    known: dict[int, Port],
    rows: list[Entry],
    vlans: Mapping[int, tuple[int, ...]],
    context: str,
) -> Iterator[Learned]:
    """Say of each row which interface its port is."""
    by_port = _interfaces(tables, known, context) or _interfaces(tables, known, "")
    if not context and enterprise(tables) == ARUBA:
        by_port = _of_all_contexts(tables, known, rows) | by_port
    missing: Counter[int] = Counter()
    nameless: set[int] = set()
    for row in rows:
        index, cell = by_port.get(row.port, (None, None))
        if not index:
            index = _interface(row.port, known, by_port)
        if not index and (known or by_port):
            missing[row.port] += 1
            continue
        own = vlans.get(row.fdb_id) or _vlan_of_table(row.fdb_id, known)
        nameless |= {row.fdb_id} if row.fdb_id and not own else set()
        yield Learned(
            row.mac,
            _name(index, row.port, known),
            index,
            own,
            row.fdb_id or (own[0] if context else 0),
            row.status,
            None,
            (*row.evidence, *evidence_of(cell)),
        )
    if nameless:
        which = ", ".join(map(str, sorted(nameless)[:10]))
        tables.remark(f"the switch does not say which VLAN its forwarding table {which} is for")
    if missing:
        which = ", ".join(map(str, sorted(missing)[:10]))
        entries = many(missing.total(), "entry was", "entries were")
        tables.lack(
            f"{entries} left out: the switch does not say which interface its bridge port"
            f" {which} is"
        )


def _name(index: int | None, port: int, known: Mapping[int, Port]) -> str:
    """Name an interface; where there is neither ifTable nor dot1dBasePortTable, the bridge's port.

    That is often the number on the switch.
    """
    if not index:
        return f"bridge port {port}"
    return known[index].name if index in known else f"ifIndex {index}"


def _vlan_of_table(fdb_id: int, known: dict[int, Port]) -> tuple[int, ...]:
    """Take the id of a table for the VLAN, if it can be one, or the VLAN's interface (FTOS)."""
    if fdb_id < NO_VLAN:
        return (fdb_id,) if fdb_id else ()
    port = known.get(fdb_id)
    named = _VLAN.fullmatch(port.name) or _VLAN.fullmatch(port.description) if port else None
    return (int(named[1]),) if named and int(named[1]) < NO_VLAN else ()


def _of_all_contexts(
    tables: Tables, known: dict[int, Port], rows: list[Entry]
) -> dict[int, tuple[int | None, Cell | None]]:
    """Give the ports that ArubaOS lists in the context of each VLAN, and nowhere else."""
    contexts = [str(fdb_id) for fdb_id in sorted({row.fdb_id for row in rows if row.fdb_id})]
    found: dict[int, tuple[int | None, Cell | None]] = {}
    for context in tables.answering(f"{BASE_PORT}.2", contexts) if contexts else ():
        found |= _interfaces(tables, known, context)
    return found


def _interfaces(
    tables: Tables, known: dict[int, Port], context: str
) -> dict[int, tuple[int | None, Cell | None]]:
    """Give the ifIndex of each port of the bridge; where the port is told as a value, by that."""
    indexes = tables.perhaps(f"{BASE_PORT}.2", context)
    numbers = tables.perhaps(f"{BASE_PORT}.1", context)
    found: dict[int, tuple[int | None, Cell | None]] = {
        number_at(numbers, index) or index[-1]: (interface_index(cell, known), cell)
        for index, cell in indexes.items()
        if index
    }
    for index, cell in numbers.items():  # FortiSwitch: dot1dBasePort.29 = 32769, no ifIndex
        alone = index not in indexes and cell.number not in (None, *index)
        if alone and index and index[-1] in known:
            found.setdefault(cell.number or 0, (index[-1], cell))
    if not found and not context:
        ieee = tables.perhaps(IEEE_INDEX)
        return {index[-1]: (cell.number, cell) for index, cell in ieee.items() if index}
    return found


def _interface(
    port: int,
    known: dict[int, Port],
    by_port: Mapping[int, tuple[int | None, Cell | None]],
) -> int | None:
    """Give the ifIndex of a port that dot1dBasePortTable does not have."""
    if by_port and min(by_port) > JETSTREAM_GROUP and port + JETSTREAM in known:
        return port + JETSTREAM
    if port > ALCATEL_GROUP and port - ALCATEL_GROUP + ALCATEL_INDEX in known:
        return port - ALCATEL_GROUP + ALCATEL_INDEX
    if _is_numbered_apart(port, by_port):
        return None
    found = known.get(port)
    if found and (found.kind in (PortKind.PHYSICAL, PortKind.AGGREGATE) or _is_part(found.name)):
        return port
    return port + JETSTREAM if not by_port and port + JETSTREAM in known else None


def _is_part(name: str) -> bool:
    """Say whether an interface is what a bridge learns at of a port: Junos, BDCOM, ZTE."""
    return bool(_UNIT.match(name) or _BOX.fullmatch(name))


def _is_numbered_apart(port: int, by_port: Mapping[int, tuple[int | None, Cell | None]]) -> bool:
    """Say whether a port is one of those whose numbers are no ifIndexes, and is left out there.

    A busy switch answers a part of its table only. An interface that happens to have the port's
    number, beside all those of the bridge, is another one: that for management, say.
    """
    if port in by_port or not by_port or not min(by_port) < port < max(by_port):
        return False
    indexes = [index for index, _ in by_port.values() if index]
    is_apart = all(index != number for number, (index, _) in by_port.items())
    return is_apart and bool(indexes) and not min(indexes) < port < max(indexes)
