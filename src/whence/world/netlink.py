"""Raw netlink(7): the socket tables, sockets as they close, processes as they come and go."""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import select
import socket
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, replace

from whence.model import CannotAsk, NotPermitted
from whence.world.namespaces import NetworkNamespace, inside, network_namespaces
from whence.world.priority import go_first
from whence.world.process_history import Remembered, look
from whence.world.processes import LiveProcesses
from whence.world.socket_rows import MESSAGE, PROTOCOLS, SocketRow, from_message

HEADER = struct.Struct("=IHHII")  # struct nlmsghdr: length, type, flags, sequence, port
ERROR, DONE = 2, 3  # NLMSG_ERROR, NLMSG_DONE
REQUEST, DUMP = 0x1, 0x300  # NLM_F_REQUEST, NLM_F_DUMP
LARGEST = 256 << 10  # bytes that the kernel packs into one answer at most
WAITING = 8 << 20  # bytes of events the kernel may keep for us

SWITCH = 0.0005  # seconds
MOST_TOLD = 65_536  # datagrams that wait to be read

NETLINK_CONNECTOR = 11
NETLINK_SOCK_DIAG = 4
NETLINK_ADD_MEMBERSHIP = 1
SOL_NETLINK = 270
SO_RCVBUFFORCE = 33

TCPDIAG_GETSOCK, SOCK_DIAG_BY_FAMILY = 18, 20
DIAG_REQUEST = struct.Struct("=BBBBI48x")  # struct inet_diag_req_v2 without an identity
OLD_DIAG_REQUEST = struct.Struct("=BBBB48xII")  # struct inet_diag_req
ANY_STATE = 0xFFFFFFFF
TIME_WAIT = 6  # include/net/tcp_states.h
HELD = ANY_STATE & ~(1 << TIME_WAIT)  # the states in which a process can hold a socket
LISTENS = 1 << 10 | 1 << 7  # TCP_LISTEN, and UDP without a peer
TALKING = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 12  # both ends are there, or one still calls
DESTROY_GROUPS = (1, 2, 3, 4)  # SKNLGRP_INET{,6}_{TCP,UDP}_DESTROY
INET_DIAG_INFO, INET_DIAG_PROTOCOL = 2, 10  # attributes after struct inet_diag_msg
ROUND_TRIP = slice(68, 72)  # tcpi_rtt of struct tcp_info, microseconds

CN_IDX_PROC, CN_VAL_PROC = 1, 1
LISTEN = 1  # PROC_CN_MCAST_LISTEN
CONNECTOR = struct.Struct("=IIIIHH")  # struct cn_msg: idx, val, seq, ack, length, flags
EVENT = struct.Struct("=IIQ")  # struct proc_event: what, cpu, nanoseconds of CLOCK_MONOTONIC
ACKNOWLEDGED, FORK, EXEC, EXIT = 0x0, 0x1, 0x2, 0x80000000


@dataclass(frozen=True, slots=True)
class ProcessEvent:
    """A process forked, executed a program or ended; threads are left out."""

    what: int  # FORK, EXEC or EXIT
    nanoseconds: int  # CLOCK_BOOTTIME
    pid: int
    parent: int = 0  # of a FORK
    seen: Remembered | None = None  # of an EXEC: what /proc said at once
    status: int | None = 0  # of an EXIT: as wait(2) gives it; None: not told


