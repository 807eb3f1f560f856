"""What sensors see: a process, its past, and what it sent to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from whence.model.facts import Confidence
from whence.model.observables import Flow, Process
from whence.model.reported import Report

UNKNOWN_START = datetime(1970, 1, 1, tzinfo=UTC)  # when a process began, where nobody told


@dataclass(frozen=True, slots=True)
class Execution:
    """One program that a process ran: what execve(2) was given, and what it led to."""

    at: datetime
    executable: str  # the file that was mapped; "memfd:NAME" and deleted files as the kernel says
    file: str = ""  # what execve was given: for a #! file that is the script
    args: tuple[str, ...] = ()
    args_bytes: int = 0  # the length of all arguments; larger than what args holds if cut short
    working_directory: str = ""
    inode: int = 0
    device: int = 0  # st_dev, as stat(2) gives it
    links: int = 1  # 0: the file had no name any more when it was run

    @property
    def args_cut(self) -> bool:
        """Whether the sensor kept only the beginning of the arguments."""
        return self.args_bytes > sum(
            len(a.encode("utf-8", "surrogateescape")) + 1 for a in self.args
        )


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """What is known of one process, gathered while it lived."""

    process: Process
    started_at: datetime = UNKNOWN_START
    name: str = ""  # comm: 15 bytes that the process itself may change, proc(5)
    parent: Process | None = None  # at fork; a dead parent stays the parent
    executions: tuple[Execution, ...] = ()  # oldest first; the last is what it ran when seen
    inherited: bool = False  # the last execution is its parent's: it forked and ran nothing new
    user_id: int | None = None
    login_id: int | None = None  # audit login uid; None: not set, so no login or cron led here
    audit_session: int | None = None
    cgroup: str = ""  # path in the unified hierarchy, cgroups(7)
    network_namespace: int | None = None  # inode number of /proc/PID/ns/net
    mount_namespace: int | None = None
    kernel_thread: bool = False

    @property
    def start_is_known(self) -> bool:
        """Whether anybody told when it began."""
        return self.started_at != UNKNOWN_START

    @property
    def execution(self) -> Execution | None:
        """What it ran when it was seen."""
        return self.executions[-1] if self.executions else None

    @property
    def command_is_known(self) -> bool:
        """Whether its command line was told; not where it was over before that could be read."""
        return self.execution is not None and bool(self.execution.args)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A sensor saw a process do this, from ``first`` to ``last``, ``count`` times."""

    flow: Flow
    action: str  # one of the ACTIONS
    first: datetime
    last: datetime
    lineage: tuple[ProcessRecord, ...]  # who did it, its parent, its parent's parent, …
    sensor: str
    observer: str  # the host whose kernel saw it
    count: int = 1
    bytes_sent: int = 0  # IP bytes that left the sockets; 0 with packets_sent 0: not counted
    packets_sent: int = 0
    bytes_received: int = 0
    packets_received: int = 0
    network_namespace: int | None = None
    interface: str = ""
    cookie: int = 0  # the kernel's number for the socket, SO_COOKIE of socket(7)
    confidence: Confidence = Confidence.CERTAIN
    report: Report | None = None  # where a file of another tool tells of it

    @property
    def maker(self) -> ProcessRecord | None:
        """The process that did it, where the sensor could tell."""
        return self.lineage[0] if self.lineage else None


ATTEMPTED = "connection-attempted"  # something was sent, or was to be sent, to the destination
ACCEPTED = "connection-accepted"  # somebody called in; the process is the one that listened
LISTENING = "listening"  # the source is what is listened on; there is no destination yet
ACTIONS = (ATTEMPTED, ACCEPTED, LISTENING)


@dataclass(frozen=True, slots=True)
class SensorStatus:
    """What a sensor says of itself: first when it is ready, then when something changes."""

    sensor: str
    at: datetime
    cannot_see: tuple[str, ...] = ()
    lost: int = 0  # sightings that it knows it lost, since it began
    unattributed: int = 0  # connections seen whose process it could not tell
    detail: str = ""


# What a sensor yields. None: that was all for now, and it waits; whoever gathers, writes now.
Events = Iterator[Sighting | SensorStatus | None]
