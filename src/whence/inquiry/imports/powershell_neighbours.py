"""Get-NetNeighbor of PowerShell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address
from whence.inquiry.imports._powershell_rows import has_objects, rows
from whence.model.mac_addresses import NOBODY, canonical_mac, is_group
from whence.model.reported import Pairing

NEEDED = ("IPAddress", "LinkLayerAddress")
GROUPS = "groups: broadcast and multicast addresses"
UNKNOWN = ("", NOBODY)  # nobody answered


def _looks_like(head: Head) -> float:
    return 0.95 if has_objects(head, NEEDED) else 0.0


@kind(_looks_like)
def powershell_neighbours(lines: Lines, given: Given) -> Iterator[Pairing]:
    """Which MAC address has which IP address on Windows, by Get-NetNeighbor of PowerShell.

    As a table, as a list, or as CSV. Broadcast and multicast addresses are left out. There are no
    times in it: --began says when it was asked for.
    """
    for row in rows(lines, NEEDED, pairing_of):
        if is_of_group(row):
            lines.leave_out(GROUPS)
        else:
            yield row


def pairing_of(line: int, told: Mapping[str, str]) -> Pairing | None:
    """Make a pairing of the properties of an object; None where they are odd."""
    ip = address(told["IPAddress"])
    if ip is None:
        return None
    mac = canonical_mac(told["LinkLayerAddress"]) or ""
    interface = told.get("InterfaceAlias") or told.get("ifIndex") or ""
    mac = "" if mac in UNKNOWN else mac
    return Pairing(line, ip, mac, told.get("State", ""), interface)


def is_of_group(row: Pairing) -> bool:
    """Say whether it is a broadcast or multicast address."""
    return bool(row.mac and is_group(row.mac)) or row.ip.startswith(("ff", "224.", "239."))
