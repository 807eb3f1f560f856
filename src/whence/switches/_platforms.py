"""What command lines call things: data, not code. One entry a platform, named as Netmiko does.

Each pattern is for one line of the answer, with groups ``mac``, ``port`` and, where the platform
tells them, ``vlan`` or ``vlan_name``, ``status`` and ``age``. They were written after the vendors'
command references, which are named beside them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_HEX = "[0-9A-Fa-f]"
MAC = (
    rf"(?P<mac>{_HEX}{{4}}(?:[.-]{_HEX}{{4}}){{2}}|{_HEX}{{6}}-{_HEX}{{6}}"
    rf"|{_HEX}{{2}}(?:[:-]{_HEX}{{2}}){{5}})"
)
VLAN = r"(?P<vlan>\d{1,4})"
PORT_NAME = r"[A-Za-z][\w/.:*-]*(?:\([\w.:]*\))?|\d+(?:[/:*][A-Z]?\d+)*"
PORT = rf"(?P<port>{PORT_NAME})"
# Also several with commas, and names of two words.
PORTS = (
    r"(?P<port>vPC\s+Peer-Link(?:\(R\))?|CPU\s+Interface:?\s+\S+"
    r"|(?:(?i:lag|ch|te|gi|fa|fo|hu|tw|tf|ma|po|eth|unit|trunk|port-channel|aggregateport|vlan"
    r"|tu|(?:[a-z]+-)?switchport)|[A-Za-z]+Ethernet)\x20\d+(?:/\x20?\d+)*(?:[.:]\d+)*"
    r"|(?i:port|trunk|mlt):\x20?\d+(?:/\d+)*"
    rf"|\d+\.\d+\.\d+|(?:{PORT_NAME})(?:,\s?(?:{PORT_NAME}))*|-+)"
)
# What stands beside a port in other columns, and is never the name of one.
NO_PORTS = re.compile(
    r"(?i)(?:dynamic|static|learn(?:ed|t)?|secure|self|management|system|permanent|yes|no|aging"
    r"|(?:in)?active|ago|local|dev|n/a)"
)
# What a switch calls itself, and what is no place.
OWN_PORTS = re.compile(
    r"(?i)(?:cpu|router|switch|drop|unknown|sup-eth.*|vl(?:an)? ?\d+|cpu\s+interface.*"
    r"|host\.\d.*|-+)"
)


@dataclass(frozen=True, slots=True)
class Platform:
    """How a command line is asked for its forwarding table, and how its lines read."""

    forwarding: str
    row: re.Pattern[str]
    static: tuple[str, ...] = ("static",)
    own: tuple[str, ...] = ("self", "system", "cpu", "management")
    own_ports: re.Pattern[str] = OWN_PORTS
    of_all: Mapping[str, str] = field(default_factory=dict)  # groups: what a title says of all rows
    neighbours: str = ""  # a command that answers in blocks as Cisco's `show lldp neighbors detail`


def _row(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(" ", r"\s+"))


PLATFORMS: Mapping[str, Platform] = {
    # Cisco IOS Command Reference, "show mac address-table": Vlan, Mac Address, Type, Ports.
    "cisco_ios": Platform(
        "show mac address-table",
        _row(
            rf"\*?\s*(?:{VLAN}|All|N/A|---) {MAC} (?P<status>[A-Za-z-]+)(?: (?:Yes|No))?"
            rf"(?: (?:\d+|-|n/a|~+|(?:ip|ipx|assigned|other)(?:,\w+)*))? {PORTS}\s*$"
        ),
        neighbours="show lldp neighbors detail",
    ),
    # NX-OS: a mark, VLAN, MAC Address, Type, age, Secure, NTFY, Ports.
    "cisco_nxos": Platform(
        "show mac address-table",
        _row(
            rf"[*+GOE~(C)RVA ]*\s*(?:{VLAN}|-) {MAC} (?P<status>\w+) (?P<age>\d+|-|NA|~~~)"
            rf" \w+ \w+ {PORTS}\s*$"
        ),
        neighbours="show lldp neighbors detail",
    ),
    # ProCurve and ArubaOS-Switch, Management and Configuration Guide: MAC Address, Port, VLAN.
    "hp_procurve": Platform(
        "type ; no page; show mac-address; exit; exit; y",
        _row(rf"\s*{MAC} {PORT}(?: {VLAN})?\s*$"),
    ),
    # AOS-CX Command-Line Interface Guide, "show mac-address-table": MAC, VLAN, Type, Port.
    "aruba_aoscx": Platform(
        "show mac-address-table",
        _row(rf"\s*{MAC} {VLAN} (?P<status>[A-Za-z][\w-]*) {PORT}\s*$"),
    ),
    # Junos, "show ethernet-switching table", two forms: with ELS (VLAN's name, MAC, flags, age,
    # interface) and without (VLAN's name, MAC, type, age, interface).
    "juniper_junos": Platform(
        "show ethernet-switching table | no-more",
        _row(
            rf"\s*(?:(?P<vlan_name>\S+) )?{MAC} (?P<status>[A-Za-z][\w,]*) (?:\S+ )?"
            r"(?P<port>[a-z]{2,4}[-\d][\w/.:-]*|vtep\.\d+|Router)(?: .*)?$"
        ),
        static=("static", "s", "se"),
        own_ports=re.compile("(?i)router"),
    ),
    # RouterOS, "/interface bridge host": flags, MAC-ADDRESS, VID, ON-INTERFACE, BRIDGE.
    "mikrotik_routeros": Platform(
        "/interface bridge host print without-paging",
        # A name may have spaces, and then ends where the heading says, which no pattern sees.
        _row(
            rf"\s*\d+ (?P<status>(?:[A-Z]+ )*){MAC}(?: {VLAN})? (?!\d+\s)(?P<port>\S+)"
            r"(?:\s{2,}\S.*|\x20\S+)?\s*$"
        ),
        static=(),
        own=("l", "dl", "xl", "il"),
        own_ports=re.compile("(?!)"),
    ),
    # Huawei VRP, "display mac-address": MAC, VLAN/VSI/BD, Learned-From, Type.
    "huawei_vrp": Platform(
        "type screen-length 0 temporary; display mac-address; quit",
        _row(rf"\s*{MAC} (?:{VLAN}|-)/\S* (?:\S+ )??{PORT} (?P<status>\w+).*$"),
    ),
    # Comware, "display mac-address": MAC ADDR, VLAN ID, STATE, PORT INDEX, AGING.
    "hp_comware": Platform(
        "type screen-length disable; display mac-address; quit",
        _row(rf"\s*{MAC} {VLAN} (?P<status>[A-Za-z][\w-]*(?: static)?) {PORT} \S+.*$"),
        static=("static", "config static", "config-static"),
    ),
}
