"""ss(8) of iproute2."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import end
from whence.inquiry.imports._look_times import look_time
from whence.model.reported import Owner, Socket

_STATES = (
    "ESTAB|SYN-SENT|SYN-RECV|FIN-WAIT-1|FIN-WAIT-2|TIME-WAIT|UNCONN|CLOSE-WAIT|LAST-ACK|LISTEN"
    "|CLOSING|CLOSED|NEW-SYN-RECV|BOUND-INACTIVE|UNKNOWN"
)
_NETID = r"(?:(?P<netid>[a-z][a-z0-9_-]*|\?\?\?)\s+)?"
_ENDS = (
    r"\d+\s+\d+\s+(?P<local>\S+?)(?::\s+(?P<local_port>\S+)|(?=\s))"
    r"\s+(?P<remote>\S+?)(?::\s+(?P<remote_port>\S+)|(?=\s|$))(?P<rest>.*)"
)
_ROW = re.compile(rf"{_NETID}(?P<state>{_STATES})\s+{_ENDS}")
_HEADING = re.compile(r"\s*(?:Netid\s+)?State\s+Recv-Q\s+Send-Q\s.*")
# ss state …: all sockets have the state that was asked for, and the column is not there.
_STATELESS = re.compile(rf"{_NETID}(?P<state>){_ENDS}")
_STATELESS_HEADING = re.compile(r"\s*(?:Netid\s+)?Recv-Q\s+Send-Q\s+Local Address:Port\s.*")
_USERS = 'users:(("'
_USER = re.compile(r'\("((?:[^"\\]|\\.)*)",(?:pid=)?(\d+),')
_INFO = re.compile(r"\s+\S")
_PATH = re.compile(r"\s*`- .*")  # of SCTP: one of the ways of the association above
MOST_WAITING = 10_000  # rows of a table that does not say of which protocol it is
TRANSPORTS = frozenset({"", "tcp", "udp", "raw", "sctp", "dccp", "mptcp", "ipv6-icmp", "udplite"})


def _looks_like(head: Head) -> float:
    if any(_ROW.fullmatch(line) for line in head.lines):
        return 0.97
    is_headed = any(_STATELESS_HEADING.fullmatch(line) for line in head.lines)
    rows = any(_is_stateless(line, is_headed=is_headed) for line in head.lines)
    return 0.95 if rows or _is_heading_alone(head) else 0.0


def _is_heading_alone(head: Head) -> bool:
    """Say whether this is what ss prints where there is no such socket."""
    lines = [line for line in head.lines if line.strip()]
    return bool(lines) and all(map(_is_heading, lines))


def _is_heading(text: str) -> bool:
    return bool(_HEADING.fullmatch(text) or _STATELESS_HEADING.fullmatch(text))


def _is_stateless(text: str, *, is_headed: bool) -> re.Match[str] | None:
    """Read a row of ss that has no state; without its heading, netstat's could look alike."""
    return _STATELESS.fullmatch(text) if is_headed or _USERS in text else None


@kind(_looks_like)
def ss(lines: Lines, given: Given) -> Iterator[Socket]:
    """Sockets of Linux, by ss -tunap, also with -o, -e, -i, -m, -O and “state established”.

    With pid and program of all processes that hold a socket. What ss tells below a socket
    (-i, -m) is passed over. There are no times in it; see windows_netstat.
    """
    table = _Table()
    look, rows, at = 0, 0, None
    is_headed = False  # by a heading without a state
    for number, text in lines:
        if found := _ROW.fullmatch(text) or _is_stateless(text, is_headed=is_headed):
            if (transport := _transport(found)) not in TRANSPORTS:
                lines.leave_out("sockets that are not of a network")
                continue
            rows += 1
            if not found["state"] and not found["netid"]:
                given.assume("sockets without a Netid and a state are taken to be of TCP")
            yield from table.take(_read(number, found, transport, look, at))
        elif _is_heading(text):
            yield from table.end()
            look += bool(rows)
            is_headed = _HEADING.fullmatch(text) is None
            lines.part()
        elif rows and _PATH.fullmatch(text):
            yield from table.decide("sctp")
            lines.part()
        elif rows and _INFO.match(text):
            lines.part()
        elif (moment := look_time(text, given)) is not None:
            at = moment
            lines.part()
        elif text.strip():
            lines.strange(number, text)
    yield from table.end()


def _transport(found: re.Match[str]) -> str:
    """Name the protocol; with -t, -u or -S alone there is no column for it."""
    netid = found["netid"] or ("" if found["state"] else "tcp")
    return {"mptcp": "tcp", "icmp6": "ipv6-icmp"}.get(netid, netid)


class _Table:
    """Sockets without a Netid are all of one protocol, which their states tell.

    Of UDP, those that are connected are ESTAB, as are those of TCP: they wait for another.
    """

    def __init__(self) -> None:
        self._transport = ""
        self._waiting: list[Socket] = []

    def take(self, row: Socket) -> Iterator[Socket]:
        """Take a row, and give those of which it is known what they are."""
        if row.transport:
            yield row
            return
        self._waiting.append(row)
        if self._transport:
            yield from self.decide(self._transport)
        elif row.state == "UNCONN":
            yield from self.decide("udp")
        elif row.state not in ("ESTAB", "LISTEN") or len(self._waiting) > MOST_WAITING:
            yield from self.decide("tcp")

    def decide(self, transport: str) -> Iterator[Socket]:
        """Give those that wait, as what they are."""
        self._transport = transport
        for row in self._waiting:
            yield msgspec.structs.replace(row, transport=transport)
        self._waiting = []

    def end(self) -> Iterator[Socket]:
        """Give those that wait, at the end of a table."""
        yield from self.decide(self._transport or "tcp")
        self._transport = ""


def _read(number: int, found: re.Match[str], transport: str, look: int, at: int | None) -> Socket:
    local, local_port = _end(found["local"], found["local_port"])
    remote, remote_port = _end(found["remote"], found["remote_port"])
    users = [(int(pid[:10]), name) for name, pid in _USER.findall(found["rest"])]
    users = [*dict.fromkeys(users)]
    waits = remote_port is None and transport in ("tcp", "sctp", "dccp")  # ss state listening
    return Socket(
        number,
        transport,
        local,
        local_port,
        remote,
        remote_port,
        found["state"] or None,
        found["state"] == "LISTEN" or (not found["state"] and waits),
        users[0][0] if users else None,
        users[0][1] if users else None,
        owner=Owner.NAMED if users else Owner.UNSTATED,
        look=look,
        at=at,
        sharers=tuple(users[1:]),
    )


def _end(text: str, port: str | None) -> tuple[str | None, str | None]:
    """Old versions put the port apart, behind spaces."""
    return end(f"{text}:{port}" if port else text)
