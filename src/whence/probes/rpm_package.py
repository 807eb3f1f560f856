"""From a program to its RPM package."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Program, probe
from whence.probes._rpm import rpm_facts
from whence.world import Host


@probe(answers="belongs-to", near=3)
def rpm_package(program: Program, host: Host) -> Iterator[Fact]:
    """Which RPM package is this program part of?"""
    if program.host == host.name:
        yield from rpm_facts(program, program.path, host)
