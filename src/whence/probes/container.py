"""The control group of a process names its container."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Container, Fact, Process, probe
from whence.probes._cgroups import container_of, pod_of
from whence.probes._records import lineage
from whence.world import Witness


@probe(answers="inside")
def container(process: Process, witness: Witness) -> Iterator[Fact]:
    """Which container is this process in?

    Each runtime puts a container into a control group with its id in the name.
    """
    for told in lineage(process, witness)[:1]:
        if found := container_of(told.record.cgroup):
            box = Container(process.host, found.runtime, found.identifier)
            yield process.fact("inside", box, told.evidence)
            if pod := pod_of(told.record.cgroup):
                yield box.fact("part-of", f"Kubernetes pod {pod}", told.evidence)
