"""What a capture is to be, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass

ENGINES = ("auto", "own", "dumpcap")  # auto: our own ring if we have the right, else dumpcap
WHOLE = 262_144  # bytes of a packet that are kept at most, as tcpdump's default


@dataclass(frozen=True, slots=True, order=True)
class Pattern:
    """Traffic of one end, with any other or with a given one. What is empty does not matter."""

    address: str = ""
    port: int = 0
    peer: str = ""
    peer_port: int = 0
    transport: str = ""
    mac: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a capture may keep; 0: no limit. Sizes in bytes, times in seconds."""

    file_size: int = 64 << 20
    file_age: float = 0
    files: int = 16
    total: int = 1 << 30
    keep: float = 0
    reserve: int = 1 << 30  # of the file system, which is left free for others


@dataclass(frozen=True, slots=True)
class Around:
    """A file for each event, with all packets some time before and after it; in seconds."""

    before: float = 10
    after: float = 30
    memory: int = 64 << 20  # bytes that the time before may take


@dataclass(frozen=True, slots=True)
class CaptureSettings:
    """All that a capture has to know."""

    title: str
    folder: str
    patterns: tuple[Pattern, ...]
    interfaces: tuple[str, ...] = ()  # none: all
    largest: int = 128  # bytes of each packet
    limits: Limits = Limits()
    around: Around | None = None
    ring: int = 64 << 20  # bytes
    names_processes: bool = True
    engine: str = "auto"  # one of the ENGINES
    filter: str = ""  # pcap-filter(7): of the packets that the patterns describe, only these


@dataclass(frozen=True, slots=True)
class CaptureStatus:
    """How a capture is; the counts are since it began."""

    packets: int = 0  # written
    size: int = 0  # bytes written
    files: int = 0  # begun
    deleted: int = 0  # files deleted because of the limits
    received: int = 0  # packets that the kernel's filter let through
    dropped: int = 0  # of these, by the kernel, because we were too slow
    unwritten: int = 0  # packets that did not go to disk
    named: int = 0  # packets with their process
    events: int = 0
    pushed_out: int = 0  # packets before events that did not fit the memory
    problem: str = ""  # why nothing is written now
    which: str = ""  # the filter, in the words of pcap-filter(7)
    engine: str = "own"  # what hands the packets over
    ended: bool = False
