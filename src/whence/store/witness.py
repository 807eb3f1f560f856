"""What the recorder remembers, as a witness to connections."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from whence.model import (
    CannotAsk,
    CannotStore,
    Flow,
    NotPermitted,
    Process,
    Reading,
    Sighting,
    WhenceError,
    ecs,
)
from whence.store.history import History

Clock = Callable[[], datetime]  # aware, UTC
MOST = 2000  # sightings in one reading


class HistoryWitness:
    """Tells of what was recorded, also of processes that are long gone."""

    def __init__(
        self,
        history: History,
        clock: Clock,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        self._history = history
        self._clock = clock
        self._span = (since, until)

    def connections(self, flow: Flow) -> Reading:
        """Give the newest sightings of a flow, oldest first: a line each, as model.ecs.

        Raises
        ------
        CannotAsk
            If nothing was ever recorded, or it cannot be read.

        """
        with self._asking():
            seen = self._newest(flow)
            self._check_read(bool(seen))
        lines = (ecs.encode(ecs.from_sighting(sighting)) for sighting in seen)
        return self._reading(f"connections {flow}", lines, seen[-1].observer if seen else "")

    def process(self, process: Process) -> Reading:
        """Give a process and its ancestors as they were last seen: a line each, as model.ecs.

        Raises
        ------
        CannotAsk
            If it was not recorded.

        """
        with self._asking():
            lineage = self._history.process(process)
            self._check_read(bool(lineage))
        if not lineage:
            raise CannotAsk(f"{process} was not recorded", because="it made no connection then")
        source = f"process {process.pid}@{process.started}"
        return self._reading(source, map(ecs.record_line, lineage), process.host)

    def _newest(self, flow: Flow) -> list[Sighting]:
        if self._span == (None, None):
            return self._history.newest(flow, MOST)
        return [*deque(self._history.sightings(flow, *self._span), maxlen=MOST)]

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            if not self._history.exists():
                raise CannotAsk(
                    "no history was recorded",
                    because=f"there is none in {self._history.directory}",
                    try_="whence record install",
                )
            yield
        except CannotStore as reason:
            raise _refusal(reason) from reason

    def _check_read(self, found: bool) -> None:
        """Nothing found is an answer only where everything could be read."""
        if not found:
            for reason in self._history.unreadable.values():
                raise _refusal(reason)

    def _reading(self, source: str, lines: Iterable[str], observer: str) -> Reading:
        text = "".join(f"{line}\n" for line in lines)
        return Reading(source, text, self._clock(), observer)


def _refusal(reason: WhenceError) -> CannotAsk:
    if isinstance(reason.__cause__, PermissionError):
        return NotPermitted(
            str(reason),
            because=reason.because,
            try_="run it as root, or as a member of the group that owns the history",
        )
    return CannotAsk(str(reason), because=reason.because, try_=reason.try_)