@dataclass(frozen=True, slots=True)
class ClosedSocket:
    """A socket as it ended, and when we were told."""

    row: SocketRow
    nanoseconds: int  # CLOCK_BOOTTIME
    round_trip: int = 0  # nanoseconds: how long TCP may have waited for the other end to let go


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Take a datagram apart into message types and payloads; stop where it makes no sense."""
    at = 0
    while at + HEADER.size <= len(data):
        length, kind, *_ = HEADER.unpack_from(data, at)
        if length < HEADER.size:
            return
        yield kind, data[at + HEADER.size : at + length]
        at += (length + 3) & ~3


def dump_sockets(namespace: NetworkNamespace, states: int = ANY_STATE) -> list[SocketRow]:
    """Ask sock_diag(7) for the TCP and UDP sockets of a namespace; ``states`` has a bit for each.

    Raises
    ------
    CannotAsk
        If the kernel has no such tables, or does not show them to this user.

    """
    found: list[SocketRow] = []
    try:
        with _opened_in(namespace) as connection:
            connection.settimeout(5)
            for transport, kind, request in DUMPS:
                connection.send(_message(kind, REQUEST | DUMP, request(states)))
                found += _dumped(connection, transport, namespace.inode)
    except OSError as e:
        raise CannotAsk("sock_diag did not give its table", because=str(e)) from e
    return found


def _every_tcp(states: int) -> bytes:
    return OLD_DIAG_REQUEST.pack(0, 0, 0, 0, states, 0)


def _udp(states: int) -> bytes:
    return DIAG_REQUEST.pack(socket.AF_INET, socket.IPPROTO_UDP, 0, 0, states)


def _udp6(states: int) -> bytes:
    return DIAG_REQUEST.pack(socket.AF_INET6, socket.IPPROTO_UDP, 0, 0, states)


# The older request gives both families in one walk through the table, which is what takes time.
DUMPS: tuple[tuple[str, int, Callable[[int], bytes]], ...] = (
    ("tcp", TCPDIAG_GETSOCK, _every_tcp),
    ("udp", SOCK_DIAG_BY_FAMILY, _udp),
    ("udp", SOCK_DIAG_BY_FAMILY, _udp6),
)


def _dumped(connection: socket.socket, transport: str, namespace: int) -> Iterator[SocketRow]:
    while True:
        for kind, payload in messages(connection.recv(LARGEST)):
            if kind == DONE:
                return
            if kind == ERROR:
                number = -struct.unpack_from("=i", payload)[0]
                raise OSError(number, os.strerror(number))
            yield from _row(payload, transport, namespace)


def _row(payload: bytes, transport: str, namespace: int | None) -> Iterator[SocketRow]:
    with contextlib.suppress(ValueError):
        yield from_message(payload, transport, namespace)


def _message(kind: int, flags: int, payload: bytes) -> bytes:
    return HEADER.pack(HEADER.size + len(payload), kind, flags, 1, 0) + payload


def _opened_in(namespace: NetworkNamespace) -> socket.socket:
    return _diag_socket() if namespace.own else inside(namespace.path, _diag_socket)


def _diag_socket() -> socket.socket:
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG)


def _enlarge(connection: socket.socket) -> None:
    try:
        connection.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, WAITING)
    except PermissionError:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WAITING)


class Listener:
    """A thread that takes each datagram as it comes, while others are busy."""

    def __init__(self, take: Callable[[int, bytes], None]) -> None:
        self.lost = 0  # times that the kernel ran out of room for datagrams
        self._take = take
        self._connections: dict[int, socket.socket] = {}
        self._poll = select.epoll()
        self._wake, self._woken = socket.socketpair()
        self._poll.register(self._woken, select.EPOLLIN)
        # Python lets a busy thread go on for 5 ms, in which a process is born and gone.
        sys.setswitchinterval(SWITCH)
        self._thread = threading.Thread(target=self._listen, name="netlink", daemon=True)
        self._thread.start()

    @property
    def tags(self) -> Set[int]:
        """What is listened to, by the numbers that were given."""
        return self._connections.keys()

    def add(self, tag: int, connection: socket.socket) -> None:
        """Listen to this socket too; each datagram is handed on with the tag."""
        connection.setblocking(False)
        self._connections[tag] = connection
        self._poll.register(connection, select.EPOLLIN)

    def drop(self, tag: int) -> None:
        """Listen to it no longer."""
        connection = self._connections.pop(tag)
        self._poll.unregister(connection)
        connection.close()

    def close(self) -> None:
        """End; to end twice is no mistake."""
        if self._poll.closed:
            return
        self._wake.send(b"\0")
        self._thread.join()
        for tag in list(self._connections):
            self.drop(tag)
        self._poll.close()
        self._wake.close()
        self._woken.close()

    def _listen(self) -> None:
        ending = self._woken.fileno()
        while not any(ready == ending for ready, _ in self._poll.poll()):
            for tag, connection in list(self._connections.items()):
                self._drain(tag, connection)

    def _drain(self, tag: int, connection: socket.socket) -> None:
        while True:
            try:
                self._take(tag, connection.recv(LARGEST))
            except BlockingIOError:
                return
            except OSError as e:
                if e.errno != errno.ENOBUFS:
                    return  # it was closed, because its namespace is gone
                self.lost += 1


class ProcessEvents:
    """The process events connector (Documentation/driver-api/connector.rst).

    A process that executes a program is looked at before anything else is done.
    """

    def __init__(self, connection: socket.socket, live: LiveProcesses) -> None:
        self._live = live
        self._told: queue.SimpleQueue[ProcessEvent | None] = queue.SimpleQueue()
        self._listener = Listener(self._take)
        self._listener.add(0, connection)

    @classmethod
    def open(cls) -> ProcessEvents:
        """Begin to listen.

        Raises
        ------
        NotPermitted
            If this kernel (before 6.6) wants CAP_NET_ADMIN for it.
        CannotAsk
            If the kernel has no connector, or we are in a network namespace other than the first.

        """
        live = LiveProcesses.open()
        if not live.numbered_as_kernel:
            raise CannotAsk(
                "the kernel does not tell of processes here",
                because="its connector answers in the first pid namespace only",
                try_="run it with --pid=host",
            )
        go_first()
        try:
            return cls(process_connector(), live)
        except PermissionError as e:
            raise NotPermitted(
                "may not listen to process events",
                because="kernels before 6.6 want CAP_NET_ADMIN for it",
                try_="run it as root",
            ) from e
        except OSError as e:
            raise CannotAsk(
                "the kernel does not tell of processes here",
                because=f"{e.strerror or e}; its connector answers in the first network namespace "
                "only, and not without CONFIG_PROC_EVENTS",
            ) from e

    @property
    def lost(self) -> int:
        """How many times the kernel ran out of room for events."""
        return self._listener.lost

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()

    def read(self, seconds: float = 0.0) -> Iterator[ProcessEvent]:
        """Yield what has happened; wait so long at most for something to happen, or a call of
        ``wake``.
        """
        with contextlib.suppress(queue.Empty):
            told = self._told.get(timeout=seconds)
            while True:
                if told:
                    yield told
                told = self._told.get_nowait()

    def wake(self) -> None:
        """Let ``read`` wait no longer."""
        self._told.put(None)

    def _take(self, _: int, data: bytes) -> None:
        asleep = time_asleep()
        for _kind, payload in messages(data):
            for event in process_event(payload, asleep):
                seen = look(self._live, event.pid) if event.what == EXEC else None
                self._told.put(replace(event, seen=seen))


def process_connector() -> socket.socket:
    """Begin to be told of processes, process_event says what; OSError where that cannot be."""
    connection = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_CONNECTOR)
    try:
        connection.bind((0, CN_IDX_PROC))
        _enlarge(connection)
        connection.send(_message(DONE, 0, _connector_message(LISTEN)))
        connection.settimeout(2)
        _await_acknowledgement(connection)
    except OSError:
        connection.close()
        raise
    return connection


def process_event(payload: bytes, asleep: int = 0) -> Iterator[ProcessEvent]:
    """Read a struct cn_msg with a struct proc_event; nothing if it is of no interest.

    The kernel gives CLOCK_MONOTONIC, which lacks the nanoseconds that the machine was asleep.
    """
    start = CONNECTOR.size + EVENT.size
    if len(payload) < start + 8 or CONNECTOR.unpack_from(payload)[:2] != (CN_IDX_PROC, CN_VAL_PROC):
        return
    what, _, nanoseconds = EVENT.unpack_from(payload, CONNECTOR.size)
    nanoseconds += asleep
    thread, pid = struct.unpack_from("=ii", payload, start)
    if what == FORK and len(payload) >= start + 16:
        parent, (thread, pid) = pid, struct.unpack_from("=ii", payload, start + 8)
        if thread == pid:
            yield ProcessEvent(FORK, nanoseconds, pid, parent)
    elif what == EXEC:
        yield ProcessEvent(EXEC, nanoseconds, pid)
    elif what == EXIT and thread == pid:
        told = len(payload) >= start + 12
        status = struct.unpack_from("=I", payload, start + 8)[0] if told else 0
        yield ProcessEvent(EXIT, nanoseconds, pid, status=status)


def since_boot() -> int:
    """Give the nanoseconds of CLOCK_BOOTTIME."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def time_asleep() -> int:
    """Give the nanoseconds that CLOCK_MONOTONIC lacks because the machine was asleep."""
    return since_boot() - time.monotonic_ns()


