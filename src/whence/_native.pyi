from collections.abc import Sequence
from os import PathLike
from typing import Literal, TypedDict

__version__: str

class Stream:
    """Columns for any reader of Arrow; they can be read once."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def columns(self) -> list[str]: ...

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

class Summary(TypedDict):
    packets: int
    bytes: int
    first: int | None
    last: int | None
    filtered: int
    malformed: int
    fragments: int
    incomplete_fragments: int
    bad_checksums: int
    early_flows: int
    names_left_out: int
    arp_left_out: int
    not_ip: dict[int, int]
    skipped_links: dict[int, int]
    complete: bool
    interfaces: list[InterfaceSummary]
    damage: list[DamageSummary]

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
        names: bool = True,
        split: Sequence[str] = (),
        guess_servers: bool = True,
        memory: int = 268_435_456,
        threads: int = 1,
    ) -> Packets: ...
    def flows(self, columns: Sequence[str] | None = None) -> Stream: ...
    def names(self) -> Stream: ...
    def arp(self) -> Stream: ...
    def stop(self) -> None: ...
    @property
    def bytes_read(self) -> int: ...
    @property
    def packets_read(self) -> int: ...
    def summary(self) -> Summary: ...

def link_type(file: str | PathLike[str]) -> int: ...
