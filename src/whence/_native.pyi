from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, Literal, TypedDict

__version__: str

class Stream:
    """Columns for any reader of Arrow; they can be read once."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def texts(
        self, columns: Sequence[str], column: str, among: Sequence[str]
    ) -> list[tuple[str | None, ...]] | None: ...
    def columns(self) -> list[str]: ...
    def write_parquet(
        self, path: str | PathLike[str], *, shift: int = ..., limit: int = ...
    ) -> int: ...

class FlowLines:
    """Flows, taken as they come, given as lines in order of their numbers."""

    def __new__(cls, memory: int = ...) -> FlowLines: ...
    def take(self, flows: object) -> None: ...
    def count(self) -> int: ...
    def begin(
        self,
        form: Literal["json", "table", "csv"],
        names: Mapping[str, str],
        refused: Sequence[tuple[tuple[str, str, str, tuple[int, int] | None], int, int, str]] = (),
    ) -> str | None: ...
    def next(self, most: int) -> tuple[bytes, int]: ...

class InterfaceSummary(TypedDict):
    file: str
    name: str
    link: int
    packets: int
    drops: int | None

class DamageSummary(TypedDict):
    file: str
    offset: int
    packet: int
    reason: str
    resumed: int | None

class LeftOutSummary(TypedDict):
    file: str
    other: str
    packets: int
    first: int
    last: int

class RefusalRow(TypedDict):
    first: int
    last: int
    count: int
    file: str
    packet: int
    interface: str
    vlan: str
    sender_ip: str
    receiver_ip: str
    icmp: str
    type: int
    code: int
    fits: int
    transport: str
    source_ip: str
    source_port: int | None
    destination_ip: str
    destination_port: int | None

class TimesSummary(TypedDict):
    file: str
    first: int
    last: int
    ran: int
    set_back: list[tuple[int, int, int]]
    early: int
    first_early: tuple[int, int, int] | None

class Summary(TypedDict):
    packets: int
    bytes: int
    first: int | None
    last: int | None
    filtered: int
    not_asked: int
    malformed: int
    encrypted: int
    cut_off: int
    fragments: int
    incomplete_fragments: int
    bad_checksums: int
    exports: int
    early_flows: int
    names_left_out: int
    arp_left_out: int
    refusals_left_out: int
    not_ip: dict[int, int]
    skipped_links: dict[int, int]
    complete: bool
    interfaces: list[InterfaceSummary]
    damage: list[DamageSummary]
    connections: int
    begun_twice: int
    sampled: int
    sampled_twice: int
    times: list[TimesSummary]
    left_out: list[LeftOutSummary]
    not_compared: int

class Packets:
    """A reading of capture files."""

    def __new__(
        cls,
        files: Sequence[str | PathLike[str]],
        *,
        filter: Sequence[tuple[int, int, int, int]] | None = None,
        since: int | None = None,
        until: int | None = None,
        checksums: Literal["ignore", "count", "drop"] = "ignore",
        names: Literal["none", "addresses", "called", "all"] = "all",
        split: Sequence[str] = (),
        guess_servers: bool = True,
        memory: int = 268_435_456,
        threads: int = 1,
        overlaps: Sequence[tuple[int, int, int]] = (),
        by_link: Sequence[tuple[int, Sequence[tuple[int, int, int, int]] | None]] = (),
    ) -> Packets: ...
    def flows(self, columns: Sequence[str] | None = None) -> Stream: ...
    def names(self) -> Stream: ...
    def arp(self) -> Stream: ...
    def refused(self) -> list[RefusalRow]: ...
    def sums(self, internal: Sequence[str] = ()) -> Sums | None: ...
    def exports(self, exports: Exports) -> bool: ...
    def exported(self) -> tuple[int, int, int]: ...
    def stop(self) -> None: ...
    @property
    def bytes_read(self) -> int: ...
    @property
    def packets_read(self) -> int: ...
    def summary(self) -> Summary: ...

class Sums:
    """Who sends how much to whom, of all flows that were read."""

    def totals(self) -> tuple[int, int, int, int, int] | None: ...
    def places(self) -> list[tuple[str, str, int]]: ...
    def ranked(
        self, by: str, measure: str, most: int
    ) -> list[tuple[str, int, int, int, int, int, int, bool, str | None, str | None]]: ...
    def amounts(self, measure: str) -> list[int]: ...
    def inside_amounts(self, measure: str) -> list[int]: ...
    def servers(
        self, stations: Sequence[str], clients: int
    ) -> list[tuple[str, int, str, int, int]]: ...
    def gateways(self, behind: int) -> list[str]: ...
    def main_peer(
        self, station: str, measure: str
    ) -> tuple[str, int | None, str, int, int, bool] | None: ...
    def names(self, addresses: Sequence[str]) -> list[tuple[str, str, str]]: ...

def link_type(file: str | PathLike[str]) -> int: ...

class Exports:
    """Receives NetFlow v5 and v9, IPFIX and sFlow v5, and makes flows of them."""

    def __init__(
        self,
        *,
        file: str = "",
        keep_records: bool = False,
        active: int = ...,
        tcp_gap: int = ...,
        other_gap: int = ...,
        most_open: int = ...,
    ) -> None: ...
    def feed(self, address: str, port: int, received: int, datagram: bytes) -> None: ...
    def add(
        self,
        *,
        exporter: str,
        received: int,
        first: int,
        last: int,
        source: str,
        destination: str,
        protocol: int,
        packets: int,
        bytes: int,
        source_port: int = 0,
        destination_port: int = 0,
        icmp: tuple[int, int] | None = None,
        tcp_flags: int | None = None,
        back_packets: int = 0,
        back_bytes: int = 0,
        tos: int = 0,
        input: int = 0,
        output: int = 0,
        vlan: int = 0,
        source_mac: bytes | None = None,
        destination_mac: bytes | None = None,
        direction: int | None = None,
        next_hop: str | None = None,
        source_as: int = 0,
        destination_as: int = 0,
        sampled: bool = False,
    ) -> None: ...
    def read_from(self, file: str) -> None: ...
    def end_until(self, now: int) -> None: ...
    def end_all(self) -> None: ...
    def ended(self) -> int: ...
    def flows(self) -> Stream: ...
    def records(self) -> Stream: ...
    def counters(self) -> Stream: ...
    def totals(self) -> dict[str, int]: ...
    def senders(self) -> list[dict[str, Any]]: ...

class LogSummary(TypedDict):
    rows: int
    bytes: int
    cut: int
    not_text: int
    without_time: int
    zone_assumed: int
    """With a time that says no zone; about so."""
    unsure: int
    wordings_left_out: int
    next: int
    """Position behind the last row: segment × 2³² + offset, or file × 2⁴⁸ + offset."""
    complete: bool
    gaps: list[tuple[int, int, str]]
    """Position, microseconds since 1970, and what the receiver wrote."""
    damage: list[tuple[str, int, str]]
    """File, offset, reason."""

class LogReading:
    """A reading of log lines: how far it is, what was left out, which wordings there are."""

    def stop(self) -> None: ...
    @property
    def bytes_read(self) -> int: ...
    @property
    def lines_read(self) -> int: ...
    def templates(self) -> list[tuple[str, str, int]]: ...
    def summary(self) -> LogSummary: ...

class LogText:
    """Log lines as lines of text, as they are read."""

    def __new__(
        cls,
        files: Sequence[str | PathLike[str]],
        *,
        shape: Literal["json", "table"],
        form: Literal["text", "spool"] = "text",
        now: int = 0,
        zone_seconds: int = 0,
        zone_changes: Sequence[tuple[int, int]] = (),
        zones: Sequence[tuple[str, int, Sequence[tuple[int, int]]]] = (),
        most_rows: int = 0,
    ) -> LogText: ...
    def heading(self) -> str | None: ...
    def next(self, bytes: int) -> bytes: ...
    def reading(self) -> LogReading: ...

def log_is_packed(begin: bytes) -> bool: ...
def log_length(path: str | PathLike[str]) -> tuple[int, int]: ...
def log_message_fields() -> list[str]: ...
def log_piece(path: str | PathLike[str], begin: int, size: int) -> bytes: ...
def parse_logs(
    files: Sequence[str | PathLike[str]],
    *,
    form: Literal["text", "spool"] = "text",
    start: int = 0,
    now: int = 0,
    zone_seconds: int = 0,
    zone_changes: Sequence[tuple[int, int]] = (),
    zones: Sequence[tuple[str, int, Sequence[tuple[int, int]]]] = (),
    columns: Sequence[str] | None = None,
    keep_original: bool = True,
    peer: str = "",
    most_rows: int = 0,
    templates: Sequence[tuple[str, str]] = (),
    after: LogReading | None = None,
) -> tuple[Stream, LogReading]: ...
def count_logs(
    files: Sequence[str | PathLike[str]],
    *,
    form: Literal["text", "spool"] = "text",
    start: int = 0,
    now: int = 0,
    zone_seconds: int = 0,
    zone_changes: Sequence[tuple[int, int]] = (),
    templates: Sequence[tuple[str, str]] = (),
) -> tuple[Stream, LogReading]: ...
def files_that_may_hold(
    places: Sequence[str],
    literals: Sequence[bytes],
    pattern: str | None,
    *,
    packed: bool,
    largest: int,
    patience: float,
) -> tuple[list[str], list[tuple[int | None, bool, str, int]], bool]: ...
def snmp_variables(content: bytes) -> list[tuple[tuple[int, ...], int | bytes | str | None, str]]:
    """Raises ValueError where the bytes are not variables."""
