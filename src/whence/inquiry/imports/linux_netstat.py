"""netstat(8) of Linux, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._empty_looks import is_empty_look, linux_heading
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
_UNIX_HEADING = re.compile(r"Proto\s+RefC\S*\s+\D+|Proto\s+Destination\s+Source\s+\D+")
NO_HOLDER = "-"
CUT = 23  # characters of an end that are printed without -W: of its address, what fits
WAITING = ("0.0.0.0", "::", "*")
HEADING = 5  # lines that stand above the rows of a look


def _looks_like(head: Head) -> float:
    if any(_row(line) for line in head.lines):
        return 0.9
    return 0.9 if is_empty_look(head.lines, linux_heading, _of_unix) else 0.0


def _of_unix(text: str) -> bool:
    return bool(_UNIX.match(text) or _UNIX_HEADING.fullmatch(text))


def _row(text: str) -> re.Match[str] | None:
    """Read a row, which is none of ss without a state."""
    return None if _OF_SS in text else _ROW.fullmatch(text)


@kind(_looks_like)
def linux_netstat(lines: Lines, given: Given) -> Iterator[Socket]:
    """Sockets of Linux, by netstat -tunap (net-tools), also with -c again and again.

    With pid and program where it was run as root. Addresses that netstat cut short (without -W)
    are left out. There are no times in it; see windows_netstat.
    """
    above = _Above(lines, given)
    is_wide = False
    for number, text in lines:
        if found := _row(text):
            look, at = above.begin_row()
            ends = [end for end in (found["local"], found["remote"]) if end.count(":") > 1]
            is_wide = is_wide or any(len(end) > CUT for end in ends)
            if not is_wide and any(len(end) == CUT for end in ends):
                lines.leave_out("addresses that netstat cut short (without -W)")
                continue
            yield _read(number, found, look, at)
        elif _UNIX.match(text):
            lines.leave_out("sockets that are not of a network")
            above.pass_over()
        elif _UNIX_HEADING.fullmatch(text):
            lines.part()
            above.pass_over()
        elif text.strip():
            above.wait(number, text)
    above.end()


class _Above:
    """Lines that wait for a row below them, which makes them the heading of a look."""

    def __init__(self, lines: Lines, given: Given) -> None:
        self._lines = lines
        self._given = given
        self._waiting: list[tuple[int, str]] = []
        self._is_headed = False  # the titles of columns are among them, and nothing was below yet
        self._empty = 0  # looks that found nothing, since the last row
        self._look = 0
        self._rows = False  # in this look
        self._at: int | None = None

    def begin_row(self) -> tuple[int, int | None]:
        """Say in which look a row is, and when that was."""
        if self._waiting:
            self._look += self._rows + self._empty
            self._at, self._empty = None, 0
            for _, text in self._waiting:
                self._at = look_time(text, self._given) or self._at
            self.pass_over()
        self._rows = True
        return self._look, self._at

    def wait(self, number: int, text: str) -> None:
        if self._is_headed:  # nothing was below that one
            self._empty += 1
            self.pass_over()
        self._waiting.append((number, text))
        self._is_headed = linux_heading(text)
        if len(self._waiting) > HEADING:
            self._lines.strange(*self._waiting.pop(0))

    def pass_over(self) -> None:
        """Count those that wait as what they are: headings."""
        self._lines.part(len(self._waiting))
        self._waiting, self._is_headed = [], False

    def end(self) -> None:
        if self._is_headed:
            self.pass_over()
        for line in self._waiting:
            self._lines.strange(*line)


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
