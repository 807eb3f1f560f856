"""Records of a spool as rows of ``LOGS``, parsed by the native part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from whence._native import LogReading, Stream, parse_logs

Wordings = Sequence[tuple[str, str]]  # id and text of each that is known
Headings = Sequence[tuple[str, str]]  # peers, and lines of theirs that say what their columns are


@dataclass(frozen=True, slots=True)
class SegmentRows:
    """Rows of a segment, read when the stream is; what tells of the reading is good after that."""

    stream: Stream
    reading: LogReading

    @classmethod
    def read(
        cls, path: Path, offset: int, most: int, wordings: Wordings, headings: Headings | None
    ) -> SegmentRows:
        """Read records from an offset on, so many at most.

        ``headings`` is what was known when what stands before was read; where that is not known,
        it is looked for in the segment, which begins with that of the files that are followed.
        """
        return cls(
            *parse_logs([path], form="spool", start=offset, most_rows=most, templates=wordings,
                        headings=headings)
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

    @property
    def wordings(self) -> Wordings:
        """All wordings that are known now."""
        return [(id_, text) for id_, text, _ in self.reading.templates()]

    @property
    def headings(self) -> Headings:
        """What is known of columns now."""
        return self.reading.headings()
