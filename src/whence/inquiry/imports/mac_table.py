"""Forwarding tables of switches, as their command lines print them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Head, Lines, is_prompt, kind
from whence.inquiry.imports._mac_columns import JOINED
from whence.inquiry.imports._mac_forms import SURE, Forms, best
from whence.model.reported import Placed

LONGEST = 300  # characters of a row
LARGEST = 64 << 20  # characters
_MAC = re.compile(
    r"(?i)\b(?:[0-9a-f]{4}[.-]){2}[0-9a-f]{4}\b|\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b"
    r"|\b[0-9a-f]{6}-[0-9a-f]{6}\b"
)
_JOINED = re.compile(JOINED)
_ADDRESS = re.compile(r"\b\d+\.\d+\.\d+\.\d+\b|\blladdr\b")
_HEADING = re.compile(
    r"(?i)mac|vlan|total|entr(?:y|ies)|aging|ageing|count|unit|module|legend|dynamic|fdb"
)
_BARE_PROMPT = re.compile(r"\S{1,60}[#>]\s*")
_WORDS = re.compile(r"(?i)mac|vlan|port|interface|fdb|bridge|ethernet")
# Names of VLANs that tell their number.
_NUMBER = re.compile(r"(?i)(?:v|vlan)?[-_]?0*([1-9]\d{0,3})")


def _looks_like(head: Head) -> float:
    """Say how well the rows fit those lines that have a MAC address."""
    lines = head.lines[:2000]
    if not any(_MAC.search(line) or _JOINED.search(line) for line in lines if len(line) < LONGEST):
        return 0.0
    forms = _forms(lines)
    with_mac = under_heading = by_themselves = 0
    for line in lines:
        macs = _macs(line, forms)
        with_mac += macs > 0
        if not macs:
            forms.is_heading(line)
        elif forms.read(line):
            under_heading += forms.has_form
            is_alone = not forms.has_form
            by_themselves += is_alone and (forms.fallback in SURE or not _ADDRESS.search(line))
    if (under_heading + by_themselves) < 0.3 * max(with_mac, 1):
        return 0.0
    if under_heading > by_themselves:
        return 0.9
    named = _WORDS.search("\n".join(line for line in lines[:20] if not _MAC.search(line)))
    return 0.85 if named or forms.fallback in SURE else 0.55


@kind(_looks_like)
def mac_table(lines: Lines, given: Given) -> Iterator[Placed]:
    """Which MAC address is behind which port, as switches print it: show mac address-table.

    The heading says which column is which: of Cisco IOS, NX-OS, IOS XR and Small Business, ProCurve
    and ArubaOS-Switch, AOS-CX, Comware, VRP, Junos, Arista EOS, EXOS, Enterasys, Alcatel, Dell (N,
    OS9, OS10), Brocade ICX, Netgear and EdgeSwitch, TP-Link, D-Link, Zyxel, RouterOS, FortiSwitch
    and FortiGate, Avaya ERS, VOSS, AlliedWare, PAN-OS, CatOS, Cumulus, SmartAX, TiMOS, ArubaOS and
    others, of brctl showmacs and bridge fdb, and of tables with commas or semicolons between their
    cells. Under a heading, addresses may also be twelve digits without any sign. Without a heading,
    the platform is the one whose rows fit best. Addresses of the switch itself are left out. Which
    switch it was says its prompt, or --host.
    """
    text: list[str] = []
    size = 0
    for number, line in lines:
        size += len(line) + 1
        if size > LARGEST:
            lines.leave_out(f"lines beyond {LARGEST >> 20} MB of a forwarding table")
        else:
            text += [""] * (number - 1 - len(text)) + [line]
    forms = _forms([line for line in text if line][:2000])
    if forms.fallback:
        given.assume(f"rows without a heading are read as those of {forms.fallback}")
    for number, line in enumerate(text, start=1):
        if not line.strip():
            continue
        macs = _macs(line, forms)  # of several, which is at the port is not known
        found = forms.read(line) if macs == 1 else None
        if found and found.has_place:
            vlan = found.vlan if found.vlan is not None else _number(found.vlan_name, given)
            yield Placed(number, found.mac, found.port, vlan, str(found.status))
        elif found:
            lines.leave_out("addresses of the switch itself, of groups, and dropped ones")
        elif macs:
            lines.strange(number, line)
        else:
            _count(lines, number, line, forms.is_heading(line))
    if forms.is_by_fid:
        given.assume("FIDs (filtering databases) are taken for the VLANs of the same number")


def _macs(line: str, forms: Forms) -> int:
    """Count the addresses in a line; twelve digits are one only under a heading."""
    if len(line) >= LONGEST:
        return 0
    return len(_MAC.findall(line)) or (len(_JOINED.findall(line)) if forms.has_form else 0)


def _count(lines: Lines, number: int, line: str, is_heading: bool) -> None:
    named = is_heading or _HEADING.search(line) or not re.search(r"\d", line)
    if is_prompt(line) or named or _BARE_PROMPT.fullmatch(line):
        lines.part()
    else:
        lines.strange(number, line)


def _number(name: str, given: Given) -> int | None:
    found = _NUMBER.fullmatch(name)
    if not found or int(found[1]) > 4094:
        return None
    given.assume("names of VLANs that are numbers, as v10, are taken for their VLAN IDs")
    return int(found[1])


def _forms(lines: list[str]) -> Forms:
    """Find of which platform the rows are that stand under no heading."""
    forms = Forms()
    alone, others = [], []
    for line in lines:
        if not _MAC.search(line):
            forms.is_heading(line)
            others.append(line)
        elif not forms.has_form and not re.search(r"\blladdr\b", line):
            alone.append(line)
    return Forms(best(alone, others))
