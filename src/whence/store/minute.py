"""Connections summed by the minute, so that a flood does not fill the disk. Pure.

What is seldom is kept exactly: of each process and peer, the first connections of a minute
stay apart, with their source port and their cookie. Only what goes beyond is summed up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from whence.model import ACCEPTED, LISTENING, Sighting
from whence.store.segment_format import microseconds, signed

EXACT = 8  # connections of a process and peer in a minute that stay apart
MINUTE = 60_000_000  # microseconds
MOST = 10_000  # sums that are remembered; what is forgotten gets a new row when seen again

Row = tuple[object, ...]
Key = tuple[object, ...]


@dataclass(slots=True)
class Sum:
    """One row of connections."""

    id: int
    first: int
    last: int
    process: int | None
    context: int
    destination: str | None
    destination_port: int | None
    source: str | None
    source_port: int | None
    cookie: int
    count: int = 0
    bytes_sent: int = 0
    packets_sent: int = 0
    bytes_received: int = 0
    packets_received: int = 0

    def add(self, seen: Sighting) -> None:
        """Take in a sighting."""
        self.first = min(self.first, microseconds(seen.first))
        self.last = max(self.last, microseconds(seen.last))
        self.count += seen.count
        self.bytes_sent += seen.bytes_sent
        self.packets_sent += seen.packets_sent
        self.bytes_received += seen.bytes_received
        self.packets_received += seen.packets_received
        if self.source != seen.flow.source:
            self.source = None

    @property
    def row(self) -> Row:
        """The row, in the order of its table."""
        return (
            self.id,
            self.first,
            self.last,
            self.process,
            self.context,
            self.destination,
            self.destination_port,
            self.source,
            self.source_port,
            self.count,
            self.bytes_sent,
            self.packets_sent,
            self.bytes_received,
            self.packets_received,
            self.cookie,
        )


@dataclass(slots=True)
class Minutes:
    """The sums of late, and which of them changed."""

    next_id: int
    _groups: dict[Key, dict[Key, Sum]] = field(default_factory=dict)
    _changed: dict[int, Sum] = field(default_factory=dict)
    _size: int = 0

    def add(self, seen: Sighting, process: int | None, context: int) -> None:
        """Take in a sighting of a process, by their numbers in the segment."""
        group = self._groups.setdefault(_group(seen, process, context), {})
        connection: Key = (seen.flow.source, seen.flow.source_port, seen.cookie)
        if connection not in group and len(group) >= EXACT:
            connection = ()
        total = group.get(connection)
        if total is None:
            total = group[connection] = self._begin(seen, process, context, connection)
        total.add(seen)
        self._changed[total.id] = total

    def take_changed(self) -> Iterator[Row]:
        """Give the rows that changed since this was called last."""
        changed, self._changed = self._changed, {}
        if self._size > MOST:
            self._groups.clear()
            self._size = 0
        return (total.row for total in changed.values())

    def _begin(self, seen: Sighting, process: int | None, context: int, connection: Key) -> Sum:
        flow, number = seen.flow, self.next_id
        self.next_id += 1
        self._size += 1
        return Sum(
            number,
            microseconds(seen.first),
            microseconds(seen.last),
            process,
            context,
            flow.destination,
            flow.destination_port,
            flow.source,
            flow.source_port if connection or seen.action == LISTENING else None,
            signed(seen.cookie) if connection else 0,
        )


def _group(seen: Sighting, process: int | None, context: int) -> Key:
    flow = seen.flow
    return (
        process,
        context,
        microseconds(seen.first) // MINUTE,
        flow.destination,
        flow.destination_port,
        flow.source if seen.action in (ACCEPTED, LISTENING) else None,
        flow.source_port if seen.action == LISTENING else None,
    )
