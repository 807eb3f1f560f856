"""sockstat(1) of FreeBSD."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Lines, by_row, kind
from whence.inquiry.imports._ends import end
from whence.inquiry.imports._look_times import look_time
from whence.model.reported import Owner, Socket

_END = r"(?:\*|[\w.:%\[\]-]+):(?:\*|[\w-]+)"
_ROW = re.compile(
    r"\s*(?P<user>\S+)\s+(?P<program>\S.{0,40}?)\s+(?P<pid>\d{1,10}|\?)\s+(?:\d+|\?)\s+"
    rf"(?P<transport>tcp|udp|udplite|sctp)(?:4|6|46)\s+(?P<local>{_END})\s+(?P<remote>{_END})"
    r"(?:\s+(?P<state>[A-Z][A-Z_0-9]+))?(?:\s.*)?"
)
_OTHER = re.compile(
    r"\s*\S+\s+\S.{0,40}?\s+(?:\d+|\?)\s+(?:\d+|\?)\s+(?:stream|dgram|seqpac|div4)\b.*"
)
_HEADING = re.compile(r"USER\s+COMMAND\s+PID\s+FD\s+PROTO\s+LOCAL ADDRESS\s.*")
UNKNOWN = "?"  # whose sockets they are: of connections that their process has closed


@kind(by_row(0.95, _ROW))
def sockstat(lines: Lines, given: Given) -> Iterator[Socket]:
    """Sockets of FreeBSD, pfSense and OPNsense, by sockstat -46, also with -s.

    With user, pid and program. Sockets of Unix are left out. There are no times in it; see
    windows_netstat.
    """
    look, rows, at = 0, 0, None
    for number, text in lines:
        if found := _ROW.fullmatch(text):
            rows += 1
            yield _read(number, found, look, at)
        elif _HEADING.fullmatch(text):
            look, rows = (look + 1, 0) if rows else (look, rows)
            lines.part()
        elif _OTHER.fullmatch(text):
            lines.leave_out("sockets that are not of a network")
        elif (moment := look_time(text, given)) is not None:
            at = moment
            lines.part()
        elif text.strip():
            lines.strange(number, text)


def _read(number: int, found: re.Match[str], look: int, at: int | None) -> Socket:
    local, local_port = end(found["local"])
    remote, remote_port = end(found["remote"])
    is_known = found["pid"] != UNKNOWN
    is_bare = found["transport"] != "udp" and remote is None and remote_port is None
    state = found["state"]
    return Socket(
        number,
        found["transport"],
        local,
        local_port,
        remote,
        remote_port,
        state,
        state == "LISTEN" if state else is_bare,
        int(found["pid"]) if is_known else None,
        found["program"] if is_known else None,
        owner=Owner.NAMED if is_known else Owner.UNSTATED,
        look=look,
        at=at,
        user=found["user"] if is_known else "",
    )
