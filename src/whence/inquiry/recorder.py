"""Keep what a sensor sees in the history, in batches that are durable before they count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from whence.model import SensorStatus, Sighting, WhenceError
from whence.model.plural import many
from whence.store.heard_names import HeardNames
from whence.store.history import History
from whence.world.name_hearing_process import NameHearingProcess
from whence.world.sensor_process import SensorProcess

BATCH = 5000  # sightings; a flood is written in pieces of this size


@dataclass(frozen=True, slots=True)
class Recording:
    """What was written, and is there after a crash."""

    kept: int  # sightings since the recorder began
    status: SensorStatus | None
    deaf: str = ""  # why names are not heard; empty: they are, or nobody wants them


class NameKeeper:
    """Keeps the names that are heard; where that fails, connections are recorded all the same."""

    def __init__(self, names: HeardNames, keep: timedelta) -> None:
        self.deaf = ""
        self._names = names
        self._keep = keep
        self._hearing: NameHearingProcess | None = NameHearingProcess()

    def take(self) -> None:
        """Keep what was heard since."""
        if self._hearing is None:
            return
        try:
            if heard := self._hearing.read():
                self._names.add(heard, self._keep)
            lost = self._hearing.status.lost if self._hearing.status else 0
            self.deaf = f"{many(lost, 'packet')} came too fast for it" if lost else ""
        except WhenceError as reason:
            self.deaf = f"{reason}: {reason.because}" if reason.because else str(reason)
            self.close()

    def close(self) -> None:
        """Stop listening."""
        if self._hearing:
            self._hearing.close()
            self._hearing = None
        with suppress(WhenceError):
            self._names.close()


def keep_history(
    sensor: SensorProcess, history: History, names: NameKeeper | None = None
) -> Iterator[Recording]:
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
            if names and status:  # the folder is ours to write in
                names.take()
            yield Recording(kept, status, names.deaf if names else "")
