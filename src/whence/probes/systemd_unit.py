"""The control group of a process names the unit it belongs to, also when both are gone."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Process, Service, probe
from whence.probes._cgroups import container_of, session_of, unit_of
from whence.probes._records import lineage
from whence.probes._units import manager_name
from whence.world import Witness

HOSTS_OWN = frozenset({"snap", "flatpak"})  # their units are those of the host's systemd


@probe(answers="part-of")
def systemd_unit(process: Process, witness: Witness) -> Iterator[Fact]:
    """Which systemd unit is this process part of?

    systemd keeps each unit in a control group of that name, and the sensor kept the name. A
    login session is a unit, too; it is another question who logged in.
    """
    for told in lineage(process, witness)[:1]:
        cgroup = told.record.cgroup
        contained = container_of(cgroup)
        if contained and contained.runtime not in HOSTS_OWN:
            unit = unit_of(contained.inside)
            manager = f"systemd in {contained.runtime} {contained.identifier[:12]}"
        elif unit := unit_of(cgroup):
            manager = manager_name(unit.manager_of)
        if unit and not session_of(f"/{unit.name}"):
            yield process.fact("part-of", Service(process.host, manager, unit.name), told.evidence)
