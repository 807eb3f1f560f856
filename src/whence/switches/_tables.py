"""Columns of the tables of a MIB, by their index, each cell with the line it stands in."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from whence.model import CannotAsk, Evidence
from whence.world import Device
from whence.world.ber import Oid, parse_oid
from whence.world.snmp import Refused
from whence.world.snmp_device import CUT_SHORT, REFUSED, read_binding

_TWELVE = re.compile(
    r"[0-9A-Fa-f]{4}(?:[.:-]?[0-9A-Fa-f]{4}){2}|[0-9A-Fa-f]{2}(?: [0-9A-Fa-f]{2}){5}"
)
MOST_SILENT = 2  # tables without an answer, after which a device is not asked on


class Cell(NamedTuple):
    """A value, and where it was read."""

    value: int | bytes | str | None
    evidence: Evidence

    @property
    def number(self) -> int | None:
        """The value if it is a number."""
        return self.value if isinstance(self.value, int) else None

    @property
    def octets(self) -> bytes:
        """The value if it is octets, else none."""
        return self.value if isinstance(self.value, bytes) else b""

    @property
    def text(self) -> str:
        """The value as text for people; octets after the end of a C string are left out."""
        if isinstance(self.value, bytes):
            return self.value.partition(b"\0")[0].decode("utf-8", "replace").strip()
        return "" if self.value is None else str(self.value)


Column = Mapping[Oid, Cell]
NOTHING: Column = {}


@dataclass(slots=True)
class Tables:
    """The tables of one device; each column is asked for once."""

    device: Device
    remarks: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    _known: dict[str, Column] = field(default_factory=dict)
    _silent: int = 0
    _endless: int = 0

    def column(self, oid: str, context: str = "") -> Column:
        """Give a column, by index.

        Raises
        ------
        CannotAsk
            If the device does not answer.

        """
        question = f"walk {oid} of {context}" if context else f"walk {oid}"
        if question not in self._known:
            self._known[question] = self._ask(question, len(parse_oid(oid)))
        return self._known[question]

    def perhaps(self, oid: str, context: str = "") -> Column:
        """Give a column that many devices lack, and remark where it could not be asked."""
        try:
            return self.column(oid, context)
        except Refused as reason:  # of this table; it answers
            self.lack(f"rows may be missing: {reason}: {reason.because}")
            return NOTHING
        except CannotAsk as reason:
            if self._endless > MOST_SILENT:
                raise
            self._silent += 1
            if self._silent > MOST_SILENT:
                raise
            self.lack(f"{reason}: {reason.because}" if reason.because else str(reason))
            return NOTHING

    def answering(self, oid: str, contexts: Sequence[str]) -> frozenset[str]:
        """Say which contexts the device knows; all of them where that cannot be asked."""
        try:
            lines = self.device.ask(f"answering {oid} of {' '.join(contexts)}").lines()
            return frozenset(str(line) for line in lines if line)
        except CannotAsk:
            return frozenset(contexts)

    def _cut_short(self) -> None:
        """Stop asking an agent whose tables have no end: each takes minutes."""
        self._endless += 1
        if self._endless > MOST_SILENT:
            raise CannotAsk(
                f"{self.device.name} is not asked any further",
                because=f"the answers to {self._endless} questions had no end",
            )

    def remark(self, text: str) -> None:
        """Note what was left out or is strange, once."""
        if text not in self.remarks:
            self.remarks.append(text)

    def lack(self, text: str) -> None:
        """Note that rows may be missing, once."""
        self.remark(text)
        if text not in self.missing:
            self.missing.append(text)

    def _ask(self, question: str, depth: int) -> Column:
        cells: dict[Oid, Cell] = {}
        for line in self.device.ask(question).lines():
            if line.startswith(REFUSED):
                self.lack(f"rows may be missing: {line.removeprefix(REFUSED)}")
            elif line.startswith(CUT_SHORT):
                self.lack(line.removeprefix(CUT_SHORT))
                self._cut_short()
            elif line:
                oid, value, _ = read_binding(line)
                cells[oid[depth:]] = Cell(value, line.evidence)
        return cells


def number_at(column: Column, index: Oid) -> int | None:
    """Give the number in a cell, if there is one."""
    cell = column.get(index)
    return cell.number if cell else None


def interface_index(cell: Cell, known: Container[int]) -> int | None:
    """Read an ifIndex; some agents send one beyond 2^31 as a number below zero: Huawei's OLTs."""
    number = cell.number
    if number is None or number >= 0:
        return number
    return number + (1 << 32) if number + (1 << 32) in known else None


def text_at(column: Column, index: Oid) -> str:
    """Give the text in a cell; empty if there is none."""
    cell = column.get(index)
    return cell.text if cell else ""


def evidence_of(*cells: Cell | None) -> tuple[Evidence, ...]:
    """Give where cells were read, those that are there."""
    return tuple([cell.evidence for cell in cells if cell])  # thrice as fast as a generator


def mac_of(octets: bytes) -> str:
    """Write a MAC address; also of the text that some devices send for it.

    That is ("0:1b:c:fb:28:18"), or twelve digits with any signs between them ("001b.0cfb.2818").
    """
    if len(octets) == 6:
        return octets.hex(":")
    text = octets.partition(b"\0")[0].decode("ascii", "replace").strip()
    if _TWELVE.fullmatch(text):
        return bytes.fromhex(re.sub("[^0-9A-Fa-f]", "", text)).hex(":")
    parts = text.replace("-", ":").split(":")
    try:
        numbers = [int(part, 16) for part in parts]
    except ValueError:
        return ""
    whole = len(numbers) == 6 and all(0 <= number <= 255 for number in numbers)
    return bytes(numbers).hex(":") if whole else ""
