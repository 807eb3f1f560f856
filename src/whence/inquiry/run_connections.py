"""Where the runs of a trapped program connect to, gathered from its sensor until asked for."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Protocol

from whence.model import ATTEMPTED, CannotAsk, Flow, Process, SensorStatus, Sighting
from whence.model.trapped import Called
from whence.world.sensor_process import SensorProcess

READY = 30.0  # seconds that are waited for the sensor
DONE = 5.0  # seconds that it may take to end
MOST_CALLED = 1000  # peers of one run that are told apart


class Watcher(Protocol):
    """Who watches connections, of all processes."""

    def events(self) -> Iterator[Sighting | SensorStatus | None]:
        """Yield what is seen, and None now and then."""
        ...


Opens = Callable[[], AbstractContextManager[Watcher]]


@dataclass(frozen=True, slots=True, eq=False)
class _Gathered:
    process: Process
    called: Counter[Flow] = field(default_factory=Counter)


class RunConnections:
    """Reads the sensor in a thread; give each run's connections once."""

    def __init__(self, opens: Opens) -> None:
        """Begin to look, by the sensor that is opened; ``problem`` says if that cannot be done."""
        self.problem = ""  # why nothing is seen, or not any more
        self.untold = 0  # connections of runs with more peers than are told apart
        self._status: SensorStatus | None = None
        self._seen: queue.SimpleQueue[Sighting] = queue.SimpleQueue()
        self._runs: dict[int, _Gathered] = {}
        self._by_process: dict[Process, _Gathered] = {}  # of each, its latest run
        self._ending = threading.Event()
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(opens,), daemon=True)
        self._reader.start()
        self._ready.wait(READY)

    @classmethod
    def open(cls, level: str) -> RunConnections:
        """Look by the sensor of a level, which is a process of its own."""
        return cls(partial(SensorProcess, level=level))

    @property
    def lost(self) -> int:
        """How many connections the sensor knows that it lost."""
        return self._status.lost if self._status else 0

    def follow(self, number: int, process: Process) -> None:
        """Gather for a run what its process, or whoever that starts, connects to."""
        self._runs[number] = self._by_process[process] = _Gathered(process)

    def has_told(self, moment: datetime) -> bool:
        """Say whether all until a moment is told, or nothing more will be."""
        if self._status is None or not self._reader.is_alive():
            return True
        return self._status.at >= moment

    def take_in(self) -> None:
        """Gather what the sensor told since the last time; of what belongs to no run, nothing."""
        while not self._seen.empty():
            seen = self._seen.get()
            for record in seen.lineage:
                if gathered := self._by_process.get(record.process):
                    self._count(gathered.called, seen)
                    break

    def of(self, number: int) -> tuple[Called, ...]:
        """Give where a run connected to, what it called most first, and forget it."""
        self.take_in()
        gathered = self._runs.pop(number, None)
        if gathered is None:
            return ()
        if self._by_process.get(gathered.process) is gathered:
            del self._by_process[gathered.process]
        return tuple(
            Called(flow.destination, flow.destination_port, flow.transport, count)
            for flow, count in gathered.called.most_common()
            if flow.destination
        )

    def close(self) -> None:
        """End it."""
        self._ending.set()
        self._reader.join(DONE)

    def _count(self, called: Counter[Flow], seen: Sighting) -> None:
        peer = Flow(seen.flow.destination, seen.flow.destination_port, None, None,
                    seen.flow.transport)  # fmt: skip
        if peer in called or len(called) < MOST_CALLED:
            called[peer] += seen.count
        else:
            self.untold += seen.count

    def _read(self, opens: Opens) -> None:
        try:
            with opens() as sensor:
                for event in sensor.events():
                    if isinstance(event, SensorStatus):
                        self._status = event
                        self._ready.set()
                    elif isinstance(event, Sighting) and event.action == ATTEMPTED:
                        self._seen.put(event)
                    if self._ending.is_set():
                        return
        except CannotAsk as reason:
            self.problem = f"{reason}: {reason.because}" if reason.because else str(reason)
        finally:
            self._ready.set()
