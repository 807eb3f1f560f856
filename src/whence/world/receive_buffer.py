"""What the kernel keeps of datagrams while we are busy, and how many it had no room for."""

from __future__ import annotations

import socket
import struct
from typing import cast

SO_RCVBUFFORCE = 33  # socket(7); not in the socket module
SO_MEMINFO = 55  # uapi/asm-generic/socket.h, since Linux 4.12
MEMINFO = struct.Struct("=9I")  # uapi/linux/sock_diag.h: SK_MEMINFO_VARS numbers
DROPS = 8  # SK_MEMINFO_DROPS: what SO_RXQ_OVFL and /proc/net/udp count too


def make_room(opened: socket.socket, room: int) -> int:
    """Ask for so many bytes, more than net.core.rmem_max where that is permitted; give what it is.

    The kernel doubles what it is asked for, and counts its own keeping with it: socket(7).
    """
    try:
        opened.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, room)
    except PermissionError:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    return opened.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)


def dropped(opened: socket.socket) -> int:
    """Say for how many datagrams there was no room, since the socket was opened."""
    try:
        memory = opened.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, MEMINFO.size)
    except OSError:
        return 0  # before Linux 4.12
    return cast(int, MEMINFO.unpack(memory)[DROPS])
