"""Leases of Windows' server: Export-DhcpServer's XML, Get-DhcpServerv4Lease, and netsh."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.parsers import expat

from whence.model.errors import BadInput
from whence.model.evidence import Line, Reading
from whence.model.leases.lease import Lease, canonical_ip
from whence.model.mac_addresses import canonical_mac
from whence.model.powershell_objects import objects

DEEPEST = 40  # elements within elements; Microsoft's has 8
LONGEST = 1000  # characters of a value
NEEDED = frozenset({"IPAddress", "ClientId"})  # properties of a lease
NETSH_ROW = re.compile(
    r"\s*(?P<ip>\d+(?:\.\d+){3})\s+-\s+\d+(?:\.\d+){3}\s*-\s*(?P<mac>[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2})*)"
    r"\s+-\s*(?P<ends>\S.{0,60}?)\s*-\s*[A-Z](?:\s*-\s*(?P<name>\S.*?)?)?\s*"
)
STATES = {"activereservation": "active", "inactivereservation": "expired"}
_INACTIVE = re.compile("(?i)ina[ck]ti")
_CUT = re.compile(r"\.\.\.$|…$")  # so PowerShell ends what did not fit
LEASES = frozenset({"Lease", "Reservation"})


def windows_objects(reading: Reading) -> Iterator[Lease]:
    """Give each that PowerShell wrote: as a table, as a list, or as CSV with , or ; between."""
    lines = [*reading.lines()]
    for told, values in objects(enumerate(lines), NEEDED):
        if values:
            yield from _lease(values, lines[told[0][0]])


def netsh_clients(reading: Reading) -> Iterator[Lease]:
    """Give each row of netsh dhcp server scope … show clients, with the name where it has one."""
    for line in reading.lines():
        if (found := NETSH_ROW.fullmatch(line)) and (ip := canonical_ip(found["ip"])):
            state = "expired" if _INACTIVE.match(found["ends"]) else "active"
            name = (found["name"] or "").rstrip(".")
            mac = canonical_mac(found["mac"]) or ""
            yield Lease(ip, mac, name, state, None, (line.evidence,))


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
        state = (told.get("AddressState") or "").lower()
        yield Lease(
            ip,
            canonical_mac(told.get("ClientId", "")) or "",
            _name(told.get("HostName") or told.get("Name") or ""),
            STATES.get(state, state),
            _moment(told.get("LeaseExpiryTime", "")),
            (line.evidence,),
        )


def _name(text: str) -> str:
    """Of a name that a table cut off, its first part is whole."""
    name = text.strip()
    if _CUT.search(name):
        name, _, more = _CUT.sub("", name).partition(".")
        name = name if more else ""
    return name.rstrip(".")


def _moment(text: str) -> datetime | None:
    """Read ISO 8601, as the XML has it; in CSV it is in the words of the server's language."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
