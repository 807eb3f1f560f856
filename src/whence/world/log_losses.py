"""What of the log lines was lost, as the receiver wrote it down: kept when the spool is gone."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from whence.model.ecs import time_text
from whence.model.plural import many
from whence.world.durable import append, changing

NAME, OLD = "losses.jsonl", "losses.old.jsonl"
LARGEST = 16 << 20  # bytes; then the old file makes room for it
_POSITIONS = {"file", "patterns", "cursor"}  # of notes that the next receiver alone needs


class Losses:
    """A file of lines of JSON: position, time, how many messages, why, of whom."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._last = _last(self._path)

    def note(self, gaps: Iterable[tuple[int, int, str]]) -> None:
        """Write down those that tell of a loss and are not there yet: position, µs, JSON.

        Raises
        ------
        CannotStore
            If there is no room; they are to be given again.

        """
        for position, received, text in gaps:
            told = json.loads(text)
            if position <= self._last or not told.get("lost"):
                continue
            at = time_text(datetime.fromtimestamp(received / 1e6, UTC))
            line = json.dumps({"@timestamp": at, "position": position, **told})
            append(self._path, line.encode())
            self._last = position
        with changing(self._path), contextlib.suppress(FileNotFoundError):
            if self._path.stat().st_size > LARGEST:
                self._path.replace(self._path.with_name(OLD))


def in_words(note: str) -> str:
    """Say what a note of the receiver means for its reader; empty: it is about where to go on."""
    try:
        told = json.loads(note)
    except ValueError:
        return f"the receiver said: {note}"
    if not isinstance(told, dict) or _POSITIONS & told.keys():
        return ""
    why, lost = told.pop("why", ""), told.pop("lost", 0)
    texts = [f"{name} {value}" for name, value in told.items() if isinstance(value, str)]
    more = "; ".join(texts)
    said = f"{why} ({more})" if more else why
    if lost:
        return f"{many(lost, 'line was', 'lines were')} lost when received: {said}"
    return f"the receiver said: {said}"


def _last(path: Path) -> int:
    """Give the position of the last loss that is written down."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return -1
    for line in reversed(lines):
        with contextlib.suppress(ValueError, KeyError):
            return int(json.loads(line)["position"])
    return -1
