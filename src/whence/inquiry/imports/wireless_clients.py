"""Tables of the clients of wireless controllers: which access point each is at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address
from whence.model.mac_addresses import canonical_mac
from whence.model.reported import Pairing, Placed

LONGEST = 500  # characters of a row
_MAC = re.compile(
    r"(?i)(?<![\w:.-])(?:[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}|[0-9a-f]{4}(?:[.-][0-9a-f]{4}){2})(?![\w:.-])"
)
_TITLE = re.compile(
    r"""(?x) (?<!\S) (?:
      (?P<mac> (?i:sta[ ]mac | mac[ ]address | client[ ]mac | mac) )
    | (?P<ap> (?i:ap[ ]name | access[ ]point) | Name(?=\s+bssid) )
    | (?P<ip> (?i:ip[ ]address | ip) )
    | (?P<vlan> (?i:vlan(?:[ -]id)?) )
    | (?P<status> (?i:status | state) )
    ) (?!\S)"""
)
_COLUMN = re.compile(r"(?<!\S)\S+(?:\x20\S+)*")
_DASHES = re.compile(r"\s*-+(?:\s+-+)+\s*")
_STATION = re.compile(r"Station (?P<mac>[0-9a-f]{2}(?::[0-9a-f]{2}){5}) \(on (?P<on>[\w.-]+)\)")
_OF_STATION = re.compile(r"\s+[\w /()-]+:\s.*")
_PROMPT = re.compile(r"\([\w.-]+(?: [\w.-]+)*\)(?: \[\S+\])? ?[>#].*")  # (Cisco Controller) >
_GONE = re.compile(r"(?i)(?:prob|excl|idle|delet|black|disassoc|power).*")  # is at no access point
_BESIDE = re.compile(
    r"(?i)\s*(?:number of|total|clients?\b|users?\b|association|rf/wlan|rx/tx|the ).*|\W*"
)

Cut = tuple[int, int | None]  # where a column begins and ends


def _looks_like(head: Head) -> float:
    """Say whether most of the rows with an address stand in the columns of a heading."""
    table, fitting, all_rows = Columns(), 0, 0
    for line in head.lines[:2000]:
        if len(line) < LONGEST and _MAC.search(line):
            all_rows += 1
            fitting += bool(_STATION.fullmatch(line) or table.row(line))
        else:
            table.heading(line)
    return 0.95 if all_rows and fitting / all_rows > 0.3 else 0.0


@kind(_looks_like, longest=LONGEST)
def wireless_clients(lines: Lines, given: Given) -> Iterator[Placed | Pairing]:
    """Which access point a wireless client is at, as controllers list their clients.

    “show client summary” and “show wireless client summary” of Cisco, “show user-table”, “show ap
    association” and “show clients” of Aruba, “display station” of Huawei, “display wlan client” of
    Comware, and “iw station dump” of an access point itself. Where a row has an IP address, that is
    taken, too. Clients that only looked for a network are left out. Which controller it was says
    --host.
    """
    table = Columns()
    for number, line in lines:
        if not line.strip():
            continue
        if found := _STATION.fullmatch(line):
            yield Placed(number, found["mac"], found["on"])
        elif not _MAC.search(line):
            _beside(lines, number, line, is_heading=table.heading(line))
        elif (cells := table.row(line)) is None:
            lines.strange(number, line)
        elif _GONE.fullmatch(cells.get("status", "")):
            lines.leave_out("clients that are at no access point")
        else:
            yield from _client(lines, number, cells)


def _client(lines: Lines, number: int, cells: Mapping[str, str]) -> Iterator[Placed | Pairing]:
    mac, ip = cells["mac"], address(cells.get("ip", ""))
    vlan = cells.get("vlan", "")
    status = cells.get("status", "").lower()
    yield Placed(number, mac, f"access point {cells['ap']}", int(vlan) if vlan else None, status)
    if ip is not None:
        lines.several(2)
        yield Pairing(number, ip, mac)


def _beside(lines: Lines, number: int, line: str, *, is_heading: bool) -> None:
    if (
        is_heading
        or _PROMPT.fullmatch(line)
        or _BESIDE.fullmatch(line)
        or _OF_STATION.fullmatch(line)
    ):
        lines.part()
    else:
        lines.strange(number, line)


class Columns:
    """Where the columns of a table stand, as its heading and the dashes below it say."""

    def __init__(self) -> None:
        self._titles: dict[str, int] = {}
        self._cuts: dict[str, Cut] = {}

    def heading(self, line: str) -> bool:
        """Take in a heading, or the dashes below it."""
        if self._titles and _DASHES.fullmatch(line):
            starts = [found.start() for found in re.finditer(r"(?<!\S)-+", line)]
            self._cuts = {
                name: _cut(max((start for start in starts if start <= at), default=0), starts)
                for name, at in self._titles.items()
            }
            return True
        titles: dict[str, int] = {}
        for found in _TITLE.finditer(line):
            titles.setdefault(str(found.lastgroup), found.start())
        if not {"mac", "ap"} <= {*titles}:
            return bool(self._titles) and not line.strip("- ")
        starts = sorted({*titles.values(), *(found.start() for found in _COLUMN.finditer(line))})
        self._titles = titles
        self._cuts = {name: _cut(at, starts) for name, at in titles.items()}
        return True

    def row(self, line: str) -> dict[str, str] | None:
        """Cut a row; None if a cell that is needed does not stand in its column."""
        cells = {name: _cell(line, cut) for name, cut in self._cuts.items()}
        mac, ap = canonical_mac(cells.get("mac") or ""), cells.get("ap")
        if mac is None or not ap or ap.upper() == "N/A":
            return None
        told = {name: text for name, text in cells.items() if text} | {"mac": mac}
        if not told.get("vlan", "").isdecimal():
            told.pop("vlan", None)
        return told


def _cut(start: int, starts: list[int]) -> Cut:
    return start, next((after for after in starts if after > start), None)


def _cell(line: str, cut: Cut) -> str | None:
    """Give what stands between two places; None where something stands across one of them."""
    start, end = cut
    before = line[start - 1 : start].strip() if start else ""
    over = line[end - 1 : end].strip() if end else ""
    return None if before or over else line[start:end].strip()