def _connector_message(operation: int) -> bytes:
    return CONNECTOR.pack(CN_IDX_PROC, CN_VAL_PROC, 0, 0, 4, 0) + struct.pack("=I", operation)


def _await_acknowledgement(connection: socket.socket) -> None:
    """Wait for the kernel's answer; other events may come before it."""
    for _ in range(1000):
        for _, payload in messages(connection.recv(LARGEST)):
            if len(payload) < CONNECTOR.size + EVENT.size + 4:
                continue
            if EVENT.unpack_from(payload, CONNECTOR.size)[0] == ACKNOWLEDGED:
                number = struct.unpack_from("=I", payload, CONNECTOR.size + EVENT.size)[0]
                if number:
                    raise OSError(number, os.strerror(number))
                return


class ClosedSockets:
    """Sockets as they end, in all namespaces that can be entered: sock_diag's destroy groups.

    The kernel tells ends, owner's uid and cookie, but neither process nor inode nor time. The
    time is what their process is found by, so a thread that does nothing else takes it. A socket
    of ours in a namespace keeps that alive, so it is given back once no process is left in it.
    """

    def __init__(self) -> None:
        self._told: deque[tuple[int, int, bytes]] = deque()  # nanoseconds, namespace, datagram
        self._forgotten = 0
        self._tell: Callable[[], None] | None = None
        self._listener = Listener(self._take)

    @classmethod
    def open(cls) -> ClosedSockets:
        """Begin to listen.

        Raises
        ------
        CannotAsk
            If the kernel (before 4.5) does not tell of closed sockets.

        """
        closed = cls()
        try:
            closed.follow(network_namespaces())
            if closed._listener.tags:
                return closed
            because = "no network namespace can be entered"
        except OSError as e:
            because = e.strerror or str(e)
        closed.close()
        raise CannotAsk("the kernel does not tell of closed sockets", because=because)

    @property
    def lost(self) -> int:
        """How many datagrams were lost, as far as that is known."""
        return self._listener.lost + self._forgotten

    def follow(self, namespaces: Iterable[NetworkNamespace]) -> None:
        """Listen in these namespaces, as far as permitted, and no longer in any other."""
        wanted = {space.inode: space for space in namespaces if space.own or space.tables}
        for inode in self._listener.tags - wanted.keys():
            self._listener.drop(inode)
        for inode in wanted.keys() - self._listener.tags:
            space = wanted[inode]
            with contextlib.suppress(CannotAsk):
                self.listen(
                    inode,
                    _destroy_socket() if space.own else inside(space.path, _destroy_socket),
                )

    def listen(self, namespace: int, connection: socket.socket) -> None:
        """Listen to a socket that is told of those which end in this namespace."""
        self._listener.add(namespace, connection)

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()

    def tell(self, what: Callable[[], None]) -> None:
        """Call this as soon as there is something to read, from another thread."""
        self._tell = what

    def read(self) -> Iterator[ClosedSocket]:
        """Yield the sockets that have ended since the last call; do not wait."""
        while self._told:
            nanoseconds, inode, data = self._told.popleft()
            for kind, payload in messages(data):
                if kind == SOCK_DIAG_BY_FAMILY:
                    with contextlib.suppress(ValueError):
                        yield closed_socket(payload, nanoseconds, inode)

    def _take(self, namespace: int, data: bytes) -> None:
        self._told.append((since_boot(), namespace, data))
        if self._tell and len(self._told) == 1:
            self._tell()
        if len(self._told) > MOST_TOLD:
            self._told.popleft()
            self._forgotten += 1


