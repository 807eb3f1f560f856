"""Who a process is and from whom it descends, read quickly: somebody waits for it.

What was read of an ancestor is used again, as long as it has not executed another program since:
/proc/PID/stat then has other addresses of the stack and of the arguments, proc(5).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, replace

from whence.model import CannotAsk, Process, ProcessRecord
from whence.model.secrets import redact_args
from whence.world.processes import LiveProcesses, Stat, contents

DEEPEST = 32  # ancestors
KEPT = 1024  # records
MOMENT = 0.5  # seconds in which it is not even seen whether a grandparent runs another program
FRESH = 2.0  # seconds that the user and cgroup of an ancestor are believed

_Image = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Caller:
    """A process and its ancestors, and the terminal that it is on."""

    lineage: tuple[ProcessRecord, ...]
    terminal: int = 0  # tty_nr of proc(5), a device number; 0: none

    def redacted(self) -> Caller:
        """Give it without passwords; that takes long where command lines are long."""
        return replace(self, lineage=tuple(map(_redacted, self.lineage)))


class Callers:
    """Reads chains of processes, and remembers the far ends of them."""

    def __init__(self, live: LiveProcesses) -> None:
        self._live = live  # which need not redact
        self._latest: OrderedDict[Process, tuple[float, ProcessRecord]] = OrderedDict()
        self._known: OrderedDict[_Image, tuple[float, ProcessRecord]] = OrderedDict()

    def of(self, pid: int) -> Caller:
        """Give a process as it is now, and its ancestors; no lineage if it is gone.

        Whoever shows it, or keeps it, redacts it before.
        """
        try:
            record = self._live.record(pid)
        except CannotAsk:
            return Caller(())
        line = contents(f"{self._live.proc}/{pid}/stat", 1024)
        terminal = _fields(line)[4:5]
        lineage = [record]
        while record.parent and len(lineage) <= DEEPEST:
            above = self._lately(record.parent) if len(lineage) > 1 else None
            above = above or self._ancestor(record.parent.pid)
            if above is None or above.process != record.parent:
                break
            lineage.append(above)
            record = above
        return Caller(tuple(lineage), int(terminal[0]) if terminal else 0)

    def _lately(self, process: Process) -> ProcessRecord | None:
        """Give a grandparent that was looked at a moment ago: many runs come from one loop."""
        known = self._latest.get(process)
        return known[1] if known and time.monotonic() - known[0] < MOMENT else None

    def _ancestor(self, pid: int) -> ProcessRecord | None:
        now = time.monotonic()
        image = _image(contents(f"{self._live.proc}/{pid}/stat", 1024))
        if image is None:
            return None
        known = self._known.get(image)
        if known and now - known[0] < FRESH:
            self._known.move_to_end(image)
            self._latest[known[1].process] = now, known[1]
            return known[1]
        try:
            record = self._live.record(pid)
        except CannotAsk:
            return None
        self._known[image] = now, record
        self._latest[record.process] = now, record
        if len(self._latest) > KEPT:
            self._latest.popitem(last=False)
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return record


def _redacted(record: ProcessRecord) -> ProcessRecord:
    runs = tuple(replace(run, args=redact_args(run.args)) for run in record.executions)
    return replace(record, executions=runs)


def _image(line: bytes) -> _Image | None:
    """Tell a process that runs one program from the same one when it runs another."""
    try:
        stat = Stat.parse(line)
    except ValueError:
        return None
    fields = _fields(line)
    addresses = (int(field) for field in (fields[25:26] + fields[45:47]))
    return stat.pid, stat.started, stat.parent, stat.name, *addresses


def _fields(line: bytes) -> list[bytes]:
    """Give the fields of a line of /proc/PID/stat from the third on."""
    return line.rpartition(b") ")[2].split()
