"""The kinds of things one can point at."""

from __future__ import annotations

from dataclasses import dataclass

from whence.model.facts import Observable

IMPORTED = "import "  # stands before an import's id, in place of a boot that is not known


@dataclass(frozen=True, slots=True)
class Ip(Observable):
    """An IPv4 or IPv6 address, in the network it was seen in."""

    address: str
    zone: str = ""  # empty: the local site
    kind = "ip"

    def __str__(self) -> str:
        return f"{self.address}%{self.zone}" if self.zone else self.address


@dataclass(frozen=True, slots=True)
class Mac(Observable):
    """A MAC address, lower case, colons, in the network it was seen in."""

    address: str
    zone: str = ""
    kind = "mac"

    def __str__(self) -> str:
        return self.address


@dataclass(frozen=True, slots=True)
class Hostname(Observable):
    """A name that stands for addresses."""

    name: str
    kind = "hostname"

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Flow(Observable):
    """Traffic between two ends; an end that is not known, or does not matter, is None.

    The destination is the end that was called, whoever made the call (RFC 7011 calls such a
    pattern a flow key). Addresses are in their canonical text form, IPv4-mapped IPv6 as IPv4.
    """

    destination: str | None = None
    destination_port: int | None = None
    source: str | None = None
    source_port: int | None = None
    transport: str | None = None  # "tcp", "udp", "icmp", "ipv6-icmp" or a protocol's number
    kind = "flow"

    def covers(self, other: Flow) -> bool:
        """Say whether everything that this flow states is also true of ``other``."""
        return (
            self.destination in (None, other.destination)
            and self.destination_port in (None, other.destination_port)
            and self.source in (None, other.source)
            and self.source_port in (None, other.source_port)
            and self.transport in (None, other.transport)
        )

    def reversed(self) -> Flow:
        """Give the same traffic as called by the other end."""
        return Flow(
            self.source, self.source_port, self.destination, self.destination_port, self.transport
        )

    def touches(self, other: Flow) -> bool:
        """Say whether this flow covers ``other``, whichever end made the call."""
        return self.covers(other) or self.reversed().covers(other)

    def __str__(self) -> str:
        called = _end(self.destination, self.destination_port)
        if self.source is not None or self.source_port is not None:
            called = f"{_end(self.source, self.source_port)} → {called}"
        return f"{called}/{self.transport}" if self.transport else called


def _end(address: str | None, port: int | None) -> str:
    if port is None:
        return address or "any"
    if address is None:
        return f":{port}"
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


@dataclass(frozen=True, slots=True)
class Process(Observable):
    """A process. Pids are reused, so its boot and its start are part of its name."""

    host: str
    boot: str  # /proc/sys/kernel/random/boot_id
    pid: int  # as the host's first pid namespace counts
    started: int  # clock ticks (1/100 s) after boot: field 22 of /proc/PID/stat, proc(5)
    kind = "process"

    @property
    def is_reported(self) -> bool:
        """Whether only a file of another tool, which was imported, tells of it."""
        return self.boot.startswith(IMPORTED)

    def __str__(self) -> str:
        return f"pid {self.pid}" if self.pid else "its pid is not told"


@dataclass(frozen=True, slots=True)
class Program(Observable):
    """A program or script, by the path under which its host knows it."""

    host: str
    path: str
    kind = "program"

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class Package(Observable):
    """What a program was installed as: by dpkg, rpm, snap, flatpak, pip or npm."""

    manager: str
    name: str
    version: str = ""
    kind = "package"

    def __str__(self) -> str:
        return f"{self.name} {self.version}".rstrip() + f" ({self.manager})"


@dataclass(frozen=True, slots=True)
class Job(Observable):
    """Something that starts programs at times: a cron line, an anacron or at job, a timer."""

    host: str
    scheduler: str  # "cron", "anacron", "at", "systemd"
    source: str  # the file, or the unit's name
    line: int  # 0: the file as a whole
    schedule: str  # as written there: "17 * * * *", "@daily", "OnCalendar=hourly"
    command: str
    user: str = ""
    kind = "job"

    def __str__(self) -> str:
        return f"{self.source}:{self.line}" if self.line else self.source


@dataclass(frozen=True, slots=True)
class Service(Observable):
    """A unit of a service manager: systemd, supervisord, OpenRC."""

    host: str
    manager: str
    name: str
    kind = "service"

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Session(Observable):
    """A person's login: who, on which terminal, from where."""

    host: str
    identifier: str
    user: str = ""
    terminal: str = ""
    remote: str = ""  # empty: local
    kind = "session"

    def __str__(self) -> str:
        text = f"session {self.identifier}" + (f" of {self.user}" if self.user else "")
        text += f" on {self.terminal}" if self.terminal else ""
        return text + (f" from {self.remote}" if self.remote else "")


@dataclass(frozen=True, slots=True)
class User(Observable):
    """An account."""

    host: str
    uid: int
    name: str = ""
    kind = "user"

    def __str__(self) -> str:
        return self.name or f"uid {self.uid}"


@dataclass(frozen=True, slots=True)
class Container(Observable):
    """A container, by its runtime and the runtime's id for it."""

    host: str
    runtime: str  # "docker", "podman", "containerd", "cri-o", "lxc", "systemd-nspawn"
    identifier: str
    kind = "container"

    def __str__(self) -> str:
        return f"{self.runtime} container {self.identifier[:12]}"


@dataclass(frozen=True, slots=True)
class SwitchPort(Observable):
    """A port of a switch, by the names that the switch gives itself and the port."""

    switch: str  # sysName (SNMPv2-MIB) or the name that its settings give it
    port: str  # ifName (IF-MIB), or what the switch calls it: "Gi1/0/7", "ge-0/0/3", "swp12"
    kind = "switch-port"

    def __str__(self) -> str:
        return f"{self.switch} {self.port}"


@dataclass(frozen=True, slots=True)
class Outlet(Observable):
    """A socket in a wall, by its label, and the room it is in."""

    name: str
    room: str = ""
    kind = "outlet"

    def __str__(self) -> str:
        return f"outlet {self.name}" + (f" in {self.room}" if self.room else "")


@dataclass(frozen=True, slots=True)
class Remote(Observable):
    """The other end of traffic: an address, and the port that is called there if that is known."""

    address: str
    port: int | None = None
    kind = "remote"

    def __str__(self) -> str:
        return _end(self.address, self.port)


@dataclass(frozen=True, slots=True)
class Organisation(Observable):
    """Somebody that addresses are registered to, or that certificates name."""

    name: str
    domain: str = ""  # of its mail addresses, as the registry has them
    kind = "organisation"

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Setting(Observable):
    """A place where something is written down that a program goes by: a line, a row, a variable."""

    host: str
    place: str  # a file's path, a process's environment, a database
    line: int = 0  # 0: there are no lines
    part: str = ""  # the table, column and row, the key, the section
    why: str = ""  # how the place is connected with the program
    kind = "setting"

    def __str__(self) -> str:
        at = f"{self.place}:{self.line}" if self.line else self.place
        return f"{at} ({self.part})" if self.part else at


KINDS: dict[str, type[Observable]] = {
    kind.kind: kind
    for kind in (
        Ip,
        Mac,
        Hostname,
        Flow,
        Process,
        Program,
        Package,
        Job,
        Service,
        Session,
        User,
        Container,
        SwitchPort,
        Outlet,
        Remote,
        Organisation,
        Setting,
    )
}
