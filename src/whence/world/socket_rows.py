"""One line of the kernel's socket tables, from sock_diag(7) or from /proc/net."""

from __future__ import annotations

import ipaddress
import socket
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from whence.model import ACCEPTED, ATTEMPTED, LISTENING, Flow
from whence.model.ecs import canonical_address

TCP_LISTEN = 10  # include/net/tcp_states.h
WILDCARDS = ("0.0.0.0", "::")
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp", 132: "sctp", 262: "tcp"}

# struct inet_diag_msg: family, state, timer, retransmits; ports, addresses, interface, cookie;
# expires, receive queue, send queue, uid, inode
MESSAGE = struct.Struct("=BBBB 2s2s16s16sIII IIIII")

Listeners = Mapping[tuple[int | None, str, str, int], int]  # who listens where: its inode


@dataclass(frozen=True, slots=True)
class SocketRow:
    """A socket that existed when the table was read; an inode of 0: nobody holds it any more."""

    transport: str
    state: int
    local: str
    local_port: int
    remote: str
    remote_port: int
    user_id: int
    inode: int
    cookie: int = 0  # 0: the table does not tell
    interface: int = 0  # index of the interface it is bound to
    namespace: int | None = None

    @property
    def key(self) -> tuple[int | None, int, int]:
        """What tells it from every other socket, also from a later one with the same ends."""
        return self.namespace, self.cookie, 0 if self.cookie else self.inode

    @property
    def listens(self) -> bool:
        """Whether it waits for anybody: a TCP listener, or a datagram socket without a peer."""
        if self.transport == "tcp":
            return self.state == TCP_LISTEN
        return self.remote in WILDCARDS

    def called(self, listeners: Listeners) -> tuple[Flow, str]:
        """Say who called whom: whoever talks to a port that is listened on has called in."""
        local_port = self.local_port or None
        if self.listens:
            return Flow(None, None, self.local, local_port, self.transport), LISTENING
        here, there = (self.local, local_port), (self.remote, self.remote_port or None)
        if self.listener(listeners) is None:
            return Flow(*there, *here, self.transport), ATTEMPTED
        return Flow(*here, *there, self.transport), ACCEPTED

    def listener(self, listeners: Listeners) -> int | None:
        """Find the inode of the socket that listens on our end of the connection."""
        ends = (
            (self.namespace, self.transport, address, self.local_port)
            for address in (self.local, *WILDCARDS)
        )
        return next((listeners[end] for end in ends if end in listeners), None)

    def holder(self, listeners: Listeners) -> int:
        """Give the inode by which its process is found: a caller whom nobody accepted yet, or who
        has hung up, belongs to the listener.
        """
        return self.inode or (0 if self.listens else self.listener(listeners) or 0)


def listeners(rows: Iterable[SocketRow]) -> Listeners:
    """Collect what is listened on."""
    return {
        (row.namespace, row.transport, row.local, row.local_port): row.inode
        for row in rows
        if row.listens and row.local_port
    }


def from_message(message: bytes, transport: str, namespace: int | None) -> SocketRow:
    """Read a struct inet_diag_msg.

    Raises
    ------
    ValueError
        If the message is too short, or of another address family.

    """
    if len(message) < MESSAGE.size:
        raise ValueError(f"an inet_diag_msg of {len(message)} bytes")
    fields = MESSAGE.unpack_from(message)
    family, state, _, _, local_port, remote_port, local, remote, interface = fields[:9]
    return SocketRow(
        transport,
        state,
        address(family, local),
        int.from_bytes(local_port, "big"),
        address(family, remote),
        int.from_bytes(remote_port, "big"),
        user_id=fields[14],
        inode=fields[15],
        cookie=fields[9] | fields[10] << 32,
        interface=interface,
        namespace=namespace,
    )


def from_proc_net(line: str, transport: str, namespace: int | None) -> SocketRow:
    """Read a line of /proc/net/tcp, udp, raw, icmp or of one with a 6 after its name.

    In the tables of raw and ICMP sockets the place of the local port holds the protocol or the
    identifier of the echo request (net/ipv4/raw.c, net/ipv4/ping.c); neither is a port.

    Raises
    ------
    ValueError, IndexError
        If the line is not of such a table.

    """
    fields = line.split()
    local, local_port = _end(fields[1])
    remote, remote_port = _end(fields[2])
    if transport == "raw":
        transport = PROTOCOLS.get(local_port, str(local_port))
    if transport not in ("tcp", "udp"):
        local_port = remote_port = 0
    return SocketRow(
        transport,
        int(fields[3], 16),
        local,
        local_port,
        remote,
        remote_port,
        user_id=int(fields[7]),
        inode=int(fields[9]),
        namespace=namespace,
    )


def address(family: int, raw: bytes) -> str:
    """Write an address as text, IPv4-mapped IPv6 as IPv4."""
    if family == socket.AF_INET:
        return socket.inet_ntop(family, raw[:4])
    if family != socket.AF_INET6:
        raise ValueError(f"not an internet address family: {family}")
    if raw[:12] == b"\0" * 10 + b"\xff\xff":
        return socket.inet_ntop(socket.AF_INET, raw[12:16])
    return socket.inet_ntop(family, raw[:16])


def _end(text: str) -> tuple[str, int]:
    words, port = text.split(":")  # an address is one or four words in the order of this machine
    raw = b"".join(struct.pack("=I", int(words[at : at + 8], 16)) for at in range(0, len(words), 8))
    return canonical_address(str(ipaddress.ip_address(raw))), int(port, 16)
