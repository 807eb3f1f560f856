"""What else runs in the unit of a process, and would end with it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Process, probe
from whence.probes._cgroups import session_of, unit_of
from whence.probes._files import read_if_there
from whence.probes._records import lineage
from whence.world import Host, Witness

MOST = 20  # processes that are named
ROOTS = ("/sys/fs/cgroup", "/sys/fs/cgroup/systemd")  # cgroups(7): version 2, and 1


@probe(answers="shares-unit-with", near=1)
def shares_unit_with(process: Process, host: Host, witness: Witness) -> Iterator[Fact]:
    """Which other processes run in the same unit now?"""
    if process.host != host.name or process.boot != host.boot:
        return
    for told in lineage(process, witness)[:1]:
        group = told.record.cgroup
        unit = unit_of(group)
        if unit is None or session_of(group):
            return
        readings = (read_if_there(host, f"{root}{group}/cgroup.procs") for root in ROOTS)
        reading = next((reading for reading in readings if reading), None)
        lines = [*reading.lines()] if reading else []
        others = [line for line in lines if line.isdigit() and int(line) != process.pid]
        for line in others[:MOST]:
            named = read_if_there(host, f"/proc/{line}/comm")
            name = named.text.rstrip("\n") if named else "a process that has ended"
            yield process.fact("shares-unit-with", f"{name} (pid {line})", line.evidence)
        if len(others) > MOST:
            more = f"{len(others) - MOST} more processes"
            yield process.fact("shares-unit-with", more, others[MOST].evidence)
