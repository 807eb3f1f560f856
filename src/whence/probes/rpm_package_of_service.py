"""From a service to the RPM package that brought it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Service, probe
from whence.probes._packages import file_of
from whence.probes._rpm import rpm_facts
from whence.world import Host


@probe(answers="belongs-to")
def rpm_package_of_service(service: Service, host: Host) -> Iterator[Fact]:
    """Which RPM package brought this service?"""
    if service.host == host.name and (file := file_of(service, host)):
        yield from rpm_facts(service, file, host)
