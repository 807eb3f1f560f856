"""netstat(1) of macOS, the BSDs, AIX, HP-UX and Solaris: the port stands behind a point."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._empty_looks import bsd_heading, is_empty_look
from whence.inquiry.imports._ends import ANY
from whence.inquiry.imports._look_times import look_time
from whence.model.reported import Owner, Socket

_HOST = r"(?:\*|[\w.:%-]+)"
_END = rf"{_HOST}\.(?:\*|[\w-]+)"
_ROW = re.compile(
    r"\s*(?:[0-9a-fx]{6,18}\s+)?(?P<transport>tcp|udp|icm|icmp|sctp|udplite)(?:4|6|46|6_4)?"
    rf"\s+\d+\s+\d+\s+(?P<local>{_END})\s+(?P<remote>{_END})(?P<rest>(?:\s.*)?)"
)
_STATE = re.compile(r"\s+(?P<state>[A-Z][A-Z_]+(?:_[12]|[12])?)(?=\s|$)")
# macOS: -v tells the process behind two or four numbers, and the pid alone in older versions.
_NAMED = re.compile(r"(?:\s+\d+){2,4}\s+(?P<program>[^\d\s].*?):\s*(?P<pid>\d+)(?:\s.*)?")
_NAMED_HEADING = "process:pid"
_PID_HEADING = re.compile(r"\(state\)(?P<before>(?:\s+\w+)*?)\s+pid\s+epid\b")
# Solaris has a table for each protocol; -u adds who holds the socket.
_SECTION = re.compile(r"\s*(?P<transport>TCP|UDP|SCTP): IPv[46]\s*")
_HOLDER = r"(?:\s+(?P<user>\S+)\s+(?P<pid>\d+)\s+(?P<program>\S.*?))??"
_SOLARIS_ROW = re.compile(
    rf"\s*(?P<local>{_END})\s+(?P<remote>{_END}){_HOLDER}(?:\s+\d+){{4,6}}\s+(?P<state>[A-Z_\d]+)\s*"
)
_SOLARIS_UDP = re.compile(
    rf"\s*(?P<local>{_END})(?:\s+(?P<remote>{_END}))?{_HOLDER}\s+(?P<state>Idle|Unbound|Connected)\s*"
)
_OTHERS = re.compile(
    r"\s*(?:(?:[0-9a-fx]{6,18}\s+)?(?:stream|dgram|seqpac\w*|raw)\b|(?:kctl|kevt|systm)\b).*"
    r"|\s*[0-9a-f]{1,8}\s+[0-9a-f]+(?:\s+\d+){3}\s+[a-z][\w.-]*\s*"  # a module of macOS' kernel
)
_OTHERS_HEADING = re.compile(
    r"\s*(?:Address|Socket)\s+Type\s+Recv-Q\s|Proto/ID\s|id\s+flags\s"
    r"|Proto\s+Recv-Q\s+Send-Q\s+(?:vendor|unit)\b"
)
_HEADING = re.compile(r"\D*|.*\bLocal Address\b.*|.*\bRecv-Q\b.*|[-\s]+")
CUT = 16  # characters of an address that are printed without -W
LISTEN = "LISTEN"


def _looks_like(head: Head) -> float:
    lines = head.lines
    if any(_ROW.fullmatch(line) for line in lines):
        return 0.93
    if is_empty_look(lines, bsd_heading, _is_beside):
        return 0.93
    is_solaris = any(_SECTION.fullmatch(line) for line in lines)
    rows = any(_SOLARIS_ROW.fullmatch(line) or _SOLARIS_UDP.fullmatch(line) for line in lines)
    return 0.93 if is_solaris and rows else 0.0


def _is_beside(text: str) -> bool:
    """Say whether a line is of sockets that are not of a network."""
    return bool(_OTHERS.fullmatch(text) or _OTHERS_HEADING.match(text))


@kind(_looks_like)
def bsd_netstat(lines: Lines, given: Given) -> Iterator[Socket]:
    """Sockets of macOS, the BSDs, AIX, HP-UX and Solaris, by netstat -an.

    With pid and program where it tells them: -v of macOS, -u of Solaris. IPv6 addresses that it
    cut short (without -W) are left out, and so are sockets of Unix. There are no times in it; see
    windows_netstat.
    """
    reader = _Reader()
    at: int | None = None
    for number, text in lines:
        if found := reader.row(text):
            if reader.is_cut(found):
                lines.leave_out("addresses that netstat cut short (without -W)")
            else:
                yield reader.read(number, found, at)
        elif not text.strip():
            continue
        elif _OTHERS.fullmatch(text):
            lines.leave_out("sockets that are not of a network")
        elif (moment := look_time(text, given)) is not None:
            at = moment
            lines.part()
        elif reader.take_heading(text):
            lines.part()
        else:
            lines.strange(number, text)


class _Reader:
    """What headings say of the rows below them."""

    def __init__(self) -> None:
        self._look = 0
        self._rows = 0
        self._first = ""  # section of Solaris
        self._section = ""  # of Solaris: whose rows do not name their protocol
        self._is_named = False
        self._pid_at: int | None = None
        self._is_wide = False

    def take_heading(self, text: str) -> bool:
        """Say whether it is a heading; one that came before begins the next look."""
        if found := _SECTION.fullmatch(text):
            section = f"{found['transport']} {text.strip()[-1]}"
            self._first = self._first or section
            self._next_look(begins=section == self._first)
            self._section = found["transport"].lower()
            return True
        if not _HEADING.fullmatch(text):
            return False
        if text.startswith("Active Internet"):
            self._next_look(begins=True)
            self._section = ""
        self._is_named = self._is_named or _NAMED_HEADING in text
        if found := _PID_HEADING.search(text):
            self._pid_at = len(found["before"].split())
        return True

    def _next_look(self, *, begins: bool) -> None:
        if begins and self._rows:
            self._look, self._rows = self._look + 1, 0

    def row(self, text: str) -> re.Match[str] | None:
        if not self._section:
            return _ROW.fullmatch(text)
        return _SOLARIS_ROW.fullmatch(text) or _SOLARIS_UDP.fullmatch(text)

    def is_cut(self, found: re.Match[str]) -> bool:
        """Say whether an end may be the beginning of a longer address, whole as it looks."""
        ends = [found[name] or "" for name in ("local", "remote")]
        hosts = [host for host, _, _ in (end.rpartition(".") for end in ends) if ":" in host]
        self._is_wide = self._is_wide or any(len(host) > CUT for host in hosts)
        return not self._is_wide and any(len(host) == CUT for host in hosts)

    def read(self, number: int, found: re.Match[str], at: int | None) -> Socket:
        self._rows += 1
        told = found.groupdict()
        transport = self._section or {"icm": "icmp"}.get(told["transport"], told["transport"])
        local, local_port = _end(told["local"])
        remote, remote_port = _end(told["remote"] or "*.*")
        state, pid, program = told.get("state"), told.get("pid"), told.get("program")
        if not self._section:
            state, pid, program = self._behind(told["rest"])
        return Socket(
            number,
            transport,
            local,
            local_port,
            remote,
            remote_port,
            state or None,
            state == LISTEN,
            int(pid[:10]) if pid else None,
            program or None,
            owner=Owner.NAMED if program else Owner.UNSTATED,
            look=self._look,
            at=at,
            user=told.get("user") or "",
        )

    def _behind(self, rest: str) -> tuple[str, str, str]:
        """Give the state, and the pid and program where the heading announced them."""
        found = _STATE.match(rest)
        state = found["state"] if found else ""
        rest = rest[found.end() :] if found else rest
        if self._is_named and (holder := _NAMED.fullmatch(rest)):
            return state, holder["pid"], holder["program"]
        words = rest.split()
        if self._pid_at is not None and len(words) > self._pid_at:
            pid = words[self._pid_at]
            return state, pid if pid.isascii() and pid.isdigit() else "", ""
        return state, "", ""


def _end(text: str) -> tuple[str | None, str | None]:
    host, _, port = text.rpartition(".")
    return (None if host in ANY else host), (None if port in ANY else port)
