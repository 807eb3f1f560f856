"""Who a process is and from whom it descends: read quickly, since somebody waits, and told later.

What was read of an ancestor is used again, as long as it has not executed another program since:
/proc/PID/stat then has other addresses of the stack and of the arguments, proc(5).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from whence.model import CannotAsk, ProcessRecord
from whence.model.secrets import redact_args
from whence.world.process_files import Taken, TakenFiles
from whence.world.processes import LiveProcesses

DEEPEST = 32  # ancestors
KEPT = 1024  # records
MOMENT = 0.5  # seconds in which it is not even seen whether a grandparent runs another program
FRESH = 2.0  # seconds that the user and cgroup of an ancestor are believed
LONGEST = 4096  # characters of arguments that are told of what a caller and its ancestors execute

_Image = tuple[bytes, ...]
_Lineage = tuple[ProcessRecord, ...]
_Value = TypeVar("_Value")

NEVER: tuple[float, None] = (0.0, None)


@dataclass(frozen=True, slots=True)
class Caller:
    """A process and its ancestors, and the terminal that it is on."""

    lineage: _Lineage
    terminal: int = 0  # tty_nr of proc(5), a device number; 0: none

    def redacted(self) -> Caller:
        """Give it without passwords, and with the beginnings of long command lines."""
        own, ancestors = self.lineage[:1], self.lineage[1:]
        return replace(
            self, lineage=(*map(_fit_to_tell, own), *map(_ancestor_fit_to_tell, ancestors))
        )


@dataclass(slots=True)
class _Ancestor:
    """One that was just read, or is known."""

    pid: int
    image: _Image
    taken: Taken
    record: ProcessRecord | None = None  # then no more was read than /proc/PID/stat


@dataclass(slots=True)
class Chain:
    """What was read of a process and of its ancestors, as it was at one time."""

    pid: int
    at: datetime
    taken: Taken
    ancestors: list[_Ancestor] = field(default_factory=list)
    above: _Lineage = ()  # beyond these, as known
    looked: float = 0.0  # when these were looked at, s of time.monotonic


class Callers:
    """Reads chains of processes, and remembers the far ends of them."""

    def __init__(self, live: LiveProcesses) -> None:
        self._live = live
        self._known: OrderedDict[_Image, tuple[float, ProcessRecord]] = OrderedDict()
        self._above: OrderedDict[_Image, tuple[float, _Lineage]] = OrderedDict()
        self._files = TakenFiles()
        self._at = live.now()
        self._told = LiveProcesses(
            lambda: self._at, live.proc, live.host, files=self._files, redacts=False
        )
        self._told.boot, self._told.booted = live.boot, live.booted

    def of(self, pid: int) -> Caller:
        """Give a process as it is now, and its ancestors; no lineage if it is gone.

        Whoever shows it, or keeps it, redacts it before.
        """
        chain = self.take(pid)
        self.take_the_rest(chain)
        return self.told(chain)

    def take(self, thread: int) -> Chain:
        """Read of the process of a thread what is another as soon as it executes a program."""
        at = self._live.now()
        taken = Taken(f"{self._live.proc}/{thread}")
        taken.take_what_changes()
        pid = thread
        if _fields(taken.stat)[17:18] != [b"1"]:  # of more than one thread, or gone
            pid = self._live.leader(thread)
        if pid != thread:
            taken = Taken(f"{self._live.proc}/{pid}")
            taken.take_what_changes()
        return Chain(pid, at, taken)

    def take_the_rest(self, chain: Chain) -> None:
        """Read what else there is of the process, and its ancestors."""
        chain.taken.take_the_rest()
        chain.looked = time.monotonic()
        above = _parent(chain.taken.stat)
        while above and len(chain.ancestors) < DEEPEST:
            taken = Taken(f"{self._live.proc}/{above}")
            taken.take_stat()
            image = _image(taken.stat)
            if not image:
                break
            looked, record = self._known.get(image, NEVER)
            if chain.looked - looked > FRESH:
                record = None
            chain.ancestors.append(_Ancestor(above, image, taken, record))
            if record is None:
                taken.take_what_changes()
                taken.take_the_rest()
            else:
                looked, lineage = self._above.get(image, (0.0, ()))
                if looked and chain.looked - looked < MOMENT:
                    chain.above, chain.looked = lineage, looked
                    break
            above = _parent(taken.stat)

    def told(self, chain: Chain) -> Caller:
        """Tell what was read; whoever shows it, or keeps it, redacts it before."""
        self._at = chain.at
        self._files.look_at(chain.taken, *(one.taken for one in chain.ancestors))
        try:
            record = self._told.record(chain.pid)
        except CannotAsk:
            return Caller(())
        lineage = [record]
        for ancestor in chain.ancestors:
            above = ancestor.record or self._learn(ancestor, chain)
            if above is None or above.process != lineage[-1].parent:
                break
            lineage.append(above)
        else:
            lineage += chain.above
            for place, ancestor in enumerate(chain.ancestors, 1):
                beyond = tuple(lineage[place + 1 :])
                _keep(self._above, ancestor.image, (chain.looked, beyond))
        terminal = _fields(chain.taken.stat)[4:5]
        return Caller(tuple(lineage), int(terminal[0]) if terminal else 0)

    def _learn(self, ancestor: _Ancestor, chain: Chain) -> ProcessRecord | None:
        try:
            record = self._told.record(ancestor.pid)
        except CannotAsk:
            return None
        _keep(self._known, ancestor.image, (chain.looked, record))
        return record


def _fit_to_tell(record: ProcessRecord) -> ProcessRecord:
    """Leave passwords out, and of a long command line all but its beginning.

    A chain is told anew with each run, and an ancestor may have been given 100,000 letters.
    """
    runs = (replace(run, args=redact_args(_beginning(run.args))) for run in record.executions)
    return replace(record, executions=tuple(runs))


@lru_cache(2 * DEEPEST)
def _ancestor_fit_to_tell(record: ProcessRecord) -> ProcessRecord:
    """Do so once for the ancestors of many runs; the callers themselves seldom come again."""
    return _fit_to_tell(record)


def _beginning(args: tuple[str, ...]) -> tuple[str, ...]:
    """Give the first arguments, the last of them cut, as far as there is room for them."""
    room, kept = LONGEST, []
    for word in args:
        kept.append(word[:room])
        room -= len(word) + 1
        if room <= 0:
            break
    return tuple(kept)


def _keep(known: OrderedDict[_Image, _Value], image: _Image, value: _Value) -> None:
    known[image] = value
    known.move_to_end(image)
    if len(known) > KEPT:
        known.popitem(last=False)


def _image(stat: bytes) -> _Image:
    """Tell a process that runs one program from the same one when it runs another.

    That is its number and name, its parent, when it started, and where its stack and arguments are.
    """
    fields = _fields(stat)
    if len(fields) < 20:
        return ()
    return stat.rpartition(b") ")[0], fields[1], fields[19], *fields[25:26], *fields[45:47]


def _parent(stat: bytes) -> int:
    return int(b"".join(_fields(stat)[1:2]) or 0)


def _fields(stat: bytes) -> list[bytes]:
    """Give the fields of a line of /proc/PID/stat from the third on."""
    return stat.rpartition(b") ")[2].split()
