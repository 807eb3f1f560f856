"""Sockets that artifacts of Velociraptor collect, as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address, number
from whence.inquiry.imports._json_objects import (
    LONGEST,
    Object,
    first_objects,
    objects,
    within,
    word,
)
from whence.inquiry.imports._process_table import ProcessTable, Ran, pid_of
from whence.model.reported import Owner, Row, Socket

LISTENING = ("LISTEN", "LISTENING")
NOBODY = ("", "0.0.0.0", "::")
LOCAL, REMOTE = ("Laddr", "Src", "Local"), ("Raddr", "Dest", "Remote")
HOST = ("Fqdn", "Hostname", "_Fqdn")
TRANSPORTS = {"tcp": "tcp", "tcp4": "tcp", "tcp6": "tcp", "udp": "udp", "udp4": "udp",
              "udp6": "udp"}  # fmt: skip


def _looks_like(head: Head) -> float:
    return 0.92 if any(_is_socket(told) for told in first_objects(head)) else 0.0


@kind(_looks_like, longest=LONGEST)
def velociraptor(lines: Lines, given: Given) -> Iterator[Row]:
    """Sockets of Velociraptor: Windows.Network.Netstat, NetstatEnriched and Linux.Network.Netstat.

    As JSON or JSONL, with Fqdn where results are of several machines. Timestamp says when a socket
    was made, and not when it was seen: --began says that.
    """
    processes = ProcessTable(given)
    for line, text, told in objects(lines):
        host = word(told, *HOST)
        socket = _socket(line, told, host) if _is_socket(told) else None
        if socket is None:
            lines.strange(line, text)
            continue
        ran = _ran(told)
        if ran and ran.command_line and processes.take(line, ran, host):
            lines.several(2)
        yield socket
    yield from processes.end()


def _end(told: Object, names: tuple[str, ...]) -> tuple[str, str] | None:
    """Give address and port, which stand in an object, or beside each other."""
    for name in names:
        inner = within(told, name)
        if "IP" in inner and "Port" in inner:
            return word(inner, "IP"), word(inner, "Port")
        for point in (".", ""):
            ip, port = f"{name}{point}IP", f"{name}{point}Port"
            if ip in told and port in told:
                return word(told, ip), word(told, port)
    return None


def _is_socket(told: Object) -> bool:
    ends = _end(told, LOCAL) and _end(told, REMOTE)
    return bool(ends) and "Pid" in told and ("Type" in told or "TypeString" in told)


def _socket(line: int, told: Object, host: str) -> Socket | None:
    local, remote = _end(told, LOCAL), _end(told, REMOTE)
    transport = TRANSPORTS.get(word(told, "TypeString", "Type").lower())
    if transport is None or local is None or remote is None:
        return None
    if address(local[0]) is None or number(local[1]) is None:
        return None
    has_end = remote[0] not in NOBODY
    if has_end and (address(remote[0]) is None or number(remote[1]) is None):
        return None
    state = word(told, "Status") if transport == "tcp" else ""
    pid, program = pid_of(word(told, "Pid")), word(told, "Path", "Exe", "Name")
    return Socket(
        line,
        transport,
        *local,
        remote[0] if has_end else None,
        remote[1] if has_end else None,
        state or None,
        state.upper() in LISTENING,
        pid,
        program or None,
        owner=Owner.NAMED if pid is not None else Owner.UNAVAILABLE,
        host=host,
    )


def _ran(told: Object) -> Ran | None:
    pid, program = pid_of(word(told, "Pid")), word(told, "Path", "Exe", "Name")
    if pid is None or not program:
        return None
    return Ran(pid, program, word(told, "CommandLine"), word(told, "Username"))
