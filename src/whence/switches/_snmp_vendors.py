"""Forwarding tables in the vendors' own MIBs, for what the standard ones do not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from whence.model import Evidence
from whence.model.plural import many
from whence.model.switching import Learned, Port, Status
from whence.switches._tables import (
    Column,
    Tables,
    evidence_of,
    interface_index,
    number_at,
    text_at,
)
from whence.world.ber import Oid, parse_oid

OBJECT_ID = "1.3.6.1.2.1.1.2"  # sysObjectID
ENTERPRISES = (1, 3, 6, 1, 4, 1)
HUAWEI, EXTREME, JUNIPER, ALCATEL, NOKIA, FOUNDRY = 2011, 1916, 2636, 6486, 6527, 1991
NETSCREEN, ARUBA = 3224, 14823

HUAWEI_PORT = "1.3.6.1.4.1.2011.5.25.42.2.1.3.1.4"  # hwDynFdbPort: by address, VLAN, VSI
HUAWEI_FIXED = "1.3.6.1.4.1.2011.5.25.42.2.1.2.1"  # hwCfgFdbTable: .4 port, .5 type; same index
HUAWEI_QUERY = "1.3.6.1.4.1.2011.5.25.42.2.1.32.1"  # .12 type, .13 ifIndex
BLACKHOLE = 3  # hwCfgFdbType: of which every packet is dropped
EXTREME_PORT = "1.3.6.1.4.1.1916.1.16.4.1.3"  # extremeFdbMacExosPortIfIndex: by address, VLAN
EXTREME_VLAN = "1.3.6.1.4.1.1916.1.2.1.2.1.10"  # extremeVlanIfVlanId: by the VLAN's ifIndex
JUNIPER_TAG = "1.3.6.1.4.1.2636.3.40.1.5.1.5.1.5"  # jnxExVlanTag: by the number it has inside
JUNIPER_ELS_TAG = "1.3.6.1.4.1.2636.3.48.1.3.1.1.3"  # jnxL2aldVlanTag, by a number of its own
JUNIPER_ELS_FDB = "1.3.6.1.4.1.2636.3.48.1.3.1.1.5"  # jnxL2aldVlanFdbId, by the same number

# slMacAddressGblTable of AOS 7 and later, by domain, locale, ifIndex, VLAN, a number, address:
# .7 how it was put there, .8 what is done with its packets, .16 whether it is valid still.
ALCATEL_GLOBAL = "1.3.6.1.4.1.6486.801.1.2.1.8.1.1.8.1"
OF_A_VLAN = 1  # the domain
# slMacAddressTable of AOS 6, by ifIndex, VLAN, address: .3 what is done with its packets.
ALCATEL_TABLE = "1.3.6.1.4.1.6486.800.1.2.1.8.1.1.1.1"
FILTERING, INVALID = 2, 2

# tlsFdbInfoTable of TiMOS, by service and address: .4 locale, .5 ifIndex, .6 encapsulation.
NOKIA_TABLE = "1.3.6.1.4.1.6527.3.1.2.4.2.4.1"
AT_A_PORT = 1  # the locale, called sap
ANY_TAG = 4095  # TmnxEncapVal: lower 12 bits, the outer VLAN; 0 is none

# A table of NSCRTV-FTTX MIBs, by 6, address and VLAN: an ifIndex, or the number of a subscriber's
# box, which this column has by box, slot and the ifIndex of the optical port.
CDATA = (17409, 34592)
CDATA_PORT = "1.3.6.1.4.1.17409.2.3.2.4.2.1.4"
CDATA_POWER = "1.3.6.1.4.1.17409.2.8.4.4.1.4"  # onuReceivedOpticalPower


def enterprise(tables: Tables) -> int:
    """Give the number of the vendor, from sysObjectID; 0 where it is not known."""
    for cell in tables.perhaps(OBJECT_ID).values():
        if isinstance(cell.value, str):
            oid = parse_oid(cell.value)
            return oid[6] if oid[:6] == ENTERPRISES and len(oid) > 6 else 0
    return 0


def learned_by_vendor(
    tables: Tables, known: Mapping[int, Port], *, alone: bool
) -> Iterator[Learned]:
    """Yield the forwarding tables of a vendor's MIB, if the device is of one that is known.

    That of Extreme is the standard one over again, and asked only where it stands ``alone``.
    """
    vendor = enterprise(tables)
    if vendor == HUAWEI:
        yield from _rows(tables.perhaps(HUAWEI_PORT), known, {})
        fixed = tables.perhaps(f"{HUAWEI_FIXED}.4")
        dropped = _those(tables, f"{HUAWEI_FIXED}.5", BLACKHOLE) if fixed else frozenset()
        kept = {index: cell for index, cell in fixed.items() if index not in dropped}
        yield from _rows(kept, known, {}, Status.STATIC)
        yield from _huawei_query(tables, known)
        _say(tables, len(fixed) - len(kept))
    elif vendor == EXTREME and alone:
        column = tables.perhaps(EXTREME_PORT)
        yield from _rows(column, known, tables.perhaps(EXTREME_VLAN) if column else {})
    elif vendor == ALCATEL:
        yield from _alcatel(tables, known)
    elif vendor == NOKIA:
        yield from _nokia(tables, known)
    elif vendor in CDATA:
        yield from _cdata(tables, known)


def vendor_vlans(tables: Tables) -> dict[int, tuple[int, ...]]:
    """Say which VLAN a forwarding table is for, where a vendor numbers them by itself."""
    vendor = enterprise(tables)
    if vendor == EXTREME:  # by the ifIndex of the VLAN's interface
        tagged = tables.perhaps(EXTREME_VLAN)
        return {index[-1]: (cell.number,) for index, cell in tagged.items() if cell.number}
    if vendor != JUNIPER:
        return {}
    found = {index[-1]: cell.number for index, cell in tables.perhaps(JUNIPER_TAG).items() if index}
    tags = tables.perhaps(JUNIPER_ELS_TAG)
    for index, cell in tags.items():  # where jnxL2aldVlanFdbId is not told, it is this
        if index:
            found.setdefault(index[-1] << 16, cell.number)
    for index, cell in tables.perhaps(JUNIPER_ELS_FDB).items():
        if cell.number is not None:
            found[cell.number] = number_at(tags, index)
    return {inside: (tag,) for inside, tag in found.items() if tag}


def _alcatel(tables: Tables, known: Mapping[int, Port]) -> Iterator[Learned]:
    """Yield the table of AOS 7 and later, else that of AOS 6, as address, VLAN and ifIndex."""
    column = tables.perhaps(f"{ALCATEL_GLOBAL}.7")
    if column:
        out = _those(tables, f"{ALCATEL_GLOBAL}.8", FILTERING)
        out |= _those(tables, f"{ALCATEL_GLOBAL}.16", INVALID)
    else:
        column = tables.perhaps(f"{ALCATEL_TABLE}.3")
        out = _those(tables, f"{ALCATEL_TABLE}.3", FILTERING)
    left_out, strange = 0, 0
    for index, cell in column.items():
        if len(index) == 11 and index[0] == OF_A_VLAN:
            port, vlan = index[2:4]
        elif len(index) == 8:
            port, vlan = index[:2]
        else:
            continue
        left_out += index in out
        strange += index not in out and port not in known
        if index not in out and port in known:
            yield from _row(index[-6:], vlan, known[port], Status.LEARNED, evidence_of(cell))
    _say(tables, left_out)
    _say_strange(tables, strange)


def _nokia(tables: Tables, known: Mapping[int, Port]) -> Iterator[Learned]:
    ports = tables.perhaps(f"{NOKIA_TABLE}.5")
    here = _those(tables, f"{NOKIA_TABLE}.4", AT_A_PORT) if ports else frozenset()
    tags = tables.perhaps(f"{NOKIA_TABLE}.6") if ports else {}
    for index, cell in ports.items():
        port = known.get(cell.number or 0)
        if port is not None and index in here and len(index) == 7:
            vlan = (number_at(tags, index) or 0) & ANY_TAG
            evidence = evidence_of(cell, tags.get(index))
            yield from _row(index[1:], vlan % ANY_TAG, port, Status.LEARNED, evidence)


def _cdata(tables: Tables, known: Mapping[int, Port]) -> Iterator[Learned]:
    """Yield who is at an uplink, or at the optical port that leads to a subscriber's box."""
    column = tables.perhaps(CDATA_PORT)
    boxes = tables.perhaps(CDATA_POWER) if column else {}
    optical = {index[0]: index[2] for index in boxes if len(index) == 3}
    strange = 0
    for index, cell in column.items():
        if len(index) != 8:
            continue
        number = cell.number or 0
        port = known.get(optical.get(number, number))
        strange += port is None
        if port is not None:
            yield from _row(index[1:7], index[7], port, Status.LEARNED, evidence_of(cell))
    _say_strange(tables, strange)


