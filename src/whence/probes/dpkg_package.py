"""From a program to its Debian package."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Program, probe
from whence.probes._dpkg import dpkg_facts
from whence.world import Host


@probe(answers="belongs-to", near=3)
def dpkg_package(program: Program, host: Host) -> Iterator[Fact]:
    """Which Debian package is this program part of?"""
    if program.host == host.name:
        yield from dpkg_facts(program, program.path, host)
