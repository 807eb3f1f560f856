"""Writes sightings into one segment of history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from whence.model import ProcessRecord, SensorStatus, Sighting, ecs
from whence.store.database import Database
from whence.store.minute import Minutes
from whence.store.segment_format import HISTORY, context_of, microseconds
from whence.store.soundness import check

MOST_PROCESSES = 4000  # that are remembered, so that they need not be looked up

PUT_FLOW = """INSERT INTO flow VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET first = excluded.first, last = excluded.last,
  source = excluded.source, count = excluded.count,
  bytes_sent = excluded.bytes_sent, packets_sent = excluded.packets_sent,
  bytes_received = excluded.bytes_received, packets_received = excluded.packets_received"""
PUT_WATCH = """INSERT INTO watch VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (sensor, run, began) DO UPDATE SET ended = excluded.ended, lost = excluded.lost,
  unattributed = excluded.unattributed, cannot_see = excluded.cannot_see"""


class SegmentWriter:
    """An open segment. Only one process may write to a segment at a time."""

    def __init__(self, path: Path, log_pages: int) -> None:
        check(path, HISTORY)
        self.path = path
        self._database = Database.open(path)
        self._database.rows(f"PRAGMA wal_autocheckpoint = {log_pages}")
        self._database.rows("PRAGMA journal_size_limit = 0")
        self._next = {table: self._first_free(table) for table in ("process", "context")}
        self._processes: dict[tuple[ProcessRecord, int | None], int] = {}
        self._contexts: dict[tuple[object, ...], int] = {}
        self._minutes = Minutes(self._first_free("flow"))

    def add(self, sightings: Sequence[Sighting]) -> None:
        """Write sightings; they are on the disk when this returns, or none of them is."""
        try:
            with self._database.transaction():
                for seen in sightings:
                    process = self._process(seen.lineage)
                    self._minutes.add(seen, process, self._context(seen))
                self._database.run_each(PUT_FLOW, [*self._minutes.take_changed()])
        except BaseException:
            self._forget()  # what it remembers may not have been written
            raise

    def note_status(self, status: SensorStatus, run: int, began: int, lost: int) -> None:
        """Write down that a sensor has been watching, and what it lost in this run."""
        row = (
            status.sensor,
            run,
            began,
            max(microseconds(status.at), began),
            lost,
            status.unattributed,
            json.dumps(status.cannot_see),
        )
        with self._database.transaction(through_power_loss=False):
            self._database.run(PUT_WATCH, row)

    def close(self) -> None:
        """Close the segment."""
        self._database.close()

    def _process(self, lineage: tuple[ProcessRecord, ...]) -> int | None:
        """Give the number of a process, which is stored after its ancestors."""
        number: int | None = None
        for record in reversed(lineage):
            known = self._processes.get((record, number))
            if known is None:
                if len(self._processes) >= MOST_PROCESSES:
                    self._processes.clear()
                known = self._processes[record, number] = self._stored_process(record, number)
            number = known
        return number

    def _stored_process(self, record: ProcessRecord, parent: int | None) -> int:
        entity, text = ecs.entity_id(record.process), ecs.record_line(record)
        there = self._database.rows(
            "SELECT id FROM process WHERE entity = ? AND record = ? AND parent IS ?",
            (entity, text, parent),
        )
        if there:
            return int(there[0][0])
        return self._insert("process", (entity, text, parent))

    def _context(self, seen: Sighting) -> int:
        context = context_of(seen)
        number = self._contexts.get(context)
        if number is None:
            number = self._contexts[context] = self._insert("context", context)
        return number

    def _insert(self, table: str, values: tuple[object, ...]) -> int:
        number = self._next[table]
        self._next[table] += 1
        places = ", ".join("?" * (len(values) + 1))
        self._database.run(f"INSERT INTO {table} VALUES ({places})", (number, *values))
        return number

    def _first_free(self, table: str) -> int:
        [(highest,)] = self._database.rows(f"SELECT max(id) FROM {table}")
        return int(highest or 0) + 1

    def _forget(self) -> None:
        self._processes.clear()
        self._contexts.clear()
        self._minutes = Minutes(self._minutes.next_id)


def family(path: Path) -> tuple[Path, ...]:
    """Name a segment's file, and the two that SQLite puts beside it."""
    return (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm"))
