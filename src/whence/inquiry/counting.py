"""Count what passes interfaces, and keep the table of flows."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from datetime import timedelta
from threading import Event, Thread
from typing import Self

from whence.model.counted_flows import Counted
from whence.sensors.packet_table import PacketTable
from whence.world.counting_process import CountingProcess


def count(
    interfaces: Sequence[str], span: timedelta | None, every: timedelta
) -> Generator[Counted]:
    """Yield the table of all flows since the beginning, each time that ``every`` has passed."""
    table = PacketTable()
    with CountingProcess(interfaces, every.total_seconds()) as process:
        for counts in process.counts(span.total_seconds() if span else None):
            table.add(counts)
            yield table.counted(counts)


def count_once(
    interfaces: Sequence[str], span: timedelta, stop: Callable[[], bool] = lambda: False
) -> Counted:
    """Give the table of the flows that passed in a span of time, or until ``stop`` says so."""
    table = PacketTable()
    with CountingProcess(interfaces) as process:
        for counts in process.counts(span.total_seconds()):
            table.add(counts)
            if stop():
                break
        for counts in process.rest():
            table.add(counts)
    return table.counted(counts)


class Counting:
    """Counts on a thread of its own, so that something else can be watched meanwhile."""

    def __init__(self, interfaces: Sequence[str], every: timedelta) -> None:
        self._interfaces = interfaces
        self._every = every
        self._newest: Counted | None = None
        self._fault: BaseException | None = None
        self._begun = Event()
        self._over = Event()
        self._thread = Thread(target=self._count, name="counting", daemon=True)

    @property
    def newest(self) -> Counted:
        """The table as it was counted last.

        Raises
        ------
        BadInput, NotPermitted, CannotAsk
            If it cannot count here, or ended by itself.

        """
        self._begun.wait()
        if self._fault:
            raise self._fault
        assert self._newest
        return self._newest

    def _count(self) -> None:
        try:
            with closing(count(self._interfaces, None, self._every)) as tables:
                for table in tables:
                    self._newest = table
                    self._begun.set()
                    if self._over.is_set():
                        return
        except BaseException as fault:  # noqa: BLE001  it is raised where somebody asks
            self._fault = fault
            self._begun.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
