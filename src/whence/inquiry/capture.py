"""A capture, and the sensor that tells it whose packets they are."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta

from whence.inquiry.packet_comments import told
from whence.model import CannotAsk, Flow, SensorStatus, Sighting
from whence.model.capture import CaptureSettings, CaptureStatus, Pattern
from whence.world.capture_process import CaptureProcess
from whence.world.sensor_process import SensorProcess

DONE = 5.0  # seconds that the sensor may take to end


class Capture:
    """Runs until ``end`` is called; what it writes is complete when ``statuses`` has ended."""

    def __init__(self, settings: CaptureSettings, level: str = "auto") -> None:
        self.settings = settings
        self.named_by = ""  # the sensor that names processes, once it is ready
        self.nameless = ""  # why processes cannot be named
        self._process = CaptureProcess(settings)
        self._ending = threading.Event()
        self._naming: threading.Thread | None = None
        if settings.names_processes:
            flows = [] if settings.around else _flows(settings.patterns)
            self._naming = threading.Thread(
                target=self._name, args=(flows, level), name="naming", daemon=True
            )
            self._naming.start()

    def statuses(self, span: timedelta | None = None) -> Iterator[CaptureStatus]:
        """Yield how it is, once a second; ends when it has ended, at the latest after ``span``."""
        yield from self._process.statuses(span.total_seconds() if span else None)

    def end(self) -> None:
        """Tell it to complete its files; ``statuses`` then gives the last one."""
        self._process.end()

    def close(self) -> None:
        """End it."""
        self._ending.set()
        self._process.close()
        if self._naming:
            self._naming.join(DONE)

    def __enter__(self) -> Capture:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _name(self, flows: Sequence[Flow], level: str) -> None:
        try:
            with SensorProcess(flows, level) as sensor:
                for event in sensor.events():
                    if self._ending.is_set():
                        return
                    if isinstance(event, SensorStatus):
                        self.named_by = event.sensor
                    if isinstance(event, Sighting) and (words := told(event)):
                        self._process.tell(words)
        except CannotAsk as reason:
            self.nameless = f"{reason}: {reason.because}" if reason.because else str(reason)


def _flows(patterns: Sequence[Pattern]) -> list[Flow]:
    """Say which sightings concern a capture; none stated, as with a MAC, means all of them."""
    if any(pattern.mac for pattern in patterns):
        return []
    flows = [
        Flow(
            pattern.address or None,
            pattern.port or None,
            pattern.peer or None,
            pattern.peer_port or None,
            pattern.transport or None,
        )
        for pattern in patterns
    ]
    return [*flows, *(flow.reversed() for flow in flows)]
