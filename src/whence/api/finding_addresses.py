"""Find where an address is configured on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from whence.api.asking import known_names
from whence.api.looked_at import LookedAt, this_machine
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
from whence.world import DeepSearch, Host, Search, ThisHost, Witness, utc_now
from whence.world.database_address import DatabaseAddress
from whence.world.places import Places
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
    on: LookedAt | None = None,
    hear: Callable[[Waiting | Outcome], None] = lambda event: None,
) -> Hunt:
    """Say where an address, or a name's, is configured; what was read becomes a case.

    ``on`` which machine is this one, unless another is given; of that neither the memory of
    processes nor all disks are looked through.

    Without ``pid`` and ``program``, who talks to it now, or did, is looked at.

    Raises
    ------
    BadInput
        If the target is no address and no name, there is no such program or address of a database,
        or more depth was asked for than there is.
    CannotAsk
        If a name cannot be resolved, or there is no such process.

    """
    depth = depth or Depth()
    there = on or this_machine()
    if not there.is_here and (depth.memory or depth.everywhere):
        raise BadInput(
            "memory and whole disks are looked through on the machine that whence runs on only",
            try_="leave out --deep and --everywhere, or run whence there",
        )
    if depth.database:
        DatabaseAddress.parse(depth.database)  # now, and not only when all else was looked through
    host, processes = there.host, there.processes()
    given = parse_target(target)
    known = list(names)
    if isinstance(given, Hostname):
        known.append(given.name)
    elif isinstance(given, Flow) and is_name(given):
        known.append(given.destination or "")
    subject = subject_of(given, host, processes, online=online)
    if not isinstance(subject, Flow) or subject.destination is None:
        raise BadInput(f"“{target}” is no address", try_="whence find 192.0.2.7")
    known += known_names(subject.destination, there)
    makers = _makers(pid, program, host, processes)
    witnesses: list[Witness] = [there.present()]
    if there.is_here:
        history = History(Places.of_this_user().history, utc_now)
        witnesses.insert(0, HistoryWitness(history, utc_now, None, None))
    deep = ThisSearch(depth, name=host.name)  # a database is asked from here
    means = Means(
        host, tuple(witnesses), utc_now, others={Search: there.search(known), DeepSearch: deep}
    )
    folder = Places.of_this_user().cases
    with closing(CaseFile.create(folder, Flow(subject.destination), utc_now, target)) as case:
        return _find(case, means, makers, hear)


def _makers(
    pid: int | None, program: str | None, host: Host, processes: LiveProcesses
) -> tuple[ProcessRecord, ...]:
    if pid is not None:
        return tuple(processes.lineage(pid)[:ANCESTORS])
    if program is None:
        return ()
    if not isinstance(host, ThisHost):
        path = host.run("readlink", "-f", program).text.strip() or program
        host.status(path)
        return (program_record(path, host.name, host.boot, utc_now()),)
    found = program if "/" in program else shutil.which(program)
    if not found or not Path(found).is_file():
        raise BadInput(f"there is no program {program}", try_="give its path")
    path = str(Path(found).resolve())
    return (program_record(path, host.name, host.boot, utc_now()),)


__all__ = ["Depth", "Hunt", "Outcome", "Place", "Waiting", "find_address"]
