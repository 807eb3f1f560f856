"""What really happened, as the processes themselves wrote it down."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from bench.attribution.place import NEAR, Place

Key = tuple[int, int]  # pid and start time in clock ticks
Ends = tuple[str, str, int, str, int]  # transport, source, its port, destination, its port


@dataclass(frozen=True, slots=True)
class Lived:
    """A process of the workload."""

    key: Key
    parent: Key
    executable: str
    args: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """What one process sent, and every process between it and the generator."""

    id: str
    ends: Ends
    lineage: tuple[Lived, ...]  # who sent, its parent, … and last the generator
    at: float
    network_namespace: int
    script: str = ""

    @property
    def kind(self) -> str:
        """The kind of traffic or the hard case."""
        return self.id.rpartition("-")[0]


@dataclass(slots=True)
class Truth:
    """All that was sent in one run of the workload."""

    sent: list[Sent] = field(default_factory=list)
    failed: int = 0  # processes that could not do their part, which makes a run worthless


def run(where: Place, role: str, lines: Iterable[str]) -> Truth:
    """Run a role of the workload to its end and read what the processes wrote."""
    printed = where.run(role, told="\n".join(lines))
    rows = [json.loads(line) for line in where.launcher.truth.read_text().splitlines()]
    where.launcher.truth.unlink()
    return Truth([*_sent(rows)], json.loads(printed)["failed"])


def canonical(address: str) -> str:
    """Write an address one way; IPv4-mapped IPv6 is IPv4."""
    parsed = ip_address(address)
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def _sent(rows: list[dict[str, Any]]) -> Iterator[Sent]:
    lived = {(row["pid"], row["start"]): _lived(row) for row in rows}
    for row in rows:
        if "kind" in row:
            lineage = tuple(_lineage(_lived(row), lived))
            yield Sent(
                row["id"], _ends(row), lineage, row["at"], row["netns"], row.get("script", "")
            )


def _lived(row: dict[str, Any]) -> Lived:
    return Lived(
        (row["pid"], row["start"]), tuple(row["parent"]), plain(row["exe"]), tuple(row["args"])
    )


def plain(executable: str) -> str:
    """Take away what /proc/PID/exe adds: " (deleted)", and "/" before memfd:NAME."""
    executable = executable.removesuffix(" (deleted)")
    return executable.removeprefix("/") if executable.startswith("/memfd:") else executable


def _lineage(first: Lived, lived: dict[Key, Lived]) -> Iterator[Lived]:
    one: Lived | None = first
    while one is not None:
        yield one
        one = lived.get(one.parent)


def _ends(row: dict[str, Any]) -> Ends:
    transport = "udp" if row["kind"].startswith("udp") else "tcp"
    destination = canonical(row["destination"])
    # A socket that sent without connecting has no address of its own; the packet has this one.
    source = NEAR[destination] if row["kind"] == "udp" else canonical(row["source"])
    return transport, source, row["source_port"], destination, row["destination_port"]
