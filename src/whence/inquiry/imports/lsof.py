"""lsof(8), as a table."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import end
from whence.inquiry.imports._look_times import look_time
from whence.model.reported import Owner, Socket

_ROW = re.compile(  # of lines in which one space stands for many
    r"(?P<program>\S.*?) (?P<pid>\d+) (?:\d+ )*(?:\S+ )?(?P<user>\S+) \d+[rwu]?[^\s\d]?"
    r" (?:IPv[46]|inet6?) \S+ (?:\S+ )?(?P<transport>TCP|UDP|UDPLITE|ICMP|ICMPV6|SCTP|\d+)"
    r" (?P<name>\S*:\S+(?: \(.*\))?)"
)
_OTHER = re.compile(
    r"\S.*? \d+ .* (?:REG|DIR|CHR|FIFO|BLK|unix|sock|a_inode|pipe|PIPE|systm|netlink|KQUEUE"
    r"|NPOLICY|pack|unknown|raw6?|LINK|PSXSHM|PSXSEM|CHAN|FSEVENT|VREG|VDIR|VCHR)\b.*"
)
_HEADING = re.compile(r"COMMAND\s+PID\s.*")
_REPEATED = re.compile(r"=====*.*")  # -r ends a look with a line of = signs


LONGEST = 500  # characters of a line


def _plain(text: str) -> str:
    return " ".join(text[:LONGEST].split())


def _looks_like(head: Head) -> float:
    lines = head.lines
    if lines and _HEADING.fullmatch(lines[0]):
        return 0.98
    return 0.95 if any(_ROW.fullmatch(_plain(line)) for line in lines) else 0.0


@kind(_looks_like, longest=LONGEST)
def lsof(lines: Lines, given: Given) -> Iterator[Socket]:
    """Sockets of Linux, macOS and BSD, by lsof -ni, also with -r again and again.

    With pid, program and user. Open files that are no sockets of a network are left out. There
    are no times in it; see windows_netstat.
    """
    look, rows, at = 0, 0, None
    for number, text in lines:
        if found := _ROW.fullmatch(plain := _plain(text)):
            rows += 1
            yield _read(number, found, look, at)
        elif _HEADING.fullmatch(plain):
            lines.part()
        elif _OTHER.fullmatch(plain):
            lines.leave_out("files that are no sockets of a network")
        elif _REPEATED.fullmatch(text):
            look += 1
            at = look_time(text, given)
            lines.part()
        elif text.strip():
            lines.strange(number, text)


def _read(number: int, found: re.Match[str], look: int, at: int | None) -> Socket:
    name, _, state = found["name"].partition(" (")
    return socket_of(
        number,
        found["transport"].lower(),
        name.strip(),
        state.rstrip(") "),
        int(found["pid"][:10]),
        unescaped(found["program"]),
        found["user"],
        look,
        at,
    )


def socket_of(
    number: int, transport: str, name: str, state: str, pid: int | None, program: str, user: str,
    look: int = 0, at: int | None = None,
) -> Socket:  # fmt: skip
    """Make a row of what lsof calls a socket's name: “local->remote”."""
    here, arrow, there = name.partition("->")
    local, local_port = end(here)
    remote, remote_port = end(there) if arrow else (None, None)
    return Socket(
        number,
        {"icmpv6": "ipv6-icmp"}.get(transport, transport),
        local,
        local_port,
        remote,
        remote_port,
        state or None,
        state == "LISTEN",
        pid,
        program or None,
        owner=Owner.NAMED if program else Owner.UNSTATED,
        look=look,
        at=at,
        user=user,
    )


def unescaped(text: str) -> str:
    r"""Undo \xNN, as which lsof writes a space in a program's name."""
    return re.sub(r"\\x([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)
