"""netstat(8) of Linux, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import ANY
from whence.inquiry.imports._look_times import look_time
from whence.model.reported import Owner, Socket

_ROW = re.compile(
    r"\s*(?P<transport>tcp|udp|udplite|udpl|sctp|raw|dccp)6?\s+\d+\s+\d+\s+(?P<local>\S*:(?:\*|[\w-]+))"
    r"\s+(?P<remote>\S*:(?:\*|[\w-]+))(?P<rest>(?:\s.*)?)"
)
_HOLDER = re.compile(r"(?:^|\s)(?P<pid>\d+)/(?P<program>.*)$")
_TIMER = re.compile(r"\s[^\s()]+ \([-\d.,]+/\d+/\d+\)\s*$")  # of -o, in any language
_STATE = re.compile(r"[^\W\d][\w-]*")  # in any language
_OF_SS = "users:(("
_UNIX = re.compile(r"\s*(?:unix|bluetooth|l2cap|rfcomm)\b")
NO_HOLDER = "-"
CUT = 23  # characters of an end that are printed without -W: of its address, what fits
WAITING = ("0.0.0.0", "::", "*")


def _looks_like(head: Head) -> float:
    return 0.9 if any(_row(line) for line in head.lines) else 0.0


def _row(text: str) -> re.Match[str] | None:
    """Read a row, which is none of ss without a state."""
    return None if _OF_SS in text else _ROW.fullmatch(text)


@kind(_looks_like)
def linux_netstat(lines: Lines, given: Given) -> Iterator[Socket]:
    """Sockets of Linux, by netstat -tunap (net-tools), also with -c again and again.

    With pid and program where it was run as root. Addresses that netstat cut short (without -W)
    are left out. There are no times in it; see windows_netstat.
    """
    heading: list[tuple[int, str]] = []
    look, rows, at = 0, 0, None
    is_wide = False
    for number, text in lines:
        if found := _row(text):
            if heading:
                look += bool(rows)
                at = None
                for _, above in heading:
                    at = look_time(above, given) or at
                    lines.part()
                heading = []
            rows += 1
            ends = [end for end in (found["local"], found["remote"]) if end.count(":") > 1]
            is_wide = is_wide or any(len(end) > CUT for end in ends)
            if not is_wide and any(len(end) == CUT for end in ends):
                lines.leave_out("addresses that netstat cut short (without -W)")
                continue
            yield _read(number, found, look, at)
        elif _UNIX.match(text):
            lines.leave_out("sockets that are not of a network")
            heading = []
        elif text.strip():
            heading.append((number, text))
            if len(heading) > 3:
                lines.strange(*heading.pop(0))
    for line in heading:
        lines.strange(*line)


def _read(number: int, found: re.Match[str], look: int, at: int | None) -> Socket:
    transport = found["transport"]
    local, local_port = _end(found["local"])
    remote, remote_port = _end(found["remote"])
    rest = _TIMER.sub("", found["rest"])
    holder = _HOLDER.search(rest)
    words = (rest[: holder.start()] if holder else rest).split()
    if words and words[-1] == NO_HOLDER:
        words.pop()
    user = ""
    if len(words) > 1 and words[-1].isdigit():  # -e tells user and inode
        user = words[-2]
        words = words[:-2]
    state = words[0] if words and _STATE.fullmatch(words[0]) else None
    waits = remote_port is None and found["remote"].rpartition(":")[0] in WAITING
    return Socket(
        number,
        "udplite" if transport == "udpl" else transport,
        local,
        local_port,
        remote,
        remote_port,
        state,
        waits and transport in ("tcp", "sctp", "dccp"),
        int(holder["pid"][:10]) if holder else None,
        holder["program"].strip() or None if holder else None,
        owner=Owner.NAMED if holder and holder["program"] else Owner.UNSTATED,
        look=look,
        at=at,
        user=user,
    )


def _end(text: str) -> tuple[str | None, str | None]:
    """IPv6 addresses have no brackets: the last colon is the port's."""
    host, _, port = text.rpartition(":")
    return (None if host in ANY else host), (None if port in ANY else port)
