"""Records of a spool as rows of ``LOGS``, parsed by the native part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from whence._native import LogReading, Stream, parse_logs

Known = LogReading  # what a reading came to know: wordings, heads of files, the last line of hosts


@dataclass(frozen=True, slots=True)
class SegmentRows:
    """Rows of a segment, read when the stream is; what tells of the reading is good after that."""

    stream: Stream
    reading: LogReading

    @classmethod
    def read(
        cls,
        path: Path,
        offset: int,
        most: int,
        wordings: Sequence[tuple[str, str]] = (),
        after: Known | None = None,
    ) -> SegmentRows:
        """Read records from an offset on, so many at most.

        ``after`` read what stands before, and what it came to know counts on. Without it,
        ``wordings`` are known by id and text, and the segment is searched for heads of files.
        """
        return cls(
            *parse_logs([path], form="spool", start=offset, most_rows=most, templates=wordings,
                        after=after)
        )  # fmt: skip

    @property
    def next(self) -> int:
        """The position behind the last record."""
        return self.reading.summary()["next"]

    @property
    def damage(self) -> list[tuple[str, int, str]]:
        """Where the segment cannot be read on: file, offset, why."""
        return self.reading.summary()["damage"]

    @property
    def gaps(self) -> list[tuple[int, int, str]]:
        """What was lost, or should be known: position, µs since 1970, JSON."""
        return self.reading.summary()["gaps"]
