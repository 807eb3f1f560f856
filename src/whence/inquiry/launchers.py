"""What started processes whose parents are known, without a case for each of them."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any

import whence.probes
from whence.inquiry.plan import Board
from whence.inquiry.run import investigate
from whence.inquiry.story import launch_of
from whence.inquiry.witnesses import Seen
from whence.model import ATTEMPTED, Execution, Flow, Probe, ProcessRecord, Reach, Sighting
from whence.model.discovery import discover
from whence.world import Clock, Host, Witness

KEPT = 1024
CREDIT = 1.0  # seconds of this thread that may be spent on asking at any time,
SHARE = 0.1  # besides this share of the time
# What has to be asked to say what started a process: each leads on to the next.
WANTED = frozenset({"child-of", "started-by", "part-of", "triggered-by", "inside"})

_Likeness = tuple[object, ...]


class Launchers:
    """Says what started a process; processes of the same ancestors have the same launcher.

    Where there are too many different ones, it is not asked for each of them.
    """

    def __init__(self, host: Host, clock: Clock) -> None:
        self.unasked = 0
        self._spent = 0.0
        self._began = time.monotonic()
        self._host = host
        self._clock = clock
        self._probes = [p for p in discover(whence.probes, Probe, absent={}) if _is_wanted(p)]
        self._known: OrderedDict[_Likeness, str] = OrderedDict()

    def of(self, lineage: tuple[ProcessRecord, ...]) -> str:
        """Name what started it, in words; nothing where nobody can tell."""
        if not lineage:
            return ""
        own, *above = lineage
        alike = (_likeness(own, own.executions[:-1]), *map(_likeness, above))
        known = self._known.get(alike)
        if known is None:
            if self._spent > CREDIT + SHARE * (time.monotonic() - self._began):
                self.unasked += 1
                return ""
            began = time.thread_time()
            known = self._known[alike] = self._ask(lineage)
            self._spent += time.thread_time() - began
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return known

    def _ask(self, lineage: tuple[ProcessRecord, ...]) -> str:
        subject, at = lineage[0].process, self._clock()
        seen = Sighting(Flow(), ATTEMPTED, at, at, lineage, "trap", self._host.name)
        witness = Seen(self._host.name, self._clock, [seen])
        means: dict[type, object] = {Host: self._host, Witness: witness}
        board = Board(subject)
        for _ in investigate(board, self._probes, means, Reach.SILENT):
            pass
        return launch_of(board.facts, subject)


def _is_wanted(probe: Probe[Any]) -> bool:
    return probe.answers in WANTED and probe.reach is Reach.SILENT


def _likeness(record: ProcessRecord, executions: tuple[Execution, ...] | None = None) -> _Likeness:
    """Give what a launcher is told by, without what differs from one run to the next."""
    told = record.executions if executions is None else executions
    runs = tuple((run.executable, run.args) for run in told)
    return runs, record.user_id, record.cgroup, record.audit_session
