"""What connections.bpf.c writes, read as connections/records.h lays it out."""

from __future__ import annotations

import ipaddress
import struct
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from whence.model import ACCEPTED, ATTEMPTED, LISTENING, Flow

EXECUTION, PROCESS, CONNECTION = 1, 2, 3  # enum record_type
OUTGOING, INCOMING, LISTENS = 0, 1, 2  # enum direction
KERNEL_THREAD, INHERITED = 1, 2  # enum process_flags
TCP, UDP = 6, 17
NO_NUMBER = 0xFFFFFFFF
PATH_TEXT = 512

ACTIONS = {OUTGOING: ATTEMPTED, INCOMING: ACCEPTED, LISTENS: LISTENING}
TRANSPORTS = {1: "icmp", TCP: "tcp", UDP: "udp", 58: "ipv6-icmp"}

_TYPE = struct.Struct("=I")
_EXECUTION = struct.Struct("=IIQQQI4xQ6IHHI16s256s1024s768s768s")
_PROCESS = struct.Struct("=IIQ6I")
_ANCESTOR = struct.Struct("=QI4xQI4xII16s")
_ANCESTORS, _CGROUP_NAMES, _CGROUP_NAME = 16, 6, 96
_CGROUPS = _PROCESS.size + _ANCESTORS * _ANCESTOR.size
_FLOW_KEY = struct.Struct("=QQII16sHBB4x")
_CONNECTION = struct.Struct("=IIQQ48s16sHH4x")
_FLOW = struct.Struct("=9Q4I16sH6x")
_LAST_OF_FLOW = struct.Struct("=Q")
_PROCESS_KEY = struct.Struct("=QI4x")
_PROCESS_VALUE = struct.Struct("=QI4xQI4xQI4x")
_MAPPED = b"\0" * 10 + b"\xff\xff"


class ProcessKey(NamedTuple):
    """A process: when it started, in ns since boot, and its pid."""

    started: int
    pid: int

    @property
    def packed(self) -> bytes:
        """Write it as struct process_key."""
        return _PROCESS_KEY.pack(*self)


class ExecutionKey(NamedTuple):
    """An execution: when, in ns since boot, and who called execve. At 0: not known."""

    at: int
    pid: int

    @property
    def packed(self) -> bytes:
        """Write it as struct execution_key."""
        return _PROCESS_KEY.pack(*self)


class RawExecution(NamedTuple):
    """What struct execution holds."""

    key: ExecutionKey
    process: ProcessKey
    previous: ExecutionKey
    inode: int
    device: int  # as the kernel writes it inside, include/linux/kdev_t.h
    links: int
    user: int
    login: int
    session: int
    arguments_bytes: int
    name: str
    file: str
    arguments: bytes
    path: str
    directory: str


class RawAncestor(NamedTuple):
    """What struct ancestor holds; most are known already, so the rest is read when asked for."""

    started: int
    pid: int
    executed: int
    executed_by: int
    user: int = NO_NUMBER  # it is gone
    flags: int = 0
    comm: bytes = b""

    @property
    def identity(self) -> tuple[int, ...]:
        """Which process it is and what it runs, in one."""
        return self[:4]

    @property
    def process(self) -> ProcessKey:
        """Which process it is."""
        return ProcessKey(self.started, self.pid)

    @property
    def execution(self) -> ExecutionKey:
        """What it runs, or inherited from the one that executed it."""
        return ExecutionKey(self.executed, self.executed_by)

    @property
    def name(self) -> str:
        """Its name, empty when it is gone."""
        return _text(self.comm)


class RawProcess(NamedTuple):
    """What struct process_event holds."""

    user: int
    login: int
    session: int
    network_namespace: int
    mount_namespace: int
    cgroup: str | None  # None: too deep for the record
    ancestors: tuple[RawAncestor, ...]  # the process itself first


class KnownProcess(NamedTuple):
    """What struct process holds: what the kernel side remembers of every process."""

    parent: ProcessKey
    execution: ExecutionKey
    flags: int


class FlowKey(NamedTuple):
    """Who talks to whom: struct flow_key."""

    started: int
    executed: int
    pid: int
    network_namespace: int
    peer: bytes
    port: int
    protocol: int
    direction: int

    @property
    def maker(self) -> tuple[ProcessKey, int]:
        """The process, and when it executed what it ran."""
        return ProcessKey(self.started, self.pid), self.executed

    def flow(self, local: bytes | None, local_port: int | None, peer_port: int | None) -> Flow:
        """Say it in words; what is not given is not known."""
        has_ports = self.protocol in (TCP, UDP)
        transport = TRANSPORTS.get(self.protocol, str(self.protocol))
        ours = address(local) if local is not None else None
        our_port = local_port if has_ports else None
        if self.direction == LISTENS:
            return Flow(None, None, ours, our_port, transport)
        theirs = address(self.peer)
        called = self.port if has_ports else None
        if self.direction == INCOMING:
            return Flow(ours, called, theirs, peer_port if has_ports else None, transport)
        return Flow(theirs, called, ours, our_port, transport)