def _those(tables: Tables, oid: str, value: int) -> frozenset[Oid]:
    """Give the indexes of a column where a value stands."""
    return frozenset(i for i, cell in tables.perhaps(oid).items() if cell.number == value)


def _say(tables: Tables, left_out: int) -> None:
    if left_out:
        dropped = "whose packets are dropped"
        entries = many(left_out, f"entry {dropped} was", f"entries {dropped} were")
        tables.remark(f"{entries} left out")


def _say_strange(tables: Tables, strange: int) -> None:
    if strange:
        entries = many(strange, "entry was", "entries were")
        tables.lack(f"{entries} left out: the switch does not list their interfaces")


def _huawei_query(tables: Tables, known: Mapping[int, Port]) -> Iterator[Learned]:
    """Yield hwCfgMacAddrQueryTable: by VLAN, two names, the bridge, address, and what was asked."""
    kinds: Column | None = None
    for index, cell in tables.perhaps(f"{HUAWEI_QUERY}.13").items():
        after = _past_text(_past_text(index[1:]))
        port = known.get(interface_index(cell, known) or 0)
        if port is not None and len(after) >= 7:
            kinds = tables.perhaps(f"{HUAWEI_QUERY}.12") if kinds is None else kinds
            learned = text_at(kinds, index).lower() in ("", "dynamic")
            status = Status.LEARNED if learned else Status.STATIC
            yield from _row(after[1:7], index[0], port, status, evidence_of(cell))


def _past_text(index: Oid) -> Oid:
    """Leave out a text of an index, which its length stands before."""
    return index[1 + index[0] :] if index else ()


def _rows(
    column: Column, known: Mapping[int, Port], vlans: Column, status: Status = Status.LEARNED
) -> Iterator[Learned]:
    for index, cell in column.items():
        port = known.get(interface_index(cell, known) or 0)
        if port is not None and len(index) > 6:
            vlan = number_at(vlans, index[6:7]) or index[6] if vlans else index[6]
            yield from _row(index[:6], vlan, port, status, evidence_of(cell))


def _row(
    octets: Oid, vlan: int, port: Port, status: Status, evidence: tuple[Evidence, ...]
) -> Iterator[Learned]:
    """Give a row, if its address is one of a station."""
    if max(octets) < 256 and any(octets) and not octets[0] & 1:
        vlans = (vlan,) if 0 < vlan < ANY_TAG else ()
        mac = bytes(octets).hex(":")
        yield Learned(mac, port.name, port.index, vlans, vlan, status, evidence=evidence)
