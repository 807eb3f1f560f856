"""The tables of a segment of history: processes once, connections summed by the minute."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from whence.model import Sighting
from whence.store.file_format import Format

SUFFIX = ".history"
_NAME = re.compile(r"(\d{6,})-(\d{4}-\d\d-\d\d)\.history")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

HISTORY = Format(
    name="segment of history",
    application_id=0x57484849,  # "WHHI"
    version=1,
    checked_by="quick_check",
    statements=(
        """CREATE TABLE process (
  id INTEGER PRIMARY KEY,
  entity TEXT NOT NULL, -- host/boot/pid/started
  record TEXT NOT NULL, -- JSON: what was known of it when it was seen
  parent INTEGER -- another row, as it was when this one was seen
)""",
        "CREATE INDEX process_by_entity ON process (entity)",
        """CREATE TABLE context (
  id INTEGER PRIMARY KEY,
  action TEXT NOT NULL,
  transport TEXT,
  sensor TEXT NOT NULL,
  observer TEXT NOT NULL,
  interface TEXT NOT NULL,
  confidence TEXT NOT NULL,
  network_namespace INTEGER
)""",
        """CREATE TABLE flow (
  id INTEGER PRIMARY KEY,
  first INTEGER NOT NULL, -- microseconds since 1970
  last INTEGER NOT NULL,
  process INTEGER, -- NULL: the sensor could not tell
  context INTEGER NOT NULL,
  destination TEXT,
  destination_port INTEGER,
  source TEXT,
  source_port INTEGER, -- NULL where connections from several ports were summed
  count INTEGER NOT NULL,
  bytes_sent INTEGER NOT NULL,
  packets_sent INTEGER NOT NULL,
  bytes_received INTEGER NOT NULL,
  packets_received INTEGER NOT NULL,
  cookie INTEGER NOT NULL
)""",
        "CREATE INDEX flow_by_destination ON flow (destination, destination_port, first)",
        "CREATE INDEX flow_by_port ON flow (destination_port, first)",
        "CREATE INDEX flow_by_source ON flow (source, first)",
        """CREATE TABLE watch (
  sensor TEXT NOT NULL,
  run INTEGER NOT NULL, -- when this run of the sensor began
  began INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  lost INTEGER NOT NULL, -- sightings, since the run began
  unattributed INTEGER NOT NULL,
  cannot_see TEXT NOT NULL, -- JSON
  PRIMARY KEY (sensor, run, began)
)""",
    ),
)


@dataclass(frozen=True, slots=True, order=True)
class SegmentName:
    """Segments are numbered in the order in which they were written; clocks may go back."""

    number: int
    day: date

    @classmethod
    def of(cls, path: Path) -> SegmentName | None:
        """Read the name of a file; None if it is no segment's."""
        match = _NAME.fullmatch(path.name)
        try:
            return cls(int(match[1]), date.fromisoformat(match[2])) if match else None
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.number:06}-{self.day}{SUFFIX}"


def microseconds(moment: datetime) -> int:
    """Write a time as a number."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(number: int) -> datetime:
    """Read a time that ``microseconds`` wrote."""
    return _EPOCH + number * _MICROSECOND


def signed(cookie: int) -> int:
    """Fit a number of 64 bits into SQLite's integers. The kernel counts some cookies down."""
    return cookie - (1 << 64) if cookie >= 1 << 63 else cookie


def unsigned(cookie: int) -> int:
    """Undo ``signed``."""
    return cookie + (1 << 64) if cookie < 0 else cookie


def context_of(seen: Sighting) -> tuple[object, ...]:
    """Give what many sightings have in common, in the order of its table."""
    return (
        seen.action,
        seen.flow.transport,
        seen.sensor,
        seen.observer,
        seen.interface,
        str(seen.confidence),
        seen.network_namespace,
    )
