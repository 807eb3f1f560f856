"""From a setting to the Debian package that its file came with."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Setting, probe
from whence.probes._dpkg import dpkg_facts
from whence.world import Host


@probe(answers="belongs-to")
def dpkg_package_of_setting(setting: Setting, host: Host) -> Iterator[Fact]:
    """Which Debian package brought the file of this setting?"""
    if setting.host == host.name:
        yield from dpkg_facts(setting, setting.place, host)
