"""From a setting to the RPM package that its file came with."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Setting, probe
from whence.probes._rpm import rpm_facts
from whence.world import Host


@probe(answers="belongs-to")
def rpm_package_of_setting(setting: Setting, host: Host) -> Iterator[Fact]:
    """Which RPM package brought the file of this setting?"""
    if setting.host == host.name:
        yield from rpm_facts(setting, setting.place, host)
