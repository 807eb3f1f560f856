"""Get-NetTCPConnection and Get-NetUDPEndpoint of PowerShell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address, number
from whence.inquiry.imports._powershell_rows import has_objects, rows
from whence.model.reported import Owner, Socket

NEEDED = ("LocalAddress", "LocalPort")
PROGRAM = ("ProcessName", "Process", "Name", "Image")  # columns that people add
LISTEN = ("Listen", "2")  # MSFT_NetTCPConnection, State
NOBODY = "0"  # port


def _looks_like(head: Head) -> float:
    return 0.95 if has_objects(head, NEEDED) else 0.0


@kind(_looks_like)
def powershell_sockets(lines: Lines, given: Given) -> Iterator[Socket]:
    """Sockets of Windows, by Get-NetTCPConnection and Get-NetUDPEndpoint of PowerShell.

    As a table, as a list (Format-List), or as CSV with , or ; between. A column ProcessName,
    Process, Name or Image, as people add it, names the program. There are no times in it; see
    windows_netstat.
    """
    yield from rows(lines, NEEDED, socket_of)


def socket_of(line: int, told: Mapping[str, str]) -> Socket | None:
    """Make a socket of the properties of an object; None where they are odd."""
    local, remote = told["LocalAddress"], told.get("RemoteAddress", "")
    is_tcp = "RemotePort" in told or "State" in told
    remote_port = told.get("RemotePort", "")
    if address(local) is None or number(told["LocalPort"]) is None:
        return None
    if is_tcp and (address(remote) is None or number(remote_port) is None):
        return None
    state = told.get("State", "")
    has_end = is_tcp and remote_port != NOBODY
    pid = told.get("OwningProcess", "")
    program = next((told[name] for name in PROGRAM if told.get(name)), "")
    return Socket(
        line,
        "tcp" if is_tcp else "udp",
        local,
        told["LocalPort"],
        remote if has_end else None,
        remote_port if has_end else None,
        state or None,
        state in LISTEN,
        int(pid) if pid.isascii() and pid.isdigit() and len(pid) < 11 else None,
        program or None,
        owner=Owner.NAMED if program else Owner.UNSTATED,
    )
