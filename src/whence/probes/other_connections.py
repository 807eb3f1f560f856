"""From a living process to what else it talks to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from whence.model import CannotAsk, Fact, Flow, Line, Process, probe
from whence.probes._living import descriptors, still_lives
from whence.world import Host
from whence.world.socket_rows import SocketRow, from_proc_net

MOST = 50  # far ends that are named
TABLES = {"tcp": "tcp", "tcp6": "tcp", "udp": "udp", "udp6": "udp"}  # of /proc/PID/net
_SOCKET = re.compile(r"socket:\[(\d+)\]")


@probe(answers="talks-to", near=1)
def other_connections(process: Process, host: Host) -> Iterator[Fact]:
    """To whom else does this process talk now, if it still lives?"""
    if not still_lives(process, host):
        return
    seen: dict[Flow, Line] = {}
    for row, line in _sockets(process, host):
        if not row.listens:
            flow = Flow(row.remote, row.remote_port, transport=row.transport)
            seen.setdefault(flow, line)
    for flow, line in [*seen.items()][:MOST]:
        yield process.fact("talks-to", flow, line.evidence)
    if len(seen) > MOST:
        text = f"{len(seen) - MOST} more"
        yield process.fact("talks-to", text, [*seen.values()][MOST].evidence)


def _sockets(process: Process, host: Host) -> Iterator[tuple[SocketRow, Line]]:
    """Find what the process holds in the tables of its own network namespace."""
    held = (_SOCKET.fullmatch(descriptor.target) for descriptor in descriptors(process, host))
    own = {int(socket[1]) for socket in held if socket}
    for table, transport in TABLES.items() if own else ():
        with suppress(CannotAsk):
            for line in host.read(f"/proc/{process.pid}/net/{table}").lines(skip=1):
                with suppress(ValueError, IndexError):  # a last line that was cut off
                    row = from_proc_net(line, transport, None)
                    if row.inode in own:
                        yield row, line
