"""Get-NetNeighbor of PowerShell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address
from whence.inquiry.imports._powershell_rows import has_objects, rows
from whence.model.mac_addresses import NOBODY, canonical_mac, is_group
from whence.model.reported import Pairing

NEEDED = ("IPAddress", "LinkLayerAddress")
UNKNOWN = ("", NOBODY)  # nobody answered


def _looks_like(head: Head) -> float:
    return 0.95 if has_objects(head, NEEDED) else 0.0


@kind(_looks_like)
def powershell_neighbours(lines: Lines, given: Given) -> Iterator[Pairing]:
    """Which MAC address has which IP address on Windows, by Get-NetNeighbor of PowerShell.

    As a table, as a list, or as CSV. Broadcast and multicast addresses are left out. There are no
    times in it: --began says when it was asked for.
    """

    def pair(line: int, told: Mapping[str, str]) -> Pairing | None:
        ip = address(told["IPAddress"])
        if ip is None:
            return None
        mac = canonical_mac(told["LinkLayerAddress"]) or ""
        interface = told.get("InterfaceAlias") or told.get("ifIndex") or ""
        mac = "" if mac in UNKNOWN else mac
        return Pairing(line, ip, mac, told.get("State", ""), interface)

    for row in rows(lines, NEEDED, pair):
        if _is_group(row):
            lines.leave_out("groups: broadcast and multicast addresses")
        else:
            yield row


def _is_group(row: Pairing) -> bool:
    return bool(row.mac and is_group(row.mac)) or row.ip.startswith(("ff", "224.", "239."))
