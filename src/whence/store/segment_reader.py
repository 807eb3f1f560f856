"""Reads one segment of history, also while it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from whence.model import Confidence, Flow, Process, ProcessRecord, Sighting, ecs
from whence.store.database import Database
from whence.store.file_format import check_header
from whence.store.refusals import damaged
from whence.store.segment_format import HISTORY, microseconds, moment, unsigned

MOST_LINEAGES = 4000  # that are remembered while one reads

Row = tuple[Any, ...]

_FLOWS = """SELECT first, last, process, destination, destination_port, source, source_port,
  count, bytes_sent, packets_sent, bytes_received, packets_received, cookie,
  action, transport, sensor, observer, interface, confidence, network_namespace
FROM flow CROSS JOIN context ON context.id = flow.context"""


@dataclass(frozen=True, slots=True)
class Watch:
    """A time in which a sensor watched."""

    sensor: str
    run: int  # the same for all parts of a time that segments share
    began: datetime
    ended: datetime
    lost: int  # sightings since the run began


class SegmentReader:
    """A segment that is open for reading."""

    def __init__(self, path: Path) -> None:
        check_header(path, HISTORY)
        self._database = Database.look_into(path)
        self._lineages: dict[int, tuple[ProcessRecord, ...]] = {}

    def close(self) -> None:
        """Close the segment."""
        self._database.close()

    def sightings(
        self, flow: Flow, since: datetime | None, until: datetime | None
    ) -> Iterator[Sighting]:
        """Give what a flow covers and what overlaps the span, oldest first."""
        where, values = _conditions(flow, since, until)
        for row in self._database.each(f"{_FLOWS} {where} ORDER BY first, flow.id", values):
            yield self._sighting(row)

    def newest(self, flow: Flow, most: int) -> Iterator[Sighting]:
        """Give the newest sightings that a flow covers, newest first."""
        where, values = _conditions(flow, None, None)
        query = f"{_FLOWS} {where} ORDER BY first DESC, flow.id DESC LIMIT ?"
        for row in self._database.each(query, [*values, most]):
            yield self._sighting(row)

    def process(self, process: Process) -> tuple[ProcessRecord, ...]:
        """Give what was last known of a process and its ancestors; nothing if it is not here."""
        found = self._database.rows(
            "SELECT max(id) FROM process WHERE entity = ?", (ecs.entity_id(process),)
        )
        return self._lineage(found[0][0])

    def watches(self) -> Iterator[Watch]:
        """Give when sensors were watching, as far as this segment tells."""
        for row in self._database.rows("SELECT sensor, run, began, ended, lost FROM watch"):
            sensor, run, began, ended, lost = row
            try:
                yield Watch(str(sensor), int(run), moment(began), moment(ended), int(lost))
            except (ValueError, TypeError, OverflowError) as e:
                raise damaged(self._database.path, repr(e)) from e

    def _sighting(self, row: Row) -> Sighting:
        try:
            return _sighting(row, self._lineage(row[2]))
        except (ValueError, TypeError, OverflowError) as e:
            raise damaged(self._database.path, repr(e)) from e

    def _lineage(self, number: int | None) -> tuple[ProcessRecord, ...]:
        """Follow the parents. They were stored before their children, so this comes to an end."""
        if number is None:
            return ()
        if number not in self._lineages:
            chain = [*self._ancestors(number)]
            if len(self._lineages) >= MOST_LINEAGES:
                self._lineages.clear()
            self._lineages[number] = tuple(map(ecs.record_from_line, chain))
        return self._lineages[number]

    def _ancestors(self, youngest: int) -> Iterator[str]:
        number: int | None = youngest
        while number is not None:
            rows = self._database.rows("SELECT record, parent FROM process WHERE id = ?", (number,))
            if not rows or (rows[0][1] is not None and rows[0][1] >= number):
                raise damaged(self._database.path, f"process {number} has no place in it")
            record, number = rows[0]
            yield record


def _sighting(row: Row, lineage: tuple[ProcessRecord, ...]) -> Sighting:
    (first, last, _, destination, destination_port, source, source_port) = row[:7]
    (count, bytes_sent, packets_sent, bytes_received, packets_received, cookie) = row[7:13]
    (action, transport, sensor, observer, interface, confidence, namespace) = row[13:]
    return Sighting(
        Flow(destination, destination_port, source, source_port, transport),
        action,
        moment(first),
        moment(last),
        lineage,
        sensor,
        observer,
        count,
        bytes_sent,
        packets_sent,
        bytes_received,
        packets_received,
        namespace,
        interface,
        unsigned(cookie),
        Confidence(confidence),
    )


def _conditions(
    flow: Flow, since: datetime | None, until: datetime | None
) -> tuple[str, list[object]]:
    wanted = {
        "destination = ?": flow.destination,
        "destination_port = ?": flow.destination_port,
        "source = ?": flow.source,
        "source_port = ?": flow.source_port,
        "transport = ?": flow.transport,
        "last >= ?": since and microseconds(since),
        "first <= ?": until and microseconds(until),
    }
    stated = {test: value for test, value in wanted.items() if value is not None}
    return ("WHERE " + " AND ".join(stated) if stated else "", [*stated.values()])
