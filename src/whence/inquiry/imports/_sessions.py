"""Connections in the tables of firewalls: who called whom, as it was when the table was shown."""

from __future__ import annotations

import re

from whence.inquiry.imports._declare import Given
from whence.inquiry.imports._ends import address, number
from whence.inquiry.imports.nfdump_csv import PROTOCOLS
from whence.model.reported import Traffic

End = tuple[str, str | None]  # address, and what stands for a port
IP = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)"
MOST = 1_000_000  # connections that are remembered, to tell each once
WITHOUT_PORTS = ("icmp", "ipv6-icmp", "gre", "esp", "igmp", "ospf")  # what stands there is none
_NAMES = {"icmpv6": "ipv6-icmp", "ipsec-esp": "esp"}


def table_time(given: Given) -> int:
    """Say when a table was shown that tells no time."""
    if given.began is not None:
        return given.began
    given.assume("it does not say when it was made; it is taken to be as old as the file"
                 " (or: --began)")  # fmt: skip
    return given.written


def transport_of(word: str) -> str:
    """Name a protocol that is a word or a number."""
    small = word.lower()
    return _NAMES.get(small) or PROTOCOLS.get(small, small)


def session(
    line: int, at: int, transport: str, source: End, destination: End, *, state: str = "",
    answered: bool | None = None, age: int = 0,
) -> Traffic | None:  # fmt: skip
    """Make a row of a connection that is ``age`` µs old; None where an end is no address."""
    source_ip, destination_ip = address(source[0]), address(destination[0])
    if source_ip is None or destination_ip is None:
        return None
    name = transport_of(transport)
    if name == "icmp" and ":" in source_ip:
        name = "ipv6-icmp"
    has_ports = name not in WITHOUT_PORTS
    return Traffic(
        line,
        at - age,
        at,
        name,
        source_ip,
        number(source[1]) if has_ports else None,
        destination_ip,
        number(destination[1]) if has_ports else None,
        state=state,
        answered=answered,
    )


def named_ends(found: re.Match[str]) -> tuple[End, End]:
    """Give what a row calls source and destination, each with its port."""
    return (
        (found["source"], found["source_port"]),
        (found["destination"], found["destination_port"]),
    )


def connection_of(row: Traffic) -> tuple[object, ...]:
    """Give what tells a connection from all others of its time."""
    return (row.transport, row.source, row.source_port, row.destination, row.destination_port)


class Once:
    """Remembers connections: where one is let in and let out, a table may have it twice."""

    def __init__(self) -> None:
        self._seen: set[tuple[object, ...]] = set()

    def is_new(self, row: Traffic) -> bool:
        """Say whether it is the first row of this connection."""
        key = connection_of(row)
        is_new = row.source_port is None or key not in self._seen
        if len(self._seen) < MOST:
            self._seen.add(key)
        return is_new
