"""Several witnesses heard as one: what was recorded, what is there now, what was waited for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from whence.model import CannotAsk, Flow, Process, ProcessRecord, Reading, Sighting, ecs
from whence.world import Clock, Witness


class Seen:
    """A witness to the sightings it is handed: what a sensor said while one waited."""

    def __init__(self, observer: str, clock: Clock, sightings: Iterable[Sighting] = ()) -> None:
        self._observer = observer
        self._clock = clock
        self.sightings = [*sightings]

    def connections(self, flow: Flow) -> Reading:
        """Give the sightings that a flow covers."""
        lines = (
            ecs.encode(ecs.from_sighting(seen)) for seen in self.sightings if flow.covers(seen.flow)
        )
        return self._reading(f"connections {flow}", lines)

    def process(self, process: Process) -> Reading:
        """Give a process and its ancestors as they stood in the newest sighting of it."""
        for seen in reversed(self.sightings):
            for generation, record in enumerate(seen.lineage):
                if record.process == process:
                    lines = map(ecs.record_line, seen.lineage[generation:])
                    return self._reading(_source(process), lines)
        raise CannotAsk(f"no sensor saw {process}")

    def _reading(self, source: str, lines: Iterable[str]) -> Reading:
        text = "".join(f"{line}\n" for line in lines)
        return Reading(source, text, self._clock(), self._observer)


class Witnesses:
    """Asks each witness in turn; remembers what was answered, so that all probes see the same."""

    def __init__(self, witnesses: Sequence[Witness], observer: str, clock: Clock) -> None:
        self._witnesses = witnesses
        self._observer = observer
        self._clock = clock
        self._heard: dict[str, Reading | CannotAsk] = {}
        self.silent: dict[str, CannotAsk] = {}  # witnesses that could not be asked, and why

    def connections(self, flow: Flow) -> Reading:
        """Give what all of them saw of a flow, whichever end made the call, oldest first."""
        return self._once(f"connections {flow}", lambda: self._all_connections(flow))

    def process(self, process: Process) -> Reading:
        """Give the most that one of them knows of a process: the longest line of ancestors."""
        return self._once(_source(process), lambda: self._best_process(process))

    def _all_connections(self, flow: Flow) -> Reading:
        refusals: list[CannotAsk] = []
        seen: dict[tuple[object, ...], Sighting] = {}
        for witness in self._witnesses:
            for pattern in dict.fromkeys((flow, flow.reversed())):
                try:
                    lines = [*witness.connections(pattern).lines()]
                except CannotAsk as reason:
                    refusals.append(reason)
                    self.silent[str(reason)] = reason
                    continue
                for sighting in (ecs.from_line(line) for line in lines if line):
                    _keep_fuller(seen, sighting)
        if len(refusals) == 2 * len(self._witnesses) and refusals:
            raise refusals[-1]
        ordered = sorted(_once_each(seen.values()), key=lambda sighting: sighting.first)
        text = "".join(f"{ecs.encode(ecs.from_sighting(sighting))}\n" for sighting in ordered)
        return Reading(f"connections {flow}", text, self._clock(), self._observer)

    def _best_process(self, process: Process) -> Reading:
        best: Reading | None = None
        most = (0, 0)
        refusal = CannotAsk(f"nobody saw {process}")
        for witness in self._witnesses:
            try:
                reading = witness.process(process)
            except CannotAsk as reason:
                refusal = reason
                continue
            records = [ecs.record_from_line(line) for line in reading.lines()]
            worth = _worth(records)
            if worth > most:
                best, most = reading, worth
        if best is None:
            raise refusal
        return best

    def _once(self, source: str, ask: Callable[[], Reading]) -> Reading:
        if source not in self._heard:
            try:
                self._heard[source] = ask()
            except CannotAsk as reason:
                self._heard[source] = reason
        heard = self._heard[source]
        if isinstance(heard, CannotAsk):
            raise heard
        return heard


def _keep_fuller(seen: dict[tuple[object, ...], Sighting], sighting: Sighting) -> None:
    """The recorder and /proc may both tell of one socket: keep the one with the longer story."""
    maker = sighting.maker.process if sighting.maker else None
    key = (sighting.flow, sighting.action, maker, sighting.cookie, _told_in(sighting))
    other = seen.get(key)
    if other is None or _worth(sighting.lineage) >= _worth(other.lineage):
        seen[key] = sighting


def _told_in(sighting: Sighting) -> tuple[str, int] | None:
    """Say where in which import it stands; None of what was seen here."""
    return (sighting.report.import_, sighting.report.line) if sighting.report else None


def _once_each(sightings: Iterable[Sighting]) -> list[Sighting]:
    """Leave out what one witness saw without its maker, and another with: the same sockets.

    What a file of another tool tells of them stays: it may have another clock.
    """
    told = [*sightings]
    known = {(seen.flow, seen.action) for seen in told if seen.maker and seen.flow.source_port}
    return [
        seen for seen in told if seen.maker or seen.report or (seen.flow, seen.action) not in known
    ]


def _worth(lineage: Sequence[ProcessRecord]) -> tuple[int, int]:
    return sum(len(record.executions) for record in lineage), len(lineage)


def _source(process: Process) -> str:
    return f"process {process.pid}@{process.started}"
