"""Where a unit is written down, and how it describes itself."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Service, probe
from whence.probes._units import units_of
from whence.world import Host


@probe(answers="defined-in")
def defined_in(service: Service, host: Host) -> Iterator[Fact]:
    """Which file defines this unit, and what does it say that it is for?"""
    units = units_of(service.manager, host)
    unit = units and units.unit(service.name)
    if not unit:
        return
    yield service.fact("defined-in", unit.path, unit.whole)
    for setting in unit.all("Description", "Documentation"):
        yield service.fact("described-as", unit.resolved(setting.value), setting.evidence)
