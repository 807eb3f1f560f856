"""Forwarding tables whose form is more than a heading and columns, and those without a heading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from whence.inquiry.imports._mac_columns import OWN, Cells, by_heading, cells_of, separated
from whence.switches._forwarding_rows import Entry, entry
from whence.switches._platforms import MAC, PLATFORMS, PORT, PORTS, VLAN, Platform

_NONE = re.compile("(?!)")
_ROUTEROS = "mikrotik_routeros"
_ROUTEROS_HEADING = re.compile(r"\s*#?\s*MAC-ADDRESS\s.*\bON-INTERFACE\b")
_ROUTEROS_FLAGS = re.compile(r"\s*Flags: .*\b[A-Z] - |\s*Columns: .*\bON-INTERFACE\b")
# A title before the heading, of a table that is of one port, or of one VLAN.
_OF_ALL = re.compile(
    r"(?i)(?:port address table - (?P<port>[\w/]+)|address table - vlan (?P<vlan>\d{1,4})"
    r"|bridging domain : .*, VLAN : (?P<bridged>\d{1,4}))\s*$"
)
_PROMPT = re.compile(r"(?:<[\w.-]+>|\[\S+@.*\] ?>|[\w.@:/-]+[#>])\s*\S.*$")

# EXOS, "show fdb": MAC, VLAN's name (tag), age, flags with spaces between them, ports.
_EXOS = Platform(
    "",
    re.compile(
        rf"\s*{MAC}\s+(?P<vlan_name>\S+?)\(\s*(?P<vlan>\d{{1,4}})\)\s+(?P<age>\d+)"
        r"\s+(?:(?P<status>s)[A-Za-z ]*?|[A-Za-z][A-Za-z ]*?)"
        r"\s+(?P<port>\d+(?::\d+)?(?:,\s?\d+(?::\d+)?)*)\s*$"
    ),
    static=("s",),
)
# FortiOS, "diagnose netlink brctl name host": number, device, its name, MAC, ttl, marks.
_FORTIGATE = Platform(
    "",
    re.compile(
        rf"\s*\d+\s+\d+\s+(?P<port>\S+)\s+{MAC}\s+(?P<age>\d+)(?:\s+(?P<status>[A-Za-z].*?))?\s*$"
    ),
    own=OWN,
)
# IOS XR, "show l2vpn forwarding … mac-address": MAC, type, an interface or a pseudowire.
_IOSXR = Platform(
    "",
    re.compile(
        rf"\s*{MAC}\s+(?P<status>\w+)\s+"
        r"(?P<port>\([^()]*\)|BD id: \d+|[A-Za-z][\w/.:-]*)(?:\s.*)?$"
    ),
    own=(*OWN, "routed"),
    own_ports=re.compile("(?i)bd id.*|bv.*"),
)
# VOSS, "show vlan mac-address-entry": VLAN, status, MAC, interface, and what its partner knows.
_VOSS = Platform(
    "",
    re.compile(rf"\s*{VLAN}\s+(?P<status>[a-z]+)\s+{MAC}\s+{PORT}(?:\s.*)?$"),
    own=(*OWN, "mgmt"),
    own_ports=re.compile("(?i)port-cpp|-+"),
)
# PAN-OS, "show mac all": a VLAN's name, MAC, interface, status, time to live.
_PANOS = Platform(
    "",
    re.compile(
        rf"\s*(?P<vlan_name>\S+)\s+{MAC}\s+(?P<port>[a-z]\S+)\s+(?P<status>[a-z])\s+(?P<age>\d+)\s*$"
    ),
    static=("s",),
)
# CatOS, "show cam": VLAN, MAC, a mark, ports, protocols.
_CATOS = Platform(
    "",
    re.compile(
        rf"\s*{VLAN}\s+{MAC}\s+(?:(?P<status>[*+#RX$]+)\s+)?(?P<port>\d+/\d+(?:[-,]\d+(?:/\d+)?)*)"
        r"(?:\s+\[.*\])?\s*$"
    ),
    static=("*", "+", "x", "$"),
    own=("#", "r", "r#"),
)
# Cumulus, "net show bridge macs": cells that are empty are left away.
_CUMULUS = Platform(
    "",
    re.compile(
        rf"\s*(?:{VLAN}|untagged)\s+(?:\S+\s+)?(?P<port>\S+)\s+{MAC}"
        r"(?:.*\s(?P<status>permanent|static)\b.*|\s.*)?$"
    ),
    own=("permanent",),
    own_ports=_NONE,
)
# Huawei's SmartAX, "display mac-address all": of a service port, its frame, slot and port.
_SMARTAX = Platform(
    "",
    re.compile(
        rf"\s*(?:\d+|-)\s+(?:\d+|-)\s+[a-z]+\s+{MAC}\s+(?P<status>[a-z]+)"
        rf"\s+(?P<port>\d+\s?/\s?\d+\s?/\s?\d+)\s+\S+\s+\S+\s+{VLAN}\s*$"
    ),
)
# FASTPATH of old, "show mac-addr-table": a MAC behind the two octets of its VLAN.
_OCTETS = Platform(
    "",
    re.compile(
        r"\s*(?P<vlan_octets>[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}):"
        rf"{MAC}\s+(?P<port>\d+[./]\d+(?:[./]\d+)?)\s+\d+\s+(?P<status>[A-Za-z]+)\s*$"
    ),
    own=OWN,
)
# TiMOS, "show service fdb-mac": a service, MAC, a port with its tags or a tunnel, type and age.
_TIMOS = Platform(
    "",
    re.compile(
        rf"\s*\d+\s+{MAC}\s+(?:sap:)?(?P<port>sdp:\S+|[^\s:]+)"
        r"(?::(?P<vlan>\d{1,4})(?:\.\S+)?|:\*\S*)?\s+(?P<status>[A-Za-z]+)(?:/\S+)?(?:\s.*)?$"
    ),
    static=("s", "evpns"),
    own_ports=re.compile("(?i)cpm"),
)
# UniFi, "swctrl mac show": port, VLAN, MAC, what it knows of the machine, type.
_UNIFI = Platform(
    "",
    re.compile(
        rf"\s*(?P<port>\d+(?:/\d+)*)\s+{VLAN}\s+{MAC}(?:\s.*?)?\s+(?P<status>[A-Za-z]+)\s*$"
    ),
    own=OWN,
)
# Siemens Scalance, "show mac-address-table": the column before the port is mostly empty.
_SCALANCE = Platform(
    "",
    re.compile(rf"\s*{VLAN}\s+{MAC}\s+(?P<status>[A-Za-z]+)\s+(?:\S+\s{{2,}})?{PORTS}\s*$"),
    own=OWN,
)
# ArubaOS, "show datapath bridge table": also the tunnel to an access point.
_ARUBA = Platform(
    "",
    re.compile(
        rf"\s*{MAC}\s+{VLAN}\s+\d+\s+(?P<port>tunnel \d+|\S+)"
        r"(?:\s+(?P<status>[A-Z]+))?(?:\s+\d.*)?$"
    ),
    own=("p", "local"),
    own_ports=re.compile("(?i)local|vlan.*"),
)
_OF_A_HEADING: tuple[tuple[str, re.Pattern[str], Platform], ...] = (
    (
        "juniper_junos",
        re.compile(
            r"(?i)\s*(?:ethernet[- ]switching table\b.*:|routing instance\s*:"
            r"|(?:vlan\s+)?mac\s+mac\s+(?:age\s+)?logical\b"
            r"|vlan\s+mac address\s+type\s+age\s+interf)"
        ),
        PLATFORMS["juniper_junos"],
    ),
    ("extreme_exos", re.compile(r"(?i)\s*mac\s+vlan.*\bflags\s+port / virtual port"), _EXOS),
    ("fortinet", re.compile(r"(?i)\s*port no\s+device\s+devname\s+mac addr"), _FORTIGATE),
    ("extreme_voss", re.compile(r"(?i)\s*id\s+status\s+address\s+interface\b"), _VOSS),
    ("paloalto_panos", re.compile(r"(?i)\s*vlan\s+hw address\s+interface\s+status\b"), _PANOS),
    ("cisco_catos", re.compile(r"(?i)\s*vlan\s+dest mac/route des\b"), _CATOS),
    ("cumulus", re.compile(r"(?i)\s*vlan\s+master\s+interface\s+mac\b"), _CUMULUS),
    ("huawei_smartax", re.compile(r"(?i)\s*srv-p\s+bundle\s+type\s+mac\b"), _SMARTAX),
    ("netgear", re.compile(r"(?i)\s*mac addr\w*\s+slot\.port\b"), _OCTETS),
    ("aruba_os", re.compile(r"(?i)\s*mac\s+vlan\s+assigned vlan\s+destination\b"), _ARUBA),
    ("nokia_sros", re.compile(r"(?i)\s*servid\s+mac\s+source-identifier\b"), _TIMOS),
    ("ubiquiti_unifi", re.compile(r"(?i)\s*port\s+vlan\s+mac\s+ip\s+hostname\b"), _UNIFI),
    ("siemens", re.compile(r"(?i)\s*vlan\s+mac address\s+type\s+connectionid\b"), _SCALANCE),
    ("cisco_xr", re.compile(r"(?i)\s*mac address\s+type\s+learned from/filtered on"), _IOSXR),
)
# What rows without a heading must have, so that they are taken for those of these makers.
_TYPE = r"(?P<status>(?i:dynamic|static|self|learned|management))"


def _bare(row: str) -> Platform:
    return Platform("", re.compile(r"\s*" + row.replace(" ", r"\s+") + r"\s*$"), own=OWN)


# iproute2, "bridge fdb"; FortiSwitchOS, "diagnose switch mac-address list"
_WITHOUT_HEADING: dict[str, Platform] = {
    "bridge fdb": Platform(
        "",
        re.compile(
            rf"\s*{MAC}\s+dev\s+(?P<port>\S+)(?:\s+dst\s+\S+)?(?:\s+vlan\s+(?P<vlan>\d{{1,4}}))?"
            r"(?=\s|$)(?:(?!\s(?:permanent|static|local)\b).)*(?:\s(?P<status>permanent|static|local)\b.*)?$"
        ),
        own=("permanent", "local"),
        own_ports=_NONE,
    ),
    "fortiswitch": Platform(
        "",
        re.compile(
            rf"(?i)\s*MAC:\s+{MAC}\s+VLAN:\s+(?P<vlan>\d{{1,4}})\s+(?:Port|Trunk):\s+"
            r"(?P<port>\S+?)\((?:port|trunk)-id\s+\d+\)\s*$"
        ),
        own_ports=re.compile("(?i)internal|cpu"),
    ),
    "extreme_exos": _EXOS,
    "cisco_ios, arista_eos or dell_os9": _bare(
        rf"{VLAN} {MAC} {_TYPE} {PORTS}(?: (?:\d+ .*ago|(?:Ina|A)ctive))?"
    ),
    "netgear or cisco_s300": _bare(rf"{VLAN} {MAC} {PORTS}(?: \d+)? {_TYPE}"),
    "tplink": _bare(rf"{MAC} {VLAN} {PORTS} {_TYPE}(?: \S+)?"),
    "brocade_icx": _bare(rf"{MAC} {PORTS} {_TYPE} \d+ {VLAN}"),
    # One number alone may be a port or a VLAN.
    "hp_procurve": Platform("", re.compile(rf"\s*{MAC}\s+{PORT}\s+(?P<vlan>\d{{1,4}})\s*$")),
}
SURE = ("bridge fdb", "fortiswitch")  # nothing else looks like them


@dataclass
class Forms:
    """How the rows of a file read, one line after the other: each heading says it anew."""

    fallback: str = ""  # the platform of rows that stand under no heading
    is_by_fid: bool = False
    _form: Platform | None = None
    _port: str = ""
    _vlan: str = ""
    _cells: Cells | None = None  # where they are separated by signs
    _port_at: tuple[int, int] = (0, 0)  # RouterOS: where its column begins, and the next one

    def is_heading(self, line: str) -> bool:
        """Say whether a line without a MAC address tells how those after it read."""
        if _PROMPT.match(line):
            self._form, self._port, self._vlan, self._port_at = None, "", "", (0, 0)
            self._cells = None
            return False
        if title := _OF_ALL.search(line):
            self._port, self._vlan = title["port"] or "", title["vlan"] or title["bridged"] or ""
            return True
        if _ROUTEROS_HEADING.match(line):
            self._form, self._cells = PLATFORMS[_ROUTEROS], None
            self._port_at = (line.find("ON-INTERFACE"), line.find(" BRIDGE") + 1)
            return True
        for _, heading, platform in _OF_A_HEADING:
            if heading.match(line):
                if "instance" in line.lower():
                    self._vlan = ""
                self._form, self._port_at = self._for_all(platform), (0, 0)
                self._cells = None
                return True
        if found := by_heading(line, self._port, self._vlan):
            self._form, is_by_fid = found
            self._cells = cells_of(line)
            self._port, self._vlan, self._port_at = "", "", (0, 0)
            self.is_by_fid |= is_by_fid
            return True
        return False

    def read(self, line: str) -> Entry | None:
        """Read a row."""
        if self._form is None:
            return entry(named(self.fallback), line) if self.fallback else None
        if self._cells:
            return separated(self._form, self._cells, line)
        start, end = self._port_at
        if end and len(line) > end and line[start - 1] == line[end - 1] == " ":
            of_all = {"port": line[start:end].strip()}
            if found := entry(replace(_BEFORE_PORT, of_all=of_all), line[:start].rstrip()):
                return found
        return entry(self._form, line.replace("|", " "))

    @property
    def has_form(self) -> bool:
        """Whether a heading has said how rows read."""
        return self._form is not None

    def _for_all(self, platform: Platform) -> Platform:
        return replace(platform, of_all={"vlan": self._vlan}) if self._vlan else platform


# RouterOS, up to the column of the port, whose name may have spaces.
_BEFORE_PORT = replace(
    PLATFORMS[_ROUTEROS],
    row=re.compile(rf"\s*\d+\s+(?P<status>(?:[A-Z]+\s+)*){MAC}(?:\s+(?P<vlan>\d{{1,4}}))?$"),
)
_ALONE = _WITHOUT_HEADING | {
    name: platform for name, platform in PLATFORMS.items() if name not in _WITHOUT_HEADING
}


def named(name: str) -> Platform:
    """Give a platform whose rows stand under no heading."""
    return _ALONE[name]


def best(lines: Sequence[str], others: Sequence[str]) -> str:
    """Name the platform whose rows fit most of these lines; "" if none fits any.

    ``others`` are the lines without a MAC address. Rows of RouterOS look like many others' that
    begin with a number: they need their flags, or a heading.
    """
    fits = {
        name: sum(entry(platform, line) is not None for line in lines)
        for name, platform in _ALONE.items()
    }
    if not any(_ROUTEROS_FLAGS.match(line) for line in others):
        fits[_ROUTEROS] = sum(_has_flags(line) for line in lines)
    name = max(fits, key=lambda name: fits[name])
    return name if fits[name] else ""


def _has_flags(line: str) -> bool:
    found = PLATFORMS[_ROUTEROS].row.match(line) if len(line) < 300 else None
    return bool(found and found["status"].strip())
