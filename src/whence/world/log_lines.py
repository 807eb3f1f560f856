"""Log lines of files, as lines of text: what `whence logs parse` shows.

The only module that opens `whence._native` for that; nothing is read before it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Literal, TypeVar

from whence import _native
from whence.model.given_file import must_be_readable
from whence.model.log_zones import AssumedZone
from whence.world.local_time import zone_offsets
from whence.world.log_file_rows import assumed_zone, check_readable, written_last
from whence.world.log_losses import in_words
from whence.world.reading_apart import read_apart
from whence.world.standard_input import STANDARD_INPUT

T = TypeVar("T")
Shape = Literal["json", "table"]

_BLOCK = 1 << 18
_SPOOL = b"whspool1"


@dataclass(frozen=True, slots=True)
class LogReached:
    """How far a reading has come."""

    bytes_read: int
    bytes_total: int | None
    """None where a pipe does not tell."""
    lines: int


@dataclass(frozen=True, slots=True)
class Wording:
    """A template, and what it says."""

    id: str
    text: str
    count: int
    """Events, with their weight."""


class LogLines:
    """Log lines of files, or of segments of a spool, in order."""

    def __init__(
        self,
        files: Sequence[Path],
        now: datetime | None = None,
        *,
        most: int = 0,
        zones: Mapping[str, tzinfo] | None = None,
    ) -> None:
        """Open files, packed (gzip, xz, bzip2, zstd) or not; `-` is the standard input.

        Times without a year are not later than ``now``, else than the files were written last.
        Times without a zone are of the zone of their source: of the host that a line names, else
        of the file by its path, else of all (the empty name), else of this machine. ``most``
        bounds the lines; 0: all.
        """
        for file in files:
            _can_be_read(file)
        self._files = tuple(files)
        self._total = _total_size(self._files)
        latest = now or _written_last(self._files)
        self._now, self._latest = round(latest.timestamp() * 1e6), latest
        self._is_stated = "" in (zones or {})
        known: dict[str, tzinfo | None] = {**(zones or {})}
        self._zone = zone_offsets(known.pop("", None), latest)
        self._zones = [(source, *zone_offsets(zone, latest)) for source, zone in known.items()]
        self._form: Literal["text", "spool"] = "spool" if all(map(_is_segment, files)) else "text"
        self._most = most
        self._reading: _native.LogReading | None = None

    def text(
        self, shape: Shape, progress: Callable[[LogReached], None] = lambda _: None
    ) -> Iterator[bytes]:
        """Read everything, and yield whole lines; above a table, its heading."""
        lines = _native.LogText(
            self._files,
            shape=shape,
            form=self._form,
            now=self._now,
            zone_seconds=self._zone[0],
            zone_changes=self._zone[1],
            zones=self._zones,
            most_rows=self._most,
        )
        self._reading = lines.reading()
        heading = f"{above}\n".encode() if (above := lines.heading()) else b""
        while block := self._waited_for(lambda: lines.next(_BLOCK)):
            yield heading + block  # together: what was read is not lost where that is the last
            heading = b""
            progress(self._reached(self._reading))

    def wordings(self, progress: Callable[[LogReached], None] = lambda _: None) -> list[Wording]:
        """Read everything, and give which wordings there are, the most frequent first."""
        stream, self._reading = _native.parse_logs(
            self._files,
            form=self._form,
            now=self._now,
            zone_seconds=self._zone[0],
            zone_changes=self._zone[1],
            columns=["template"],
            keep_original=False,
            most_rows=self._most,
        )
        while self._waited_for(lambda: stream.texts((), "template", ())) is not None:
            progress(self._reached(self._reading))
        return self.wordings_so_far()

    def wordings_so_far(self) -> list[Wording]:
        """Give the wordings of what was read until now, also where that was interrupted."""
        told = self._reading.templates() if self._reading else []
        return sorted((Wording(*one) for one in told), key=lambda one: (-one.count, one.text))

    def _waited_for(self, read: Callable[[], T]) -> T:
        """Read on; of a file something comes at once, and it is not worth a thread."""
        if self._total is not None or self._reading is None:
            return read()
        return read_apart(read, self._reading.stop, lambda: None)

    def _reached(self, reading: _native.LogReading) -> LogReached:
        return LogReached(reading.bytes_read, self._total, reading.lines_read)

    def lines(self) -> int:
        """Give how many lines were read."""
        return self._reading.summary()["rows"] if self._reading else 0

    def assumed_zone(self) -> AssumedZone | None:
        """Say which zone was taken for times that say none; None where it was stated, or none."""
        if self._is_stated or self._reading is None:
            return None
        return assumed_zone(self._reading.summary(), self._latest)

    def left_out(self) -> list[str]:
        """Say what was not read, or not as it should be."""
        if not self._reading:
            return []
        told = self._reading.summary()
        said = [
            f"{file}: {reason}, at byte {offset:,}; the rest of it was not read"
            for file, offset, reason in told["damage"]
        ]
        for count, what in (
            (told["cut"], "{} longer than 1 MiB, and cut there"),
            (told["not_text"], "{} not UTF-8: what is no text stands as \N{REPLACEMENT CHARACTER}"),
            (told["wordings_left_out"], "{} of wordings that were too many to tell apart"),
        ):
            if count:
                said.append(what.format(f"{count:,} line{'s' * (count != 1)}"))
        notes = (in_words(text) for _position, _time, text in told["gaps"])
        return [*said, *filter(None, notes)]


def _can_be_read(file: Path) -> None:
    if file == STANDARD_INPUT:
        return
    must_be_readable(file, "give the path of a log file")
    if file.is_file():
        check_readable(file)


def _is_segment(file: Path) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as segment:
        return segment.read(len(_SPOOL)) == _SPOOL


def _total_size(files: Sequence[Path]) -> int | None:
    if any(not file.is_file() for file in files):
        return None
    return sum(file.stat().st_size for file in files)


def _written_last(files: Sequence[Path]) -> datetime:
    """Say when the last of the files was written; of a pipe, now."""
    return written_last(files) if all(file.is_file() for file in files) else datetime.now(UTC)
