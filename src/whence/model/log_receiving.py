"""What a receiver of log lines is to hear and to keep, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field

Listening = tuple[str, int]  # an address, and a port of it


@dataclass(frozen=True, slots=True)
class LogSources:
    """Where log lines come from; what is empty is not heard."""

    udp: tuple[Listening, ...] = ()  # RFC 5426
    tcp: tuple[Listening, ...] = ()  # RFC 6587: both ways of framing
    tls: tuple[Listening, ...] = ()  # RFC 5425
    unix: tuple[str, ...] = ()  # sockets of datagrams, as /dev/log
    unix_streams: tuple[str, ...] = ()
    files: tuple[str, ...] = ()  # patterns, glob(7), of files that grow
    journal: bool = False  # systemd's

    def __bool__(self) -> bool:
        return any((self.udp, self.tcp, self.tls, self.unix, self.unix_streams, self.files)) or (
            self.journal
        )


@dataclass(frozen=True, slots=True)
class Certificate:
    """Who we are to senders by TLS, and who they have to be; names of files."""

    certificate: str
    key: str
    client_ca: str = ""  # empty: every sender may send


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """How the spool is cut, and what of the disk stays free for others."""

    segment_size: int = 64 << 20  # bytes
    segment_age: float = 60  # seconds; then a segment is complete, too
    floor: int = 1 << 30  # bytes that stay free …
    floor_share: float = 0.05  # … and the share of the file system: the larger of the two


@dataclass(frozen=True, slots=True)
class ReceiverSettings:
    """All that a receiver has to know."""

    spool: str  # a folder
    sources: LogSources
    certificate: Certificate | None = None
    limits: SpoolLimits = SpoolLimits()
    room: int = 64 << 20  # bytes that the kernel keeps for each UDP socket while we are busy
    connections: int = 1000  # at once; of one sender a quarter of these
    every: float = 1.0  # seconds between two statuses
    from_start: bool = False  # read files that are there at the very first start from their begin


@dataclass(frozen=True, slots=True)
class ReceiverStatus:
    """How a receiver is; the counts are since it began."""

    received: int = 0  # messages that were read, of all sources
    stored: int = 0  # of these, in the spool
    size: int = 0  # bytes of the spool that were written
    position: int = 0  # up to where the spool is whole: segment × 2³² + offset
    dropped: int = 0  # datagrams for which the kernel had no room
    unstored: int = 0  # messages that were counted only, because the disk is full
    refused: int = 0  # connections that were not accepted
    split: int = 0  # pieces of messages that were too long for one record
    halves: int = 0  # messages whose connection ended within them
    misframed: int = 0  # connections whose lengths did not fit their messages
    cut: int = 0  # records that a killed receiver had not written whole, found at the start
    connections: int = 0  # open now
    files: int = 0  # that are followed now
    unread: int = 0  # bytes of these that are not read yet
    peers: tuple[tuple[str, int], ...] = ()  # who sent most, and how many messages
    severities: dict[str, int] = field(default_factory=dict)  # of what was not stored
    problem: str = ""  # why nothing is stored now
    notes: tuple[str, ...] = ()  # what the user should know of, once
    listening: tuple[str, ...] = ()
    ended: bool = False
