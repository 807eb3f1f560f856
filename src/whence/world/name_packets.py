"""The packets that say which names addresses have, by a socket that hears nothing else: packet(7).

These are answers of name servers, the first packets in which clients of TLS and HTTP say whom they
want, and those in which servers of TLS begin to answer: with certificates, up to TLS 1.2, and whole
ones where the network card or the kernel put segments together before (GRO, TSO), as is usual.
TCP's data begin where its header says, in words of four bytes: RFC 9293 3.1.
"""

from __future__ import annotations

import socket
import struct

from whence.world.packet_filter import Filter
from whence.world.packet_filters import compile_filter
from whence.world.packet_ring import PACKET_STATISTICS, SOL_PACKET, attach, bind, open_packet_socket

RAW = 101  # LINKTYPE_RAW: packets begin with IP
LARGEST = 65_535  # bytes of a packet
BUFFER = 8 << 20  # bytes that may wait in the kernel
_DATA, _DATA6 = "tcp[((tcp[12:1] & 0xf0) >> 2)", "ip6[40 + ((ip6[52:1] & 0xf0) >> 2)"
_HELLO = "{0}:1] = 0x16 and ({0} + 5:1] = 1 or {0} + 5:1] = 2)"  # hello of a client or server
_REQUEST = "({0}:4] = 0x47455420 or {0}:4] = 0x504f5354 or {0}:4] = 0x48454144)"  # GET, POST, HEAD
WANTED = (
    "udp src port 53"
    f" or (tcp and ip and (({_HELLO.format(_DATA)}) or {_REQUEST.format(_DATA)}))"
    f" or (ip6 and ip6[6] = 6 and (({_HELLO.format(_DATA6)}) or {_REQUEST.format(_DATA6)}))"
)


class NamePackets:
    """Such packets of all interfaces."""

    def __init__(self) -> None:
        """Begin to listen.

        Raises
        ------
        NotPermitted, CannotAsk
            If that is not possible.

        """
        compiled = compile_filter(WANTED, RAW)
        self._socket = open_packet_socket(socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self._socket.setblocking(False)
        attach(self._socket, Filter(compiled.program, compiled.expression))
        bind(self._socket, 0)

    def fileno(self) -> int:
        """Give the descriptor to wait on."""
        return self._socket.fileno()

    def next(self) -> bytes | None:
        """Give the next packet, from its IP header on; None if there is none now."""
        try:
            return self._socket.recv(LARGEST)
        except BlockingIOError:
            return None

    def lost(self) -> int:
        """Say how many the kernel had no room for since that was last asked."""
        told = self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
        return int(struct.unpack("=II", told)[1])
