"""Rows of ARP tables as routers, firewalls, /proc/net/arp and OpenBSD print them."""

from __future__ import annotations

import re

OCTETS = r"[0-9A-Fa-f]{1,2}(?:[:-][0-9A-Fa-f]{1,2}){5}"
_DOTTED = r"[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}"
_IP = r"(?P<ip>\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})"

_ROWS = tuple(
    re.compile(row)
    for row in (
        # Cisco IOS: show ip arp
        rf"\s*Internet\s+{_IP}\s+(?:-|\d+)\s+(?P<mac>{_DOTTED}|Incomplete)\s+(?:ARPA|SNAP|SAP)"
        r"(?:\s+(?P<interface>\S+))?\s*",
        # NX-OS: show ip arp
        rf"\s*{_IP}\s+(?:-|[\d:.]+)\s+(?P<mac>{_DOTTED}|INCOMPLETE)\s+(?P<interface>[A-Za-z]\S*)"
        r"(?:\s.*)?",
        # Cisco ASA: show arp
        rf"\s*(?P<interface>[A-Za-z][\w.-]*)\s+{_IP}\s+(?P<mac>{_DOTTED})\s+(?:-|\d+)(?:\s.*)?",
        # Junos: show arp, also no-resolve and expiration-time
        rf"\s*(?P<mac>{OCTETS})\s+{_IP}\s+(?:(?P<name>\S+)\s+)?(?P<interface>[a-z]\S*)"
        r"(?:\s+\[\S+\])?\s+[a-z][a-z,]*(?:\s+\d+)?\s*",
        # /proc/net/arp
        rf"\s*{_IP}\s+0x[0-9a-f]+\s+0x[0-9a-f]+\s+(?P<mac>{OCTETS})\s+\S+\s+(?P<interface>\S+)\s*",
        # OpenBSD: arp -a
        rf"\s*{_IP}\s+(?P<mac>{OCTETS}|\(incomplete\))\s+(?P<interface>[a-z]\w*)"
        r"\s+(?:(?:\d+[dhms])+|permanent|expired|static)(?:\s+\w+)?\s*",
    )
)
BESIDE = re.compile(  # prompts and totals
    r"(?i)\s*(?:[\w.()@:/~-]*[#>]\s*(?:sh|show|display|arp|cat)\b.*"
    r"|total (?:number of )?entries\s*:?\s*\d+\s*)"
)


def device_row(text: str) -> re.Match[str] | None:
    """Read a row: ip, mac (a word where there is none), interface, and maybe a name."""
    return next((found for row in _ROWS if (found := row.fullmatch(text))), None)
