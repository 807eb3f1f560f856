"""Processes that files of other tools name, as they are stored."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from whence.model import Execution, Process, ProcessRecord
from whence.model.observables import IMPORTED
from whence.model.reported import Started
from whence.model.sightings import UNKNOWN_START

Statement = tuple[str, tuple[object, ...]]
PUT_PROCESS = "INSERT OR IGNORE INTO process VALUES (?, ?, ?)"
MOST_PARENTS = 32
LONGEST_NAME = 15  # letters by which Linux names a process: TASK_COMM_LEN
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ARGUMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


class Processes:
    """Numbers processes, each with its ancestors."""

    def __init__(self, name: str, host: Callable[[], str]) -> None:
        self._id = name  # of the import
        self._host = host  # whose they are, where the file does not say
        self._numbers: dict[str, int] = {}
        self.hosts: dict[str, None] = {}

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._numbers)

    def put(self, started: Started) -> tuple[int, list[Statement]]:
        """Give the number of a process, and what writes it down where that was not done yet."""
        record = self._record(started)
        entity = f"{record.process.host}/{record.process.pid}/{record.process.started}"
        known = self._numbers.get(entity)
        if known is not None:
            return known, []
        new = self._numbers[entity] = len(self._numbers)
        if started.host:
            self.hosts[started.host] = None
        lineage = [msgspec.to_builtins(one) for one in self._lineage(started)]
        return new, [(PUT_PROCESS, (new, _entity(record.process), json.dumps(lineage)))]

    def _lineage(self, started: Started) -> Iterator[ProcessRecord]:
        current: Started | None = started
        for _ in range(MOST_PARENTS):
            if current is None:
                return
            yield self._record(current)
            current = current.parent

    def _record(self, started: Started) -> ProcessRecord:
        host = started.host or self._host()
        at = _EPOCH + timedelta(microseconds=started.at)
        ran = Execution(
            at, started.program, args=arguments(started.command_line),
            working_directory=started.working_directory,
        )  # fmt: skip
        began = started.began
        return ProcessRecord(
            self._named(started, host),
            UNKNOWN_START if began is None else _EPOCH + timedelta(microseconds=began),
            re.split(r"[\\/]", started.program)[-1],
            self._named(started.parent, host) if started.parent else None,
            (ran,) if started.program or started.command_line else (),
        )

    def _named(self, started: Started, host: str) -> Process:
        """Name a process. Ticks after boot are not known: what else tells it from others."""
        if started.guid:
            told = zlib.crc32(started.guid.lower().encode())
        elif started.began is not None:
            told = started.began // 10_000
        else:
            told = zlib.crc32(started.program.lower().encode("utf-8", "replace"))
        return Process(started.host or host, f"{IMPORTED}{self._id}", started.pid, told)


def may_be_called(met: Started, name: str) -> bool:
    """Say whether a process in a list may be what a table of sockets names; it may name nothing.

    A table names the program or the script, cut short; another name is of another process, which
    had the pid before or after.
    """
    first = _last_part(name)[:LONGEST_NAME]
    words = (met.program, *arguments(met.command_line)[:2])
    return not first or any(_last_part(one)[:LONGEST_NAME] == first for one in words)


def _last_part(path: str) -> str:
    return re.split(r"[\\/]", path)[-1].lower()


def _entity(process: Process) -> str:
    return f"{process.host}/{process.boot}/{process.pid}/{process.started}"


def arguments(command_line: str) -> tuple[str, ...]:
    """Split a command line of Windows: words, or what stands between double quotes."""
    return tuple(found[1] or found[2] or "" for found in _ARGUMENT.finditer(command_line[:32768]))
