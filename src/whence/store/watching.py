"""When a sensor was watching, by the signs of life that it gives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from whence.model import SensorStatus
from whence.store.segment_format import microseconds
from whence.store.segment_writer import SegmentWriter

SILENCE = 60_000_000  # microseconds; who gave no sign for so long was not watching


@dataclass(slots=True)
class Run:
    """A time in which a sensor watched without a break."""

    began: int  # microseconds since 1970
    ended: int
    lost_before: int  # sightings that it lost before this run, as it counts
    lost: int
    segment: Path | None = None  # where it was written last
    began_there: int = 0

    def goes_on(self, status: SensorStatus) -> bool:
        """Say whether a status continues this run."""
        silent = microseconds(status.at) - self.ended
        return 0 <= silent <= SILENCE and status.lost >= self.lost


class Watching:
    """The runs of the sensors that this process hears."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}

    def note(self, writer: SegmentWriter, status: SensorStatus) -> None:
        """Write down a sign of life."""
        at = microseconds(status.at)
        run = self._runs.get(status.sensor)
        if run is None or not run.goes_on(status):
            before = run.lost if run and status.lost >= run.lost else 0
            run = self._runs[status.sensor] = Run(at, at, before, status.lost)
        if run.segment != writer.path:
            run.segment, run.began_there = writer.path, run.ended
        lost = status.lost - run.lost_before
        writer.note_status(status, run.began, run.began_there, lost)
        run.ended, run.lost = at, status.lost
