"""Find where an address is configured on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from whence.inquiry.find import Hunt, Place, program_record
from whence.inquiry.find import find as _find
from whence.inquiry.look import Waiting
from whence.inquiry.means import Means
from whence.inquiry.run import Outcome
from whence.inquiry.subject import subject_of
from whence.model import BadInput, Flow, Hostname, ProcessRecord
from whence.model.targets import is_name, parse_target
from whence.store.case_file import CaseFile
from whence.store.history import History
from whence.store.witness import HistoryWitness
from whence.world import DeepSearch, Search, ThisHost, utc_now
from whence.world.places import Places
from whence.world.present import PresentWitness
from whence.world.processes import LiveProcesses
from whence.world.this_search import Depth, ThisSearch

ANCESTORS = 6


def find_address(
    target: str,
    *,
    pid: int | None = None,
    program: str | None = None,
    names: Sequence[str] = (),
    depth: Depth | None = None,
    online: bool = False,
    hear: Callable[[Waiting | Outcome], None] = lambda event: None,
) -> Hunt:
    """Say where an address, or a name's, is configured; what was read becomes a case.

    Without ``pid`` and ``program``, who talks to it now, or did, is looked at.

    Raises
    ------
    BadInput
        If the target is no address and no name, or there is no such program.
    CannotAsk
        If a name cannot be resolved, or there is no such process.

    """
    host, processes = ThisHost(), LiveProcesses.open()
    given = parse_target(target)
    known = list(names)
    if isinstance(given, Hostname):
        known.append(given.name)
    elif isinstance(given, Flow) and is_name(given):
        known.append(given.destination or "")
    subject = subject_of(given, host, processes, online=online)
    if not isinstance(subject, Flow) or subject.destination is None:
        raise BadInput(f"“{target}” is no address", try_="whence find 192.0.2.7")
    makers = _makers(pid, program, host, processes)
    history = History(Places.of_this_user().history, utc_now)
    search = ThisSearch(depth, known_as=known)
    means = Means(
        host, (HistoryWitness(history, utc_now, None, None), PresentWitness.open()), utc_now,
        others={Search: search, DeepSearch: search},
    )  # fmt: skip
    folder = Places.of_this_user().cases
    with closing(CaseFile.create(folder, Flow(subject.destination), utc_now, target)) as case:
        return _find(case, means, makers, hear)


def _makers(
    pid: int | None, program: str | None, host: ThisHost, processes: LiveProcesses
) -> tuple[ProcessRecord, ...]:
    if pid is not None:
        return tuple(processes.lineage(pid)[:ANCESTORS])
    if program is None:
        return ()
    found = program if "/" in program else shutil.which(program)
    if not found or not Path(found).is_file():
        raise BadInput(f"there is no program {program}", try_="give its path")
    path = str(Path(found).resolve())
    return (program_record(path, host.name, host.boot, utc_now()),)


__all__ = ["Depth", "Hunt", "Outcome", "Place", "Waiting", "find_address"]
