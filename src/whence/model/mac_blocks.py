"""Blocks of MAC addresses and who holds them, in the forms in which registries are handed on. Pure.

IEEE's own CSV (oui.csv, mam.csv, oui36.csv, iab.csv, cid.csv; Debian's ieee-data has them too),
Wireshark's ``manuf``, and the JSON of the npm package oui-data.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

import msgspec

from whence.model.errors import BadInput

DIGITS = (6, 7, 9)  # hex digits of the prefixes that the IEEE gives out
LONGEST = 120  # characters of a name that are kept
MOST = 2_000_000  # blocks of a file; all of 2026 are 54 thousand
_MANUF = re.compile(
    r"(?P<prefix>[0-9A-Fa-f]{2}(?:[:.-][0-9A-Fa-f]{2}){2,5})(?:/(?P<bits>\d{2}))?\s+"
    r"(?P<short>[^\t#]+?)(?:\t(?P<long>[^\t#]+))?(?:\t.*|\s*#.*)?"
)
_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


def blocks(text: str, name: str) -> dict[str, str]:
    """Read a file of any of the forms: prefix, hex digits in upper case → who it was assigned to.

    Raises
    ------
    BadInput
        If it is of none of them, or nothing is in it.

    """
    start = text.lstrip("\ufeff \r\n")[:200]
    if start.startswith("{"):
        found = _from_json(text, name)
    elif start.startswith("Registry,Assignment"):
        found = _from_csv(text.lstrip("\ufeff").splitlines())
    else:
        found = _from_manuf(text.splitlines())
    made = {prefix: said for prefix, said in _bounded(found, name) if said}
    if not made:
        raise BadInput(
            f"there are no assignments of MAC addresses in {name}",
            because="it is neither IEEE's CSV, nor Wireshark's manuf, nor oui-data's JSON",
            try_="whence data update --from /usr/share/ieee-data",
        )
    return made


def _bounded(found: Iterable[tuple[str, str]], name: str) -> Iterator[tuple[str, str]]:
    for count, (prefix, said) in enumerate(found):
        if count >= MOST:
            raise BadInput(f"{name} has more than {MOST} assignments")
        prefix = prefix.upper()
        if len(prefix) in DIGITS and re.fullmatch("[0-9A-F]+", prefix):
            yield prefix, _SPACES.sub(" ", said).strip()[:LONGEST]


def _from_json(text: str, name: str) -> Iterator[tuple[str, str]]:
    try:
        told = msgspec.json.decode(text, type=dict[str, str])
    except msgspec.MsgspecError as e:
        raise BadInput(f"{name} is no JSON of prefixes and names", because=str(e)) from e
    for prefix, said in told.items():
        yield prefix, said.partition("\n")[0]  # what follows is the postal address


def _from_csv(lines: list[str]) -> Iterator[tuple[str, str]]:
    rows = csv.reader(lines)
    next(rows, None)
    try:
        for row in rows:
            if len(row) >= 3:
                yield row[1], row[2]
    except csv.Error as e:
        raise BadInput("the CSV of the registry cannot be read", because=str(e)) from e


def _from_manuf(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if found := _MANUF.fullmatch(line.rstrip()):
            digits = re.sub("[:.-]", "", found["prefix"])
            bits = int(found["bits"]) if found["bits"] else 4 * len(digits)
            if bits <= 4 * len(digits) and bits % 4 == 0:
                yield digits[: bits // 4], found["long"] or found["short"]
