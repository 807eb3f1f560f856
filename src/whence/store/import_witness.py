"""What was imported, as a witness to connections and processes, to stations and changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from whence.model import (
    CannotAsk,
    Confidence,
    Flow,
    Process,
    Reading,
    Sighting,
    ecs,
)
from whence.model.changed import Change
from whence.model.json_text import encode
from whence.model.observables import IMPORTED
from whence.model.reported import Report
from whence.store.imports import Import, Imports
from whence.store.witness import MOST, Clock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_TOLD = 50  # lines of one file about one machine
LONGEST = 400  # characters of a line that is cited


class ImportWitness:
    """Tells what files of other tools tell."""

    def __init__(
        self,
        imports: Imports,
        observer: str,
        clock: Clock,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        self._imports = imports
        self._observer = observer
        self._clock = clock
        self._since = since
        self._until = until

    def connections(self, flow: Flow) -> Reading:
        """Give the newest sightings of a flow, oldest first: a line each, as model.ecs.

        Raises
        ------
        CannotAsk
            If an import cannot be read, and the others know nothing.

        """
        found: list[Sighting] = []
        for one in self._imports.each():
            found += _sightings(one, flow, *self._span())
        if not found:
            self._check_read()
        found.sort(key=lambda seen: seen.last)
        text = "".join(f"{encode(ecs.from_sighting(seen))}\n" for seen in found[-MOST:])
        return self._reading(f"connections {flow}", text)

    def process(self, process: Process) -> Reading:
        """Give what a file tells of a process and its ancestors: a line each, as model.ecs.

        Raises
        ------
        CannotAsk
            If no file that was imported tells of it.

        """
        entity = ecs.entity_id(process)
        for one in self._imports.each():
            if process.boot != f"{IMPORTED}{one.receipt.id}":
                continue
            rows = one.rows("SELECT lineage FROM process WHERE entity = ?", (entity,))
            if rows:
                text = "".join(f"{encode(record)}\n" for record in json.loads(rows[0][0]))
                return self._reading(f"process {process.pid}@{process.started}", text)
        raise CannotAsk(f"no file that was imported tells of {process}")

    def told(self, address: str) -> Reading:
        """Give what files tell of a machine, by its IP or MAC address: a JSON object a line."""
        lines = []
        for one in self._imports.each():
            column = "mac" if address.count(":") == 5 and len(address) == 17 else "ip"
            rows = one.rows(
                "SELECT line, at, ip, mac, name, port, detail, (SELECT count(DISTINCT b.mac)"
                " FROM station b WHERE b.port = a.port) FROM station a"
                f" WHERE {column} = ? ORDER BY line DESC LIMIT {MOST_TOLD}",
                (address,),
            )
            lines += [_station_line(one, *row) for row in reversed(rows)]
        if not lines:
            self._check_read()
        return self._reading(f"imports of {address}", "".join(f"{line}\n" for line in lines))

    def changes(self, begin: datetime, end: datetime) -> Iterator[Change]:
        """Give what files tell of changes in a span."""
        for one in self._imports.each():
            rows = one.rows(
                "SELECT line, at, host, kind, what, things, who FROM change"
                " WHERE at BETWEEN ? AND ? ORDER BY at",
                (_micros(begin), _micros(end)),
            )
            for line, at, host, kind, what, things, who in rows:
                source = f"{one.receipt.file} (import {one.receipt.id})"
                said = one.line(line)[:LONGEST]
                evidence = Reading(source, said, self._clock(), host).cite(line, said)
                words = f"{host}: {what}"
                yield Change(_moment(at), kind, words, tuple(json.loads(things)), evidence,
                             f"{host} {kind}", who)  # fmt: skip

    def _span(self) -> tuple[int, int]:
        since = _micros(self._since) if self._since else -(1 << 62)
        return since, _micros(self._until) if self._until else 1 << 62

    def _check_read(self) -> None:
        for reason in self._imports.unreadable.values():
            raise CannotAsk(str(reason), because=reason.because, try_=reason.try_)

    def _reading(self, source: str, text: str) -> Reading:
        return Reading(source, text, self._clock(), self._observer)


def _sightings(one: Import, flow: Flow, since: int, until: int) -> Iterator[Sighting]:
    """Give the newest sightings of a flow, in the order of their lines, so that text is at hand."""
    wanted = {
        "destination": flow.destination,
        "destination_port": flow.destination_port,
        "source": flow.source,
        "source_port": flow.source_port,
        "transport": flow.transport,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    where = " AND ".join([f"{name} = ?" for name in given] + ["first <= ? AND last >= ?"])
    rows = one.rows(
        f"SELECT * FROM connection LEFT JOIN process ON process = number WHERE {where}"
        f" ORDER BY last DESC LIMIT {MOST}",
        (*given.values(), until, since),
    )
    lineages: dict[int, Any] = {}
    for row in sorted(rows, key=lambda row: row[0]):
        yield _sighting(one, row, lineages)


def _sighting(one: Import, row: tuple[Any, ...], lineages: dict[int, Any]) -> Sighting:
    (line, action, transport, source, source_port, destination, destination_port, first, last,
     count, bytes_sent, packets_sent, bytes_received, packets_received, observer, process, state,
     answered, looks, _, _, lineage) = row  # fmt: skip
    if process is not None and process not in lineages:
        lineages[process] = tuple(ecs.to_record(record) for record in json.loads(lineage))
    receipt = one.receipt
    sent, received = (bytes_sent, packets_sent), (bytes_received, packets_received)
    if action == "connection-accepted":
        sent, received = received, sent
    return Sighting(
        Flow(destination, destination_port, source, source_port, transport),
        action,
        _moment(first),
        _moment(last),
        lineages[process] if process is not None else (),
        receipt.kinds[0],
        observer,
        count,
        *sent,
        *received,
        confidence=Confidence.REPORTED,
        report=Report(
            receipt.id,
            receipt.file,
            line,
            one.line(line)[:LONGEST],
            receipt.kinds[0],
            state,
            None if answered is None else bool(answered),
            tuple((a, b) for a, b in json.loads(looks)),
            receipt.looks,
        ),
    )


def _station_line(
    one: Import, line: int, at: int | None, ip: str | None, mac: str | None, name: str, port: str,
    detail: str, at_port: int,
) -> str:  # fmt: skip
    told: dict[str, Any] = {
        "file": one.receipt.file,
        "line": line,
        "import": one.receipt.id,
        "kind": one.receipt.kinds[0],
        "host": one.receipt.host,
        "said": one.line(line)[:LONGEST],
        "at": None if at is None else ecs.time_text(_moment(at)),
        "ip": ip,
        "mac": mac,
        "name": name,
        "port": port,
        "alone": at_port == 1 if port else None,
        **json.loads(detail),
    }
    return encode({key: value for key, value in told.items() if value not in (None, "")})


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(number: int) -> datetime:
    return _EPOCH + timedelta(microseconds=number)
