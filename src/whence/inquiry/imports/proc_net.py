"""/proc/net/tcp and udp of Linux, proc(5)."""

from __future__ import annotations

import ipaddress
import re
import struct
from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Lines, by_row, kind
from whence.model.ecs import canonical_address
from whence.model.reported import Socket

_END = "[0-9A-F]{8}(?:[0-9A-F]{24})?:[0-9A-F]{4}"
_ROW = re.compile(
    rf"\s*\d+: (?P<local>{_END}) (?P<remote>{_END}) (?P<state>[0-9A-F]{{2}})"
    r" [0-9A-F]{8}:[0-9A-F]{8} .*"
)
_HEADING = re.compile(r"\s*sl\s+local_address\s.*")
STATES = (  # include/net/tcp_states.h, from 1 on
    "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE",
    "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING", "NEW_SYN_RECV",
)  # fmt: skip


@kind(by_row(0.97, _ROW))
def proc_net(lines: Lines, given: Given) -> Iterator[Socket]:
    """Sockets of Linux, by cat /proc/net/tcp (tcp6, udp, udp6).

    Without processes: the table does not name them. The addresses are taken to be those of a
    little-endian machine, as nearly all are. There are no times in it; see windows_netstat.
    """
    transport, look, rows = "tcp", 0, 0
    for number, text in lines:
        if found := _ROW.fullmatch(text):
            rows += 1
            yield _read(number, found, transport, look)
        elif _HEADING.fullmatch(text):
            transport = "udp" if text.split()[-1] == "drops" else "tcp"
            lines.part()
        elif text.strip():
            lines.strange(number, text)


def _read(number: int, found: re.Match[str], transport: str, look: int) -> Socket:
    local, local_port = _end(found["local"])
    remote, remote_port = _end(found["remote"])
    code = int(found["state"], 16)
    state = STATES[code - 1] if 0 < code <= len(STATES) else found["state"]
    return Socket(
        number, transport, local, local_port, remote, remote_port,
        state if transport == "tcp" else None, transport == "tcp" and state == "LISTEN", look=look,
    )  # fmt: skip


def _end(text: str) -> tuple[str, str]:
    """Addresses are words in the order of the machine's bytes."""
    words, port = text.split(":")
    raw = b"".join(struct.pack("<I", int(words[at : at + 8], 16)) for at in range(0, len(words), 8))
    return canonical_address(str(ipaddress.ip_address(raw))), str(int(port, 16))
