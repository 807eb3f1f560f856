"""Objects of PowerShell as ConvertTo-Json writes them: sockets and neighbours of Windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from whence.inquiry.imports import powershell_neighbours, powershell_sockets
from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._json_objects import LONGEST, Object, first_objects, objects, word
from whence.inquiry.imports.powershell_neighbours import GROUPS, is_of_group, pairing_of
from whence.inquiry.imports.powershell_sockets import socket_of
from whence.model.reported import Pairing, Socket

SOCKETS = frozenset(powershell_sockets.NEEDED)
NEIGHBOURS = frozenset(powershell_neighbours.NEEDED)
TCP = "RemotePort"
# ConvertTo-Json writes states as numbers: MSFT_NetTCPConnection and MSFT_NetNeighbor, State.
OF_TCP = ("", "Closed", "Listen", "SynSent", "SynReceived", "Established", "FinWait1", "FinWait2",
          "CloseWait", "Closing", "LastAck", "TimeWait", "DeleteTCB")  # fmt: skip
OF_NEIGHBOURS = ("Unreachable", "Incomplete", "Probe", "Delay", "Stale", "Reachable", "Permanent")
ODD = "objects whose addresses or ports are none"
BOUND = "100"  # waits for nobody yet
MACHINE = "PSComputerName"  # of Invoke-Command, which asks several


def _looks_like(head: Head) -> float:
    found = (one for told in first_objects(head) for one in _each(told))
    return 0.95 if any(_is_known(one) for one in found) else 0.0


@kind(_looks_like, longest=LONGEST)
def powershell_json(lines: Lines, given: Given) -> Iterator[Socket | Pairing]:
    """Sockets and neighbours of Windows, by Get-NetTCPConnection and others | ConvertTo-Json.

    Also Get-NetUDPEndpoint and Get-NetNeighbor. Of Invoke-Command, also of several machines. A
    property ProcessName, Process, Name or Image, as people add it, names the program. There are no
    times in it; see windows_netstat.
    """
    for line, text, told in objects(lines):
        known = [one for one in _each(told) if _is_known(one)]
        rows = [_row(line, one) for one in known]
        if not any(rows):
            lines.strange(line, text)
            continue
        lines.several(len(rows))
        for row in rows:
            if row is None:
                lines.leave_out(ODD)
            elif isinstance(row, Pairing) and is_of_group(row):
                lines.leave_out(GROUPS)
            else:
                yield row


def _each(told: Object) -> list[Object]:
    """Give the objects; Windows PowerShell writes a list as an object with “value” and “Count”."""
    value = told.get("value")
    if isinstance(value, list) and "Count" in told:
        return [one for one in value if isinstance(one, dict)]
    return [told]


def _is_known(told: Object) -> bool:
    return told.keys() >= SOCKETS or told.keys() >= NEIGHBOURS


def _row(line: int, told: Object) -> Socket | Pairing | None:
    plain = {name: word(told, name) for name in told}
    if told.keys() >= SOCKETS:
        states = OF_TCP if TCP in told else ()
        plain["State"] = "Bound" if plain.get("State") == BOUND else _named(plain, states)
        if TCP not in told:
            del plain["State"]
        row = socket_of(line, plain)
        return msgspec.structs.replace(row, host=plain.get(MACHINE, "")) if row else None
    plain["State"] = _named(plain, OF_NEIGHBOURS)
    return pairing_of(line, plain)


def _named(told: dict[str, str], states: Sequence[str]) -> str:
    """Give a state in words, also where the file has its number."""
    said = told.get("State", "")
    is_number = said.isascii() and said.isdigit() and len(said) < 3
    return states[int(said)] if is_number and int(said) < len(states) else said
