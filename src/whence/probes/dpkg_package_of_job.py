"""From a job to the Debian package that brought it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Job, probe
from whence.probes._dpkg import dpkg_facts
from whence.probes._packages import file_of
from whence.world import Host


@probe(answers="belongs-to")
def dpkg_package_of_job(job: Job, host: Host) -> Iterator[Fact]:
    """Which Debian package brought this job?"""
    if job.host == host.name and (file := file_of(job, host)):
        yield from dpkg_facts(job, file, host)
