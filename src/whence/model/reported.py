"""What files of other tools tell: rows as they stand there, before anything is made of them.

Moments are microseconds since 1970, UTC: there may be millions of rows. Addresses and ports are
text where the file may hold names in their place, else canonical.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import msgspec


class Owner(enum.StrEnum):
    """What a table of sockets says of whose a socket is."""

    NAMED = "named"
    UNAVAILABLE = "unavailable"  # the tool says that it may not know
    UNSTATED = "unstated"


class Socket(msgspec.Struct, frozen=True, gc=False):
    """A socket of a machine, as it was in one look."""

    line: int
    transport: str  # "tcp", "udp", …; empty: not told
    local: str | None  # address or name; None: any
    local_port: str | None
    remote: str | None
    remote_port: str | None
    state: str | None = None  # in the tool's own word, in whatever language
    listening: bool = False
    pid: int | None = None
    program: str | None = None
    components: tuple[str, ...] = ()  # services and libraries in the process that hold the socket
    owner: Owner = Owner.UNSTATED
    look: int = 0  # 0 is the first
    at: int | None = None  # of the look, where the file tells
    user: str = ""
    sharers: tuple[tuple[int, str], ...] = ()  # pid and program of others that hold it, too
    host: str = ""  # whose it is, where a file is of several machines


class Traffic(msgspec.Struct, frozen=True, gc=False):
    """A packet, flow or connection; the source is who called, as far as the file tells."""

    line: int
    first: int
    last: int
    transport: str
    source: str
    source_port: int | None
    destination: str
    destination_port: int | None
    bytes_sent: int = 0  # by the source
    packets_sent: int = 0
    bytes_received: int = 0
    packets_received: int = 0
    state: str = ""  # of the connection, in the tool's own word
    answered: bool | None = None  # None: the file does not tell
    host: str = ""  # the machine that wrote it down
    action: str = ""  # "alert", "drop", … where it is more than traffic
    application: str = ""  # protocol: "dns", "tls", …
    name: str = ""  # of the destination, as it was called: TLS server name
    detail: str = ""  # the alert's text
    incoming: bool | None = None  # the process was called; None: the file has no process
    process: Started | None = None
    is_packet: bool = False  # one of many: packets are added up
    is_one_way: bool = False  # a flow without its answer, which is a row of its own
    flags: str = ""  # "S", "S.", … of a packet
    interface: str = ""  # on which a packet was seen, with its direction: it may pass several


class Started(msgspec.Struct, frozen=True, gc=False):
    """A process, with its parent as far as the file tells."""

    line: int
    at: int  # when it was seen, or began
    host: str
    pid: int
    program: str  # its image: path or name
    command_line: str = ""
    working_directory: str = ""
    user: str = ""
    guid: str = ""  # by which the file tells it from others with the same pid
    began: int | None = None
    parent: Started | None = None
    only_met: bool = False  # it is named in another event; the file does not say how it began


class Pairing(msgspec.Struct, frozen=True, gc=False):
    """An IP address and the MAC address of who answers for it, or was given it."""

    line: int
    ip: str
    mac: str  # empty: nobody answered
    state: str = ""
    interface: str = ""
    name: str = ""
    ends: int | None = None  # of a lease
    at: int | None = None


class Placed(msgspec.Struct, frozen=True, gc=False):
    """A MAC address that a switch learned at a port."""

    line: int
    mac: str
    port: str
    vlan: int | None = None
    status: str = ""


class Contained(msgspec.Struct, frozen=True, gc=False):
    """A container or a pod, and one of the addresses that it has."""

    line: int
    name: str
    ip: str = ""  # empty: the file tells of none
    mac: str = ""
    runtime: str = ""  # "docker", "podman"; empty: a pod's, of whatever runtime
    identifier: str = ""  # of the container
    image: str = ""
    pod: str = ""  # namespace/name
    node: str = ""
    shares_network: bool = False  # of its node, whose address it is
    state: str = ""  # in the tool's own words
    network: str = ""
    began: int | None = None


class InCluster(msgspec.Struct, frozen=True, gc=False):
    """A service or a node of Kubernetes, and one of the addresses that it has."""

    line: int
    kind: str  # "service", "node"
    name: str  # of a service: namespace/name
    ip: str
    sort: str = ""  # of a service: "ClusterIP", "LoadBalancer", …
    ports: tuple[str, ...] = ()  # of a service, and where they lead, in words
    pods: str = ""  # by which labels a service finds those that answer
    state: str = ""


class Lookup(msgspec.Struct, frozen=True, gc=False):
    """A name that was asked for in the DNS, and what was answered."""

    line: int
    at: int
    name: str
    answers: tuple[str, ...] = ()  # IP addresses
    host: str = ""
    client: str = ""  # address of who asked
    process: Started | None = None


class Altered(msgspec.Struct, frozen=True, gc=False):
    """Something that was changed on a machine."""

    line: int
    at: int
    host: str
    kind: str  # of model.changed.KINDS
    what: str
    things: tuple[str, ...] = ()
    who: str = ""


Row = Socket | Traffic | Started | Pairing | Placed | Contained | InCluster | Lookup | Altered


@dataclass(frozen=True, slots=True)
class Report:
    """Where a file of another tool tells of a sighting."""

    import_: str  # the id of the import
    file: str  # its name
    line: int  # of the first mention
    said: str  # that line
    kind: str  # of file
    state: str = ""  # in the tool's own words
    answered: bool | None = None  # None: the file does not tell
    looks: tuple[tuple[int, int], ...] = ()  # in which it was seen: first and last of each run
    of: int = 0  # looks there were; 0: the file is no series of looks