def closed_socket(payload: bytes, nanoseconds: int, namespace: int | None) -> ClosedSocket:
    """Read a message of the destroy groups.

    Raises
    ------
    ValueError
        If it is none.

    """
    extra = attributes(payload[MESSAGE.size :])
    protocol = extra.get(INET_DIAG_PROTOCOL, b"")[:1]
    number = int.from_bytes(protocol, "big")
    row = from_message(payload, PROTOCOLS.get(number, str(number)), namespace)
    information = extra.get(INET_DIAG_INFO, b"")
    if len(information) < ROUND_TRIP.stop:
        return ClosedSocket(row, nanoseconds)
    round_trip = int.from_bytes(information[ROUND_TRIP], sys.byteorder)
    return ClosedSocket(row, nanoseconds, round_trip * 1000)


def attributes(data: bytes) -> dict[int, bytes]:
    """Take netlink attributes apart; stop where they make no sense."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        if length < 4:
            break
        found[kind] = data[at + 4 : at + length]
        at += (length + 3) & ~3
    return found


def _destroy_socket() -> socket.socket:
    connection = _diag_socket()
    try:
        _enlarge(connection)
        connection.bind((0, 0))
        for group in DESTROY_GROUPS:
            connection.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)
    except OSError:
        connection.close()
        raise
    return connection
