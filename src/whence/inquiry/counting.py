"""Count what passes interfaces, and keep the table of flows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from whence.model.counted_flows import Counted
from whence.sensors.packet_table import PacketTable
from whence.world.counting_process import CountingProcess


def count(interfaces: Sequence[str], span: timedelta | None, every: timedelta) -> Iterator[Counted]:
    """Yield the table of all flows since the beginning, each time that ``every`` has passed."""
    table = PacketTable()
    with CountingProcess(interfaces, every.total_seconds()) as process:
        for counts in process.counts(span.total_seconds() if span else None):
            table.add(counts)
            yield table.counted(counts)


def count_once(interfaces: Sequence[str], span: timedelta) -> Counted:
    """Give the table of the flows that passed in a span of time."""
    table = PacketTable()
    with CountingProcess(interfaces) as process:
        for counts in process.counts(span.total_seconds()):
            table.add(counts)
    return table.counted(counts)
