"""What a sensor process writes to its pipe, an object of JSON a line, and how it is read there.

Thousands of connections come from a few families of processes. So each process is introduced
once, with a number, and sightings name their processes by number. Numbers only grow, and both
ends forget the oldest: an introduction is repeated, with a new number, when it is needed again.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import fields
from operator import attrgetter
from typing import Any, cast, get_type_hints

import msgspec

from whence.model.errors import WhenceError
from whence.model.refusal import Refusal
from whence.model.sightings import ProcessRecord, SensorStatus, Sighting

KNOWN = 1024  # processes that the writing end holds as introduced
MARGIN = 64  # more are held by the reading end: no lineage is as long


class Introduction(msgspec.Struct, tag="process"):
    """A process, and the number by which the lines after this one name it."""

    number: int
    record: ProcessRecord


class Status(msgspec.Struct, tag="status"):
    """What a sensor says of itself."""

    status: SensorStatus


# A sighting as it is, but for its processes: these are numbers.
_TOLD = [one for one in fields(Sighting) if one.name != "lineage"]
_TYPES = get_type_hints(Sighting)
_Told = msgspec.defstruct(
    "_Told",
    [
        ("lineage", tuple[int, ...]),
        *((one.name, _TYPES[one.name]) for one in _TOLD),
    ],
    tag="sighting",
)
_told = attrgetter(*(one.name for one in _TOLD))
_Line = Introduction | Status | Refusal | _Told


class LineWriter:
    """The sensor's end."""

    def __init__(self, most: int = KNOWN) -> None:
        self._encode = msgspec.json.Encoder().encode
        self._most = most
        self._next = 0
        # By identity, which is that of the record held here: sensors hand out the same ones.
        self._introduced: OrderedDict[int, tuple[int, ProcessRecord]] = OrderedDict()

    def lines(self, event: Sighting | SensorStatus) -> list[bytes]:
        """Write an event, after the processes in it that were not introduced yet."""
        if isinstance(event, SensorStatus):
            return [self._encode(Status(event))]
        lines = []
        numbers = []
        for record in event.lineage:
            known = self._introduced.get(id(record))
            if not known:
                known = self._introduce(record)
                lines.append(self._encode(Introduction(*known)))
            numbers.append(known[0])
        lines.append(self._encode(_Told(tuple(numbers), *_told(event))))
        return lines

    def refusal(self, error: WhenceError) -> bytes:
        """Write why the sensor cannot go on."""
        return self._encode(Refusal.of(error))

    def _introduce(self, record: ProcessRecord) -> tuple[int, ProcessRecord]:
        known = self._introduced[id(record)] = (self._next, record)
        self._next += 1
        if len(self._introduced) > self._most:
            self._introduced.popitem(last=False)
        return known


class LineReader:
    """The other end."""

    def __init__(self, most: int = KNOWN) -> None:
        self._decode = cast(Any, msgspec.json.Decoder(_Line)).decode
        self._most = most + MARGIN
        self._introduced: OrderedDict[int, ProcessRecord] = OrderedDict()

    def event(self, line: bytes) -> Sighting | SensorStatus | None:
        """Read a line; None where it only introduces a process.

        Raises
        ------
        WhenceError
            If it says why the sensor cannot go on: NotPermitted, BadInput or CannotAsk.

        """
        told = self._decode(line)
        if isinstance(told, Introduction):
            self._introduced[told.number] = told.record
            if len(self._introduced) > self._most:
                self._introduced.popitem(last=False)
            return None
        if isinstance(told, Status):
            return told.status
        if isinstance(told, Refusal):
            raise told.error()
        lineage = tuple(self._introduced[number] for number in told.lineage)
        return Sighting(lineage=lineage, **{one.name: getattr(told, one.name) for one in _TOLD})
