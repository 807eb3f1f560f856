"""Keep what a sensor sees in the history, in batches that are durable before they count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from whence.model import SensorStatus, Sighting
from whence.store.history import History
from whence.world.sensor_process import SensorProcess

BATCH = 5000  # sightings; a flood is written in pieces of this size


@dataclass(frozen=True, slots=True)
class Recording:
    """What was written, and is there after a crash."""

    kept: int  # sightings since the recorder began
    status: SensorStatus | None


def keep_history(sensor: SensorProcess, history: History) -> Iterator[Recording]:
    """Write sightings to the history at least once a second, for as long as one iterates."""
    waiting: list[Sighting] = []
    status: SensorStatus | None = None
    kept = 0
    for tick, event in sensor.ticking_events():
        if isinstance(event, SensorStatus):
            history.note_status(event)
            status = event
        elif event is not None:
            waiting.append(event)
        if waiting and (tick or len(waiting) >= BATCH):
            history.add(waiting)
            kept += len(waiting)
            waiting = []
        if tick:
            history.trim()
            yield Recording(kept, status)
