"""The history of connections: what was seen, and when somebody was watching.

A folder of segments, each a SQLite file that stands for itself. One process writes; others read
at the same time. Segments are written one after the other and dropped whole, the oldest first,
so that the folder never grows beyond its bound.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from whence.model import (
    Flow,
    Process,
    ProcessRecord,
    SensorStatus,
    Sighting,
    WhenceError,
)
from whence.store.recorder import Clock, Recorder
from whence.store.segment_folder import SegmentFolder
from whence.store.segment_reader import SegmentReader, Watch
from whence.store.segment_writer import SegmentWriter
from whence.store.watching import Watching

T = TypeVar("T")
Span = tuple[datetime, datetime, str, int]  # began, ended, sensor, sightings lost
SMALLEST = 1 << 20  # bytes below which a history cannot be held


class History:
    """What the recorder keeps. Nothing is opened or made before it is needed."""

    def __init__(
        self,
        directory: Path,
        clock: Clock,
        keep: timedelta = timedelta(days=90),
        largest: int = 1 << 30,  # bytes that all of it may take on the disk
    ) -> None:
        self.directory = directory
        self._folder = SegmentFolder(directory)
        self._recorder = Recorder(self._folder, clock, keep, max(largest, SMALLEST))
        self._watching = Watching()
        self._passed_over: dict[Path, WhenceError] = {}

    @property
    def unreadable(self) -> dict[Path, WhenceError]:
        """The segments that were passed over so far, and why. They are left as they are."""
        return self._passed_over | self._recorder.damaged

    def add(self, sightings: Sequence[Sighting]) -> None:
        """Keep sightings. Once this returns, a crash does not lose them.

        A sighting stands for ``count`` connections of its own. Beyond the first few of a
        process and peer in a minute they are summed up, without their source port.

        Raises
        ------
        CannotStore
            If the disk is full or fails, or another recorder writes here. What was kept before
            is safe, and the next call tries again; of a batch of thousands the beginning may
            have been kept.

        """
        remaining = iter(sightings)
        while batch := [*islice(remaining, self._recorder.batch)]:
            self._recorder.write(partial(SegmentWriter.add, sightings=batch))

    def note_status(self, status: SensorStatus) -> None:
        """Keep that a sensor has been watching since its last status, and what it lost.

        Without this, "nothing was seen" could not be told from "nobody was watching".
        """
        self._recorder.write(partial(self._watching.note, status=status))

    def sightings(
        self, flow: Flow, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Sighting]:
        """Give what was seen of a flow, oldest first, each with its whole lineage.

        Where connections were summed up their source port is None.
        """
        read = partial(SegmentReader.sightings, flow=flow, since=since, until=until)
        segments = (self._read(path, read) for path in self._folder.paths())
        yield from heapq.merge(*segments, key=lambda seen: seen.first)

    def newest(self, flow: Flow, most: int) -> list[Sighting]:
        """Give the newest sightings of a flow, at most so many, oldest first."""
        found: list[Sighting] = []
        for path in reversed(self._folder.paths()):
            if len(found) < most:
                read = partial(SegmentReader.newest, flow=flow, most=most - len(found))
                found += self._read(path, read)
        return sorted(found, key=lambda seen: seen.first)

    def process(self, process: Process) -> tuple[ProcessRecord, ...]:
        """Give what was last known of a process and its ancestors; nothing if it is unknown."""
        for path in reversed(self._folder.paths()):
            read = partial(SegmentReader.process, process=process)
            if lineage := tuple(self._read(path, read)):
                return lineage
        return ()

    def watched(self) -> list[Span]:
        """Say when which sensor was watching, and how many sightings it lost in that time."""
        runs: defaultdict[tuple[str, int], list[Watch]] = defaultdict(list)
        for path in self._folder.paths():
            for watch in self._read(path, SegmentReader.watches):
                runs[watch.sensor, watch.run].append(watch)
        return sorted(
            (
                min(part.began for part in parts),
                max(part.ended for part in parts),
                sensor,
                max(part.lost for part in parts),
            )
            for (sensor, _run), parts in runs.items()
        )

    def exists(self) -> bool:
        """Say whether anything was ever recorded here."""
        return bool(self._folder.paths())

    def trim(self) -> None:
        """Drop the oldest segments: those past their time, and those for which is no room."""
        self._recorder.trim()

    def close(self) -> None:
        """Stop writing, and let another recorder write here."""
        self._recorder.close()

    def _read(self, path: Path, read: Callable[[SegmentReader], Iterable[T]]) -> Iterator[T]:
        """Read from a segment; one that cannot be read does not hide the others."""
        try:
            with closing(SegmentReader(path)) as segment:
                yield from read(segment)
        except WhenceError as reason:
            if path.exists():  # otherwise it was dropped just now, for its age
                self._passed_over[path] = reason
