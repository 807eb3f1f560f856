"""Writes the history: one segment after the other, each while it is of today and not full."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from whence.model import BadInput, WhenceError
from whence.store.segment_folder import SegmentFolder, size_of
from whence.store.segment_format import SegmentName
from whence.store.segment_writer import SegmentWriter

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]  # aware, UTC
SHARE = 8  # segments that a full folder has at least
PAGE = 4096  # bytes


class Recorder:
    """The writing side of a history."""

    def __init__(self, folder: SegmentFolder, clock: Clock, keep: timedelta, largest: int) -> None:
        self._folder = folder
        self._clock = clock
        self._keep = keep
        self._largest = largest
        self._share = largest // SHARE
        self._writer: SegmentWriter | None = None
        self.damaged: dict[Path, WhenceError] = {}

    @property
    def batch(self) -> int:
        """How many sightings one transaction may hold, so that segments stay small."""
        return max(64, min(self._share // 1024, 5000))

    def write(self, write: Callable[[SegmentWriter], None]) -> None:
        """Write into the segment of now; one that turns out to be damaged is left as it is."""
        try:
            write(self._open())
        except BadInput as reason:
            if self._writer is None:
                raise
            self._leave(self._writer.path, reason)
            write(self._open())

    def trim(self, room: int = 0) -> None:
        """Drop the oldest segments: past their time, or too much for the bound less ``room``."""
        self._folder.make_room(self._largest - room, self._clock().date(), self._keep)

    def close(self) -> None:
        """Stop writing."""
        self._close_segment()
        self._folder.end_turn()

    def _open(self) -> SegmentWriter:
        self._folder.take_turn()
        today = self._clock().date()
        if self._writer is None:
            self._writer = self._last(today)
        if self._writer and self._fits(self._writer.path, today):
            return self._writer
        self._close_segment()
        self.trim(room=self._share)
        self._writer = self._open_segment(self._folder.begin(today))
        return self._writer

    def _fits(self, path: Path, today: date) -> bool:
        name = SegmentName.of(path)
        return name is not None and name.day == today and size_of(path) < self._share

    def _last(self, today: date) -> SegmentWriter | None:
        """Go on with the segment that was written last, if it has room and is whole."""
        path = next(reversed(self._folder.paths()), None)
        if path is None or path in self.damaged or not self._fits(path, today):
            return None
        try:
            return self._open_segment(path)
        except BadInput as reason:
            self._leave(path, reason)
            return None

    def _open_segment(self, path: Path) -> SegmentWriter:
        return SegmentWriter(path, log_pages=max(8, min(self._share // 8 // PAGE, 1000)))

    def _leave(self, path: Path, reason: WhenceError) -> None:
        log.warning("%s: %s; a new segment is begun", reason, reason.because)
        self.damaged[path] = reason
        self._writer = None

    def _close_segment(self) -> None:
        if self._writer:
            self._writer.close()
            self._writer = None
