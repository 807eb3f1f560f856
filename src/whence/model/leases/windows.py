"""Leases of Windows' server: Export-DhcpServer's XML, Get-DhcpServerv4Lease | Export-Csv."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.parsers import expat

from whence.model.errors import BadInput
from whence.model.evidence import Line, Reading
from whence.model.leases.lease import Lease, canonical_ip
from whence.model.mac_addresses import canonical_mac

DEEPEST = 40  # elements within elements; Microsoft's has 8
LONGEST = 1000  # characters of a value
LEASES = frozenset({"Lease", "Reservation"})


def windows_csv(reading: Reading) -> Iterator[Lease]:
    """Give each row; PowerShell may write its type into the first line."""
    columns: list[str] = []
    for line in reading.lines():
        try:
            [fields] = csv.reader([line])
        except (csv.Error, ValueError):
            continue
        if line.startswith("#"):
            continue
        if not columns:
            columns = fields
            continue
        yield from _lease(dict(zip(columns, fields, strict=False)), line)


def windows_xml(reading: Reading) -> Iterator[Lease]:
    """Give each lease and reservation, with the line that it begins at.

    Raises
    ------
    BadInput
        If it is no XML, nests without end, or declares entities, which no server writes.

    """
    parsed = _Parsed(reading)
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: parsed.begin(name, parser.CurrentLineNumber)
    parser.EndElementHandler = parsed.end
    parser.CharacterDataHandler = parsed.text
    parser.EntityDeclHandler = parsed.refuse
    try:
        parser.Parse(reading.text.encode("utf-8", "replace"), True)
    except expat.ExpatError as e:
        if not parsed.found:
            raise BadInput(f"{reading.source} is no XML of a DHCP server", because=str(e)) from e
    yield from parsed.found


class _Parsed:
    """What was read of the XML so far."""

    def __init__(self, reading: Reading) -> None:
        self.found: list[Lease] = []
        self._source = reading.source
        self._lines = [*reading.text.split("\n")]
        self._reading = reading
        self._open: list[str] = []
        self._lease: dict[str, str] | None = None
        self._at = 0

    def begin(self, name: str, line: int) -> None:
        self._open.append(name)
        if len(self._open) > DEEPEST:
            raise BadInput(f"{self._source} nests without end")
        if name in LEASES:
            self._lease, self._at = {}, line

    def text(self, data: str) -> None:
        if self._lease is not None:
            name = self._open[-1]
            self._lease[name] = (self._lease.get(name, "") + data)[:LONGEST]

    def end(self, name: str) -> None:
        self._open.pop()
        if name in LEASES and self._lease is not None:
            line = Line(self._lines[self._at - 1])
            line.evidence = self._reading.cite(self._at, line)
            self.found += _lease(self._lease, line)
            self._lease = None

    def refuse(self, *_: object) -> None:
        raise BadInput(f"{self._source} declares entities", because="no DHCP server writes any")


def _lease(told: dict[str, str], line: Line) -> Iterator[Lease]:
    if ip := canonical_ip(told.get("IPAddress", "")):
        state = (told.get("AddressState") or "").lower().replace("activereservation", "active")
        yield Lease(
            ip,
            canonical_mac(told.get("ClientId", "")) or "",
            (told.get("HostName") or told.get("Name") or "").strip().rstrip("."),
            state.replace("inactivereservation", "expired"),
            _moment(told.get("LeaseExpiryTime", "")),
            (line.evidence,),
        )


def _moment(text: str) -> datetime | None:
    """Read ISO 8601, as the XML has it; in CSV it is in the words of the server's language."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
