"""What started processes whose parents are known, without a case for each of them."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import whence.probes
from whence.inquiry.plan import Board
from whence.inquiry.run import investigate
from whence.inquiry.story import launch_of
from whence.inquiry.witnesses import Seen
from whence.model import ATTEMPTED, Flow, Probe, ProcessRecord, Reach, Sighting
from whence.model.discovery import discover
from whence.world import Clock, Host, Witness

KEPT = 256
# What has to be asked to say what started a process: each leads on to the next.
WANTED = frozenset({"child-of", "started-by", "part-of", "triggered-by", "inside"})

_Likeness = tuple[object, ...]


class Launchers:
    """Says what started a process; processes of the same ancestors have the same launcher."""

    def __init__(self, host: Host, clock: Clock) -> None:
        self._host = host
        self._clock = clock
        self._probes = [p for p in discover(whence.probes, Probe, absent={}) if _is_wanted(p)]
        self._known: OrderedDict[_Likeness, str] = OrderedDict()

    def of(self, lineage: tuple[ProcessRecord, ...]) -> str:
        """Name what started it, in words; nothing where nobody can tell."""
        if not lineage:
            return ""
        alike = tuple(map(_likeness, lineage))
        known = self._known.get(alike)
        if known is None:
            known = self._known[alike] = self._ask(lineage)
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


def _likeness(record: ProcessRecord) -> _Likeness:
    """Give what a launcher is told by, without what differs from one run to the next."""
    runs = tuple((run.executable, run.args) for run in record.executions)
    return runs, record.user_id, record.cgroup, record.audit_session, record.name
