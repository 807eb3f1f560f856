"""Which columns a forwarding table has: its heading says so, in whatever order they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from whence.switches._platforms import MAC, PORTS, Platform

LONGEST = 300  # characters of a heading
_TITLE = re.compile(
    r"""(?ix) (?<!\S) (?:
      (?P<vlan_name> vlan[ ]name )
    | (?P<mac> (?:destination|unicast)[ ](?:mac[ ]?)?address | mac[- _]?addr(?:ess)?(?:es)? | mac )
    | (?P<vlan> vlan[ -]?ids? | vlans?(?:/\S*)? | vid | fid )
    | (?P<port> port[ -](?:no|index|id|number) | (?:destination[ ])?ports?(?:/\S+)?
              | interfaces? | learned-from )
    | (?P<status> (?:address[ ]|mac[ ])?type | status | state | is[ ]local\? )
    | (?P<age> age?ing(?:[ ]timer?(?:\(\S*)?)? | age(?:[ ]time)?(?:\(\S*)? | ttl | life[ ]time )
    | (?P<other> \S+ )
    ) (?!\S)"""
)
# Columns of tables that tell other things of a MAC address.
_ELSEWHERE = re.compile(
    r"(?i)\bip(?:v[46])?(?![a-z])|ipaddr|hardware|internet|physical|lease|host|\bb?ssid\b(?!\.)|chassis"
    r"|^\s*protocol\b|\bname\b(?<!vlan name)"
)
_ADDRESS = re.compile(r"(?i)addr")
_MARKS = r"\s*(?:[*+~#GOECRVASDT()]{1,5}\s+)?"
_TYPE = r"(?P<status>[A-Za-z][\w/*+-]*(?:\s(?:static|dynamic)\b)?)"
_CELLS = {
    "mac": MAC,
    "port": PORTS,
    "vlan": r"(?:(?P<vlan>\d{1,4})(?:/\S*)?|-/\S+|-+|[Aa][Ll][Ll]|[Nn]/[Aa])",
    "vlan_name": r"\S.*?",
    "status": _TYPE,
    "age": r"(?P<age>\S+)",
    "other": r"\S+",
}
OWN = ("self", "system", "cpu", "management", "yes", "local", "local static")
STATIC = ("static", "permanent", "config static", "config-static")


def by_heading(line: str, port: str = "", vlan: str = "") -> tuple[Platform, bool] | None:
    """Make of a heading how its rows read; and whether its VLAN is a filtering database (FID).

    None where it is no heading of a forwarding table. ``port`` and ``vlan`` are what a title before
    it told for the whole table.
    """
    if len(line) > LONGEST or re.search(r"\d", line):
        return None
    line = line.replace("|", " ")
    found = [(_kind(title), title.group()) for title in _TITLE.finditer(line)]
    kinds = [kind for kind, _ in found]
    if kinds.count("mac") != 1 or _ELSEWHERE.search(line) or kinds.count("port") > 1:
        return None
    others = [text for kind, text in found if kind == "other"]
    if len(others) > 4 or any(_ADDRESS.search(text) for text in others):
        return None
    kinds = [_other_if_again(kinds, at) for at in range(len(kinds))]
    if "port" not in kinds:
        is_table = bool(port) and "vlan" in kinds
    else:
        is_table = "vlan" in kinds or "status" in kinds or bool(vlan)
    if not is_table:
        return None
    told = {"port": port, "vlan": vlan}
    of_all = {name: value for name, value in told.items() if value and name not in kinds}
    return _platform(kinds, of_all), any(text.lower() == "fid" for _, text in found)


def _kind(title: re.Match[str]) -> str:
    return str(title.lastgroup)


def _other_if_again(kinds: Sequence[str], at: int) -> str:
    """Take a second column of a kind for one that is not needed."""
    return "other" if kinds[at] in kinds[:at] else kinds[at]


def _platform(kinds: Sequence[str], of_all: Mapping[str, str]) -> Platform:
    last = max(at for at, kind in enumerate(kinds) if kind in ("mac", "vlan", "port", "status"))
    needed, more = kinds[: last + 1], kinds[last + 1 :]
    row = ""
    for at, kind in enumerate(needed):
        cell = ("" if at == 0 else r"\s+") + _CELLS[kind]
        # ProCurve leaves a VLAN away that is not known.
        row += f"(?:{cell})?" if at == last and kind == "vlan" and at else cell
    end = r"(?:\s.*)?$" if more or needed[-1] == "status" else r"\s*$"
    return Platform(
        "",
        re.compile(_MARKS + row + end),
        static=STATIC,
        own=OWN,
        of_all=of_all,
    )
