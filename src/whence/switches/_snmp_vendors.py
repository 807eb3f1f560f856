"""Forwarding tables in the vendors' own MIBs, for where the standard ones are empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from whence.model.switching import Learned, Port
from whence.switches._tables import Column, Tables, evidence_of, number_at
from whence.world.ber import Oid, parse_oid

OBJECT_ID = "1.3.6.1.2.1.1.2"  # sysObjectID
ENTERPRISES = (1, 3, 6, 1, 4, 1)
HUAWEI, EXTREME, JUNIPER = 2011, 1916, 2636

HUAWEI_PORT = "1.3.6.1.4.1.2011.5.25.42.2.1.3.1.4"  # hwDynFdbPort: by address, VLAN, VSI
EXTREME_PORT = "1.3.6.1.4.1.1916.1.16.4.1.3"  # extremeFdbMacExosPortIfIndex: by address, VLAN
EXTREME_VLAN = "1.3.6.1.4.1.1916.1.2.1.2.1.10"  # extremeVlanIfVlanId: by the VLAN's ifIndex
JUNIPER_TAG = "1.3.6.1.4.1.2636.3.40.1.5.1.5.1.5"  # jnxExVlanTag: by the number it has inside
JUNIPER_ELS_TAG = "1.3.6.1.4.1.2636.3.48.1.3.1.1.3"  # jnxL2aldVlanTag, by a number of its own
JUNIPER_ELS_FDB = "1.3.6.1.4.1.2636.3.48.1.3.1.1.5"  # jnxL2aldVlanFdbId, by the same number


def enterprise(tables: Tables) -> int:
    """Give the number of the vendor, from sysObjectID; 0 where it is not known."""
    for cell in tables.perhaps(OBJECT_ID).values():
        if isinstance(cell.value, str):
            oid = parse_oid(cell.value)
            return oid[6] if oid[:6] == ENTERPRISES and len(oid) > 6 else 0
    return 0


def learned_by_vendor(tables: Tables, known: Mapping[int, Port]) -> Iterator[Learned]:
    """Yield the forwarding table of a vendor's MIB, if the device is of one that is known."""
    vendor = enterprise(tables)
    if vendor == HUAWEI:
        yield from _rows(tables.perhaps(HUAWEI_PORT), known, {})
    elif vendor == EXTREME:
        column = tables.perhaps(EXTREME_PORT)
        yield from _rows(column, known, tables.perhaps(EXTREME_VLAN) if column else {})


def vendor_vlans(tables: Tables) -> dict[int, tuple[int, ...]]:
    """Say which VLAN a forwarding table of a Juniper switch is for: it numbers them by itself."""
    if enterprise(tables) != JUNIPER:
        return {}
    found = {index[-1]: cell.number for index, cell in tables.perhaps(JUNIPER_TAG).items() if index}
    tags = tables.perhaps(JUNIPER_ELS_TAG)
    for index, cell in tables.perhaps(JUNIPER_ELS_FDB).items():
        if cell.number is not None:
            found[cell.number] = number_at(tags, index)
    return {inside: (tag,) for inside, tag in found.items() if tag}


def _rows(column: Column, known: Mapping[int, Port], vlans: Column) -> Iterator[Learned]:
    for index, cell in column.items():
        octets: Oid = index[:6]
        port = known.get(cell.number or 0)
        if port is None or len(index) < 7 or max(octets) > 255 or not any(octets):
            continue
        vlan = number_at(vlans, index[6:7]) or index[6] if vlans else index[6]
        yield Learned(
            bytes(octets).hex(":"),
            port.name,
            port.index,
            (vlan,) if vlan else (),
            vlan,
            evidence=evidence_of(cell),
        )
