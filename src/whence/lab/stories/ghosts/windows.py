"""What ``netstat -abn 1`` of a Windows host says, made of the sockets that are really there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

from whence.lab.machines import Machine
from whence.lab.stories.ghosts.drawing import Ghost

LOOKS, PAUSE = 8, 1.0  # at least, one a second
PATIENCE = 60  # looks, after which nobody waits any longer
STATES = {"01": "ESTABLISHED", "02": "SYN_SENT", "06": "TIME_WAIT"}
HEAD = """
Active Connections

  Proto  Local Address          Foreign Address        State
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING
  RpcEptMapper
 [svchost.exe]
  TCP    0.0.0.0:445            0.0.0.0:0              LISTENING
 Can not obtain ownership information
"""
TAIL = """\
  UDP    0.0.0.0:123            *:*
  W32Time
 [svchost.exe]
"""


def netstat(machine: Machine, ghost: Ghost, target: str) -> str:
    """Look at a machine's sockets until a target is among them, and write them as Windows does."""
    looks: list[str] = []
    is_seen = False
    while len(looks) < LOOKS or (not is_seen and len(looks) < PATIENCE):
        rows = "".join(f"{row}\n [{ghost.program}]\n" for row in _rows(machine.first.pid))
        is_seen = is_seen or f" {target} " in rows
        looks.append(HEAD + rows + TAIL)
        time.sleep(PAUSE)
    return "".join(looks).replace("\n", "\r\n")


def _rows(pid: int) -> Iterator[str]:
    """Read what proc(5) has of the sockets in the network of a process."""
    for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, state, *_ = line.split()
        if state in STATES:
            yield f"  TCP    {_end(local):<22} {_end(remote):<22} {STATES[state]}"


def _end(text: str) -> str:
    address, _, port = text.partition(":")
    return f"{IPv4Address(bytes.fromhex(address)[::-1])}:{int(port, 16)}"
