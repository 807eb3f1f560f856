"""The part of whence that is written in Rust."""

from typing import Any

class Stream:
    """Columns that any reader of Arrow can take once, DuckDB for one."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def columns(self) -> list[str]: ...

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
