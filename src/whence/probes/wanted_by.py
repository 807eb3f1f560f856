from collections.abc import Iterator

from whence.model import Fact, Service, probe
from whence.probes._wanted import wanted
from whence.world import Host


@probe(answers="wanted-by")
def wanted_by(service: Service, host: Host) -> Iterator[Fact]:
    """What has this unit started at boot, by its own file?"""
    yield from wanted(service, service.manager, service.name, host)
