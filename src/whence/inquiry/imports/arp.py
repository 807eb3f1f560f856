"""arp -a of Windows, Linux, BSD and macOS, the table of arp -n, and those of routers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._arp_rows import BESIDE, OCTETS, device_row
from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address
from whence.model.mac_addresses import NOBODY, canonical_mac, is_group
from whence.model.reported import Pairing

_WINDOWS = re.compile(rf"\s*(?P<ip>\d+\.\d+\.\d+\.\d+)\s+(?P<mac>{OCTETS})\s+(?P<state>\S.*)")
_INTERFACE = re.compile(r"\s*\S.*?\s(?P<own>\d+\.\d+\.\d+\.\d+)\s+---\s+0x[0-9a-fA-F]+\s*")
_UNIX = re.compile(
    rf"\s*(?P<name>\S+) \((?P<ip>[^)]+)\) (?:at|auf|à|a|на|em|en) (?P<mac>{OCTETS}|[<(][^>)]*[>)])"
    r"(?P<rest>.*)"
)
_ON = re.compile(r"(?:\s(?:on|auf|sur|su|на|em|en)) (?P<interface>\S+)")
_TABLE = re.compile(
    rf"(?P<ip>\S+)\s+(?:(?P<type>[a-z0-9]+)\s+(?P<mac>{OCTETS})\s+(?P<flags>[CMP!]+)(?:\s+\S+)?"
    r"|\(\S+\)(?:\s+[CMP!]+)?)\s+(?P<interface>[\w.@-]+)\s*"
)
INCOMPLETE = "incomplete"  # nobody answered


def _looks_like(head: Head) -> float:
    rows = head.share(
        lambda line: (
            _UNIX.fullmatch(line) or _is_windows(line) or _is_table(line) or device_row(line)
        )
    )
    return 0.9 if rows > 0.2 else 0.0


@kind(_looks_like, longest=500)
def arp(lines: Lines, given: Given) -> Iterator[Pairing]:
    """Which MAC address has which IP address: arp -a of Windows, Linux, BSD, macOS, and arp -n.

    Also /proc/net/arp, arp of Solaris and AIX, and what Cisco IOS, NX-OS, ASA, Arista, Junos,
    FortiGate, Palo Alto, Huawei, Comware, ProCurve and RouterOS show. In any language. Broadcast
    and multicast addresses are left out. There are no times in it: --began says when it was asked
    for.
    """
    own = ""
    for line, text in lines:
        if found := _INTERFACE.fullmatch(text):
            own = found["own"]
            lines.part()
        elif found := device_row(text):
            named = found.groupdict()
            name, on = named.get("name") or "", named["interface"] or ""
            name = "" if name == found["ip"] else name
            yield from _pair(lines, line, found["ip"], found["mac"] or "", "", on, name)
        elif found := _WINDOWS.fullmatch(text):
            yield from _pair(lines, line, found["ip"], found["mac"], found["state"].strip(), own)
        elif found := _UNIX.fullmatch(text):
            on = _ON.search(found["rest"])
            name = found["name"] if found["name"] != "?" else ""
            interface = on["interface"] if on else ""
            yield from _pair(lines, line, found["ip"], found["mac"], "", interface, name)
        elif (found := _TABLE.fullmatch(text)) and address(found["ip"]):
            yield from _pair(lines, line, found["ip"], found["mac"] or "", "", found["interface"])
        elif text.strip():
            _heading(lines, line, text)


def _pair(
    lines: Lines, line: int, ip: str, mac: str, state: str, interface: str, name: str = ""
) -> Iterator[Pairing]:
    plain = address(ip)
    known = canonical_mac(mac) or ""
    if known == NOBODY:  # so Windows and /proc/net/arp write that nobody answered
        known = ""
    if plain is None:
        lines.leave_out("rows without an address (arp without -n)")
    elif known and is_group(known):
        lines.leave_out("groups: broadcast and multicast addresses")
    else:
        yield Pairing(line, plain, known, state or ("" if known else INCOMPLETE), interface, name)


def _heading(lines: Lines, line: int, text: str) -> None:
    """Headings have no digits, in whatever language; prompts and totals may."""
    if not re.search(r"\d", text) or BESIDE.fullmatch(text):
        lines.part()
    else:
        lines.strange(line, text)


def _is_windows(line: str) -> bool:
    return bool(_WINDOWS.fullmatch(line) or _INTERFACE.fullmatch(line))


def _is_table(line: str) -> bool:
    return bool((found := _TABLE.fullmatch(line)) and address(found["ip"]))
