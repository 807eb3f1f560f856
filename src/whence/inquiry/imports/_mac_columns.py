"""Which columns a forwarding table has: its heading says so, in whatever order they stand."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from whence.switches._forwarding_rows import Entry, entry_of
from whence.switches._platforms import MAC, PORTS, Platform

LONGEST = 300  # characters of a heading
_TITLE = re.compile(
    r"""(?ix) (?<!\S) (?:
      (?P<vlan_name> vlan[ ]name )
    | (?P<mac> (?:destination|unicast)[ ](?:mac[ ]?)?address
             | mac[- _]{0,2}addr(?:ess)?(?:es)? | mac )
    | (?P<vlan> vlan[ -]?ids?(?:/\S*)? | vlans?(?:/\S*)? | vid | fid )
    | (?P<port> port[ -](?:no|index|id|number) | (?:destination[ ])?ports?(?:/\S+)?
              | interfaces? | learned-from | source(?:-identifier)? )
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
_TYPE = r"(?P<status>[A-Za-z][\w/*+-]*(?:\s(?:static|dynamic)\b)?)(?:\s?\(\w+\))?"
# Under a heading also without any sign; elsewhere that is a number like others.
JOINED = r"(?<![\w.:-])[0-9A-Fa-f]{12}(?![\w.:-])"
_CELLS = {
    "mac": MAC.removesuffix(")") + f"|{JOINED})",
    "port": PORTS,
    # SLX-OS: 7 (V) is a VLAN, 7 (B) a bridge domain.
    "vlan": r"(?:\d+\s\(B\)|(?P<vlan>\d{1,4})(?:/\S*|\s\(V\))?"
    r"|-/\S+|-+|[Aa][Ll][Ll]|[Nn]/[Aa]|ARP)",
    "vlan_name": r"\S.*?",
    "status": _TYPE,
    "age": r"(?P<age>\S+)",
    "other": r"\S+",
}
OWN = ("self", "system", "cpu", "management", "yes", "local", "local static")
STATIC = ("static", "permanent", "config static", "config-static")


@dataclass(frozen=True, slots=True)
class Cells:
    """How the cells of a table are separated, and what stands above each."""

    sign: str
    titles: tuple[str, ...]


def by_heading(line: str, port: str = "", vlan: str = "") -> tuple[Platform, bool] | None:
    """Make of a heading how its rows read; and whether its VLAN is a filtering database (FID).

    None where it is no heading of a forwarding table. ``port`` and ``vlan`` are what a title before
    it told for the whole table.
    """
    if len(line) > LONGEST or re.search(r"\d", line):
        return None
    if cells := cells_of(line):
        line = "  ".join(cells.titles)
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


def cells_of(heading: str) -> Cells | None:
    """Say how the cells of a table are separated, as a heading has its titles; None by spaces."""
    for sign in (",", ";"):
        titles = _parted(heading, sign)
        if len(titles) > 2 and all(title.strip() for title in titles):
            return Cells(sign, tuple(title.strip() for title in titles))
    return None


def separated(platform: Platform, cells: Cells, line: str) -> Entry | None:
    """Read a row whose cells are separated by signs."""
    told = _parted(line, cells.sign)
    if len(told) != len(cells.titles):
        return None
    found: dict[str, str | None] = {}
    for title, text in zip(cells.titles, told, strict=True):
        match = _TITLE.fullmatch(title)
        if match and (kind := _kind(match)) not in found and kind != "other":
            found[kind] = text.strip()
    if not re.fullmatch(_CELLS["mac"], found.get("mac") or ""):
        return None
    if not (found.get("vlan") or "").isdecimal():
        found["vlan"] = None
    return entry_of(platform, found)


def _parted(line: str, sign: str) -> list[str]:
    try:
        return next(csv.reader([line.strip()], delimiter=sign), [])
    except csv.Error:
        return []


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
        # ProCurve leaves away a VLAN that is not known, Avaya the port of the switch itself.
        is_optional = at == last and at and kind in ("vlan", "port")
        row += f"(?:{cell})?" if is_optional else cell
    end = r"(?:\s.*)?$" if more or needed[-1] == "status" else r"\s*$"
    return Platform(
        "",
        re.compile(_MARKS + row + end),
        static=STATIC,
        own=OWN,
        of_all=of_all,
    )
