"""From a service to the Debian package that brought it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Service, probe
from whence.probes._dpkg import dpkg_facts
from whence.probes._packages import file_of
from whence.world import Host


@probe(answers="belongs-to")
def dpkg_package_of_service(service: Service, host: Host) -> Iterator[Fact]:
    """Which Debian package brought this service?"""
    if service.host == host.name and (file := file_of(service, host)):
        yield from dpkg_facts(service, file, host)
