"""Tables in which a switch keeps address, card, VLAN and port: DHCP snooping and its kin."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address
from whence.model.mac_addresses import canonical_mac
from whence.model.reported import Pairing, Placed
from whence.switches._platforms import MAC, NO_PORTS, OWN_PORTS, PORTS

LONGEST = 300  # characters of a row
_TITLE = re.compile(
    r"""(?ix) (?<!\S) (?:
      (?P<mac> mac[ ]?address | link[ ]layer[ ]address )
    | (?P<ip> ip[ ]?address | ip | network[ ]layer[ ]address )
    | (?P<vlan> (?:vsi/)?vlan(?:\(\S*|/\S*)? )
    | (?P<port> interface(?:/\S+(?:[ ]id)?)? | port )
    | (?P<other> \S+(?:[ ]\(\S+\))? )
    ) (?!\S)"""
)
_IP = r"(?P<ip>\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})"
_CELLS = {
    "mac": MAC,
    "ip": _IP,
    "vlan": r"(?P<vlan>\d{1,4}|-+)(?:\s*/\s*\S+)*",
    "port": PORTS,
    "other": r"\S+",
}
_NEEDED = {"mac", "ip", "vlan", "port"}
_ADDRESS = re.compile(rf"(?<!\S)(?:{_IP}|{MAC})(?!\S)")
_BESIDE = re.compile(r"(?i)\s*(?:total|binding|codes|preflevel|\d{4}:[a-z]|print count|dhcp|ip ).*")


def _looks_like(head: Head) -> float:
    form, rows, fitting = None, 0, 0
    for line in head.lines[:2000]:
        if found := by_heading(line):
            form = found
        elif form and len(line) < LONGEST and _ADDRESS.search(line):
            rows += 1
            fitting += form.match(line) is not None
    return 0.85 if rows and fitting / rows > 0.3 else 0.0


@kind(_looks_like, longest=LONGEST)
def switch_bindings(lines: Lines, given: Given) -> Iterator[Placed | Pairing]:
    """Which machine a switch gave an address at which port: show ip dhcp snooping binding.

    Also “show device-tracking database” and “show ip device tracking all” of Cisco, “show
    dhcp-snooping binding” of ArubaOS-Switch and Junos, “display dhcp snooping user-bind” of Huawei,
    “display ip source binding” of Comware: any table whose heading has an IP address, a MAC
    address, a VLAN and an interface.
    """
    form: re.Pattern[str] | None = None
    for number, line in lines:
        if not line.strip():
            continue
        if heading := by_heading(line):
            form = heading
            lines.part()
        elif form and (found := form.match(line)):
            yield from _bound(lines, number, line, found)
        elif _ADDRESS.search(line) or (re.search(r"\d", line) and not _BESIDE.fullmatch(line)):
            lines.strange(number, line)
        else:
            lines.part()


def by_heading(line: str) -> re.Pattern[str] | None:
    """Make of a heading how its rows read; None where it is none."""
    if len(line) >= LONGEST or re.search(r"\d", line):
        return None
    kinds = [str(title.lastgroup) for title in _TITLE.finditer(line)]
    if any(kinds.count(needed) != 1 for needed in _NEEDED):
        return None
    last = max(kinds.index(needed) for needed in _NEEDED)
    row = r"\s+".join(_CELLS[kind] for kind in kinds[: last + 1])
    return re.compile(rf"\s*(?:[A-Z][A-Z0-9]{{0,3}}\s+)?{row}(?:\s.*)?$")  # how it was heard of


def _bound(
    lines: Lines, number: int, line: str, found: re.Match[str]
) -> Iterator[Placed | Pairing]:
    mac, ip = canonical_mac(found["mac"]), address(found["ip"])
    port = " ".join(found["port"].split())
    if mac is None or ip is None or NO_PORTS.fullmatch(port):
        lines.strange(number, line)
    elif OWN_PORTS.fullmatch(port):
        lines.leave_out("addresses of the switch itself")
    else:
        lines.several(2)
        vlan = found["vlan"]
        yield Placed(number, mac, port, int(vlan) if vlan.isdecimal() else None, "bound")
        yield Pairing(number, ip, mac, interface=port)
