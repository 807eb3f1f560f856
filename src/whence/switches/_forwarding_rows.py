"""One line of a forwarding table, as a platform prints it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from whence.model.switching import Status
from whence.switches._platforms import NO_PORTS, Platform

LONGEST = 300  # characters of a line
_SPACED = re.compile(r"\s*([/:])\s*")  # "Eth 1/ 7", "Port: 7", "0 /1 /7"
_NO_SIGNS = str.maketrans("", "", ":.-")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line says."""

    mac: str
    port: str
    vlan: int | None
    vlan_name: str
    status: Status
    age: int | None  # seconds
    has_place: bool  # not one of the switch itself, of a group, or dropped


def entry(platform: Platform, line: str) -> Entry | None:
    """Read a line; None if it does not fit, or if what would be its port is none."""
    found = platform.row.match(line) if len(line) < LONGEST else None
    return None if found is None else entry_of(platform, found.groupdict())


def entry_of(platform: Platform, cells: Mapping[str, str | None]) -> Entry | None:
    """Read the cells of a line, as the platform fills them."""
    told = {**cells, **platform.of_all}
    port = _SPACED.sub(r"\1", " ".join((told.get("port") or "").split()))
    mac = bytes.fromhex((told["mac"] or "").translate(_NO_SIGNS)).hex(":")
    status = " ".join((told.get("status") or "").lower().split())
    is_own = status in platform.own or status.replace(" ", "") in platform.own
    is_group = bool(int(mac[1], 16) & 1)
    if not is_own and (not port or NO_PORTS.fullmatch(port)):
        return None
    vlan, age = told.get("vlan"), told.get("age") or ""
    if octets := told.get("vlan_octets"):
        vlan = str(int(octets.replace(":", ""), 16))
    return Entry(
        mac,
        port,
        int(vlan) if vlan else None,
        told.get("vlan_name") or "",
        Status.STATIC if status.split(",")[0] in platform.static else Status.LEARNED,
        int(age) if age.isdecimal() else None,
        not (is_own or is_group or platform.own_ports.fullmatch(port)),
    )
