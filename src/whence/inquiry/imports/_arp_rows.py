"""Rows of ARP tables as routers, firewalls, /proc/net/arp, OpenBSD and Solaris print them."""

from __future__ import annotations

import re

OCTETS = r"[0-9A-Fa-f]{1,2}(?:[:-][0-9A-Fa-f]{1,2}){5}"
_DOTTED = r"[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}"
_DASHED = r"[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}"
_HALVES = r"[0-9A-Fa-f]{6}-[0-9A-Fa-f]{6}"
_IP = r"(?P<ip>\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})"

_ROWS = tuple(
    re.compile(row)
    for row in (
        # Cisco IOS: show ip arp
        rf"\s*Internet\s+{_IP}\s+(?:-|\d+)\s+(?P<mac>{_DOTTED}|Incomplete)\s+(?:ARPA|SNAP|SAP)"
        r"(?:\s+(?P<interface>\S+))?\s*",
        # NX-OS: show ip arp; Arista EOS
        rf"\s*{_IP}\s+(?:-|[\d:.]+|N/A)\s+(?P<mac>{_DOTTED}|INCOMPLETE)\s+(?P<interface>[A-Za-z]\S*)"
        r"(?:\s.*)?",
        # Cisco ASA: show arp
        rf"\s*(?P<interface>[A-Za-z][\w.-]*)\s+{_IP}\s+(?P<mac>{_DOTTED})\s+(?:-|\d+)(?:\s.*)?",
        # Junos: show arp, also no-resolve and expiration-time
        rf"\s*(?P<mac>{OCTETS})\s+{_IP}\s+(?:(?P<name>\S+)\s+)?(?P<interface>[a-z]\S*)"
        r"(?:\s+\[\S+\])?\s+[a-z][a-z,]*(?:\s+\d+)?\s*",
        # /proc/net/arp
        rf"\s*{_IP}\s+0x[0-9a-f]+\s+0x[0-9a-f]+\s+(?P<mac>{OCTETS})\s+\S+\s+(?P<interface>\S+)\s*",
        # FortiGate: get system arp
        rf"\s*{_IP}\s+(?:-|\d+)\s+(?P<mac>{OCTETS})\s+(?P<interface>[A-Za-z]\S*)\s*",
        # Palo Alto: show arp all
        rf"\s*(?P<interface>[a-z][\w./-]*)\s+{_IP}\s+(?P<mac>{OCTETS}|\(incomplete\))\s+"
        r"[a-z][\w./-]*\s+[scei]\s+\d+\s*",
        # Solaris: arp -an
        rf"\s*(?P<interface>[a-z][\w-]*\d)\s+{_IP}\s+255(?:\.\d+){{3}}(?:\s+[A-Za-z]{{1,6}})?"
        rf"(?:\s+(?P<mac>{OCTETS}))?\s*",
        # Huawei VRP: display arp
        rf"\s*{_IP}\s+(?P<mac>{_DASHED}|Incomplete)\s+(?:\d+\s+)?(?:I|D|S|O)\s?-\S*"
        r"\s+(?P<interface>[A-Z]\S*)(?:\s.*)?",
        # Comware: display arp
        rf"\s*{_IP}\s+(?P<mac>{_DASHED})\s+\S+\s+(?P<interface>[A-Z]\S*)\s+(?:\d+|N/A|--)"
        r"\s+[SDORMI]\s*",
        # ProCurve and ArubaOS-Switch: show arp
        rf"\s*{_IP}\s+(?P<mac>{_HALVES})\s+\w+\s+(?P<interface>\S+)\s*",
        # MikroTik RouterOS: /ip arp print
        rf"\s*\d+\s++[A-Z]*\s*+{_IP}(?:\s+(?P<mac>{OCTETS}))?\s+(?P<interface>[A-Za-z][\w.-]*)"
        r"(?:\s+[a-z]+)?\s*",
        # OpenBSD: arp -a
        rf"\s*{_IP}\s+(?P<mac>{OCTETS}|\(incomplete\))\s+(?P<interface>[a-z]\w*)"
        r"\s+(?:(?:\d+[dhms])+|permanent|expired|static)(?:\s+\w+)?\s*",
    )
)
BESIDE = re.compile(  # prompts and totals
    r"(?i)\s*(?:[\w.()@:/~-]*[#>]\s*(?:sh|show|display|arp|cat)\b.*"
    r"|(?:total|maximum|default)\b(?:\s+[a-z_]\w*)*+\s*+:?\s*+\d+(?: seconds)?"
    r"(?:\s+[a-z]+:\s*\d+)*\s*"
    r"|net to media table: ipv4\s*|\d+/(?:-|\d+)\s*"  # Solaris; Huawei's VLAN below a row
    r"|bucket:.*entries\s*|there are \d+ entries in the arp table\.?\s*"  # AIX
    r")"
)


def device_row(text: str) -> re.Match[str] | None:
    """Read a row: ip, mac (a word where there is none), interface, and maybe a name."""
    return next((found for row in _ROWS if (found := row.fullmatch(text))), None)
