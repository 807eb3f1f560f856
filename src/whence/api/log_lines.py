"""Log lines, parsed: shown as they are, or by their wordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whence.world.log_lines import LogLines, LogReached, Shape, Wording


def read_log_lines(
    files: Sequence[str], *, most: int = 0, zones: Mapping[str, tzinfo] | None = None
) -> LogLines:
    """Open files of log lines, or segments of a spool; `-` is the standard input.

    ``zones`` are those of hosts and files whose times say none; of the empty name, of all others.

    Raises
    ------
    BadInput, CannotAsk
        If a file is not there, or cannot be read.

    """
    from whence.world.log_lines import LogLines  # large; see traffic.read_captures

    return LogLines([Path(file) for file in files], most=most, zones=zones)


def log_text(
    lines: LogLines, shape: Shape, hear: Callable[[LogReached], None] = lambda _: None
) -> Iterator[bytes]:
    """Give the lines as ECS documents or as a table, in blocks of whole lines."""
    return lines.text(shape, hear)


def log_wordings(
    lines: LogLines, hear: Callable[[LogReached], None] = lambda _: None
) -> list[Wording]:
    """Give the wordings of the lines, the most frequent first."""
    return lines.wordings(hear)


def log_wordings_so_far(lines: LogLines) -> list[Wording]:
    """Give the wordings of what was read until an interrupt."""
    return lines.wordings_so_far()
