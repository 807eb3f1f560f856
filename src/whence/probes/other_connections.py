"""From a living process to what else it talks to."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from whence.model import CannotAsk, Fact, Flow, Line, Process, probe
from whence.model.ecs import canonical_address
from whence.probes._living import descriptors, still_lives
from whence.world import Host

MOST = 50  # destinations that are named
TABLES = {"tcp": "tcp", "tcp6": "tcp", "udp": "udp", "udp6": "udp"}  # of /proc/PID/net
_SOCKET = re.compile(r"socket:\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Socket:
    """A row of a socket table that has a far end."""

    inode: str
    flow: Flow
    line: Line


@probe(answers="talks-to", near=1)
def other_connections(process: Process, host: Host) -> Iterator[Fact]:
    """To whom else does this process talk now, if it still lives?"""
    if not still_lives(process, host):
        return
    targets = (_SOCKET.fullmatch(descriptor.target) for descriptor in descriptors(process, host))
    own = {target[1] for target in targets if target}
    if not own:
        return
    seen: dict[Flow, Line] = {}
    for socket in _sockets(process, host):
        if socket.inode in own:
            seen.setdefault(socket.flow, socket.line)
    for flow, line in [*seen.items()][:MOST]:
        yield process.fact("talks-to", flow, line.evidence)
    if len(seen) > MOST:
        text = f"{len(seen) - MOST} more"
        yield process.fact("talks-to", text, [*seen.values()][MOST].evidence)


def _sockets(process: Process, host: Host) -> Iterator[Socket]:
    """Read the tables of the process's own network namespace."""
    for table, transport in TABLES.items():
        with suppress(CannotAsk):
            for line in host.read(f"/proc/{process.pid}/net/{table}").lines(skip=1):
                if socket := _socket(line, transport):
                    yield socket


def _socket(line: Line, transport: str) -> Socket | None:
    fields = line.split()
    if len(fields) < 10:
        return None
    address, port = _end(fields[2])
    if not port:  # it listens, or sends to many
        return None
    return Socket(fields[9], Flow(address, port, transport=transport), line)


def _end(text: str) -> tuple[str, int]:
    """Read an address as net/ipv4/tcp_ipv4.c writes it: words of 32 bits, each little endian.

    The kernel prints them in the order of the machine; of those, s390x is the one that differs.
    """
    address, _, port = text.partition(":")
    words = (bytes.fromhex(address[i : i + 8])[::-1] for i in range(0, len(address), 8))
    return canonical_address(str(ipaddress.ip_address(b"".join(words)))), int(port, 16)