class RawConnection(NamedTuple):
    """What struct connection_event holds."""

    interface: int
    at: int
    cookie: int
    key: FlowKey
    local: bytes
    local_port: int
    peer_port: int


class RawFlow(NamedTuple):
    """What struct flow holds; the times in ns of CLOCK_MONOTONIC."""

    first: int
    last: int
    attempts: int  # TCP: connections; else: sends that no packet came of
    emitted: int
    packets_sent: int
    bytes_sent: int
    packets_received: int
    bytes_received: int
    cookie: int
    window: int
    tick: int
    window_events: int
    interface: int
    local: bytes
    local_port: int


def record_type(record: bytes) -> int:
    """Say what a record of the ring or of an iterator is."""
    found: int = _TYPE.unpack_from(record)[0]
    return found


def split(records: bytes) -> list[bytes]:
    """Cut what an iterator wrote into its records."""
    found = []
    at = 0
    while at < len(records):
        size = SIZES[_TYPE.unpack_from(records, at)[0]]
        found.append(records[at : at + size])
        at += size
    return found


def read_execution(record: bytes) -> RawExecution:
    """Read a struct execution."""
    (_, pid, at, started, before, before_pid, inode, device, links, user, login, session, size,
     path_begins, directory_begins, _, name, file, arguments, path, directory) = (
        _EXECUTION.unpack_from(record)
    )  # fmt: skip
    return RawExecution(
        ExecutionKey(at, pid),
        ProcessKey(started, pid),
        ExecutionKey(before, before_pid),
        inode,
        device,
        links,
        user,
        login,
        session,
        size,
        _text(name),
        _text(file),
        arguments[: min(size, len(arguments) - 1)],
        _text(path[path_begins:PATH_TEXT]) if path_begins else "",
        _text(directory[directory_begins:PATH_TEXT]) if directory_begins else "",
    )


def read_process(record: bytes) -> RawProcess:
    """Read a struct process_event."""
    (_, count, _, user, login, session, network, mount, names) = _PROCESS.unpack_from(record)
    unpacked = _ANCESTOR.iter_unpack(record[_PROCESS.size : _CGROUPS])
    ancestors = tuple(map(RawAncestor._make, islice(unpacked, count)))
    cgroup = None if names == NO_NUMBER else _cgroup(record[_CGROUPS:], min(names, _CGROUP_NAMES))
    return RawProcess(user, login, session, network, mount, cgroup, ancestors)


def read_known_process(value: bytes) -> KnownProcess:
    """Read a struct process, a value of the map procs."""
    parent_started, parent, at, by, _, flags = _PROCESS_VALUE.unpack(value)
    return KnownProcess(ProcessKey(parent_started, parent), ExecutionKey(at, by), flags)


def read_flow_key(key: bytes) -> FlowKey:
    """Read a struct flow_key, a key of the map flows."""
    return FlowKey(*_FLOW_KEY.unpack(key))


def read_flow(value: bytes) -> RawFlow:
    """Read a struct flow, a value of the map flows."""
    return RawFlow(*_FLOW.unpack(value))


def last_of_flow(value: bytes) -> int:
    """Read only when a flow was last used: of most, nothing else has to be known."""
    last: int = _LAST_OF_FLOW.unpack_from(value, 8)[0]
    return last


def read_connection(record: bytes) -> RawConnection:
    """Read a struct connection_event."""
    _, interface, at, cookie, key, local, local_port, peer_port = _CONNECTION.unpack_from(record)
    return RawConnection(interface, at, cookie, read_flow_key(key), local, local_port, peer_port)


@lru_cache(maxsize=4096)
def address(raw: bytes) -> str:
    """Write an address; IPv4 comes as IPv6 writes it (RFC 4291 2.5.5.2)."""
    if raw.startswith(_MAPPED):
        return "{}.{}.{}.{}".format(*raw[12:])
    return str(ipaddress.IPv6Address(raw))


@lru_cache(maxsize=256)
def _cgroup(raw: bytes, names: int) -> str:
    found = []
    for i in range(names):
        begin = i * _CGROUP_NAME
        found.append(_text(raw[begin : begin + _CGROUP_NAME]))
    return "/" + "/".join(reversed(found))


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("utf-8", "replace")


SIZES = {
    EXECUTION: _EXECUTION.size,
    PROCESS: _CGROUPS + _CGROUP_NAMES * _CGROUP_NAME,
    CONNECTION: _CONNECTION.size,
}
