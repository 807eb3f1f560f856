"""From a program to its snap."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.model import Fact, Program, probe
from whence.probes._packages import labelled, package_facts
from whence.world import Host

_MOUNTED = re.compile(r"(?P<snap>(?:/var/lib/snapd)?/snap/(?!bin/)[^/]+/[^/]+)/.+", re.DOTALL)


@probe(answers="belongs-to", near=3)
def snap_package(program: Program, host: Host) -> Iterator[Fact]:
    """Which snap is this program part of?"""
    mounted = _MOUNTED.fullmatch(program.path)
    if mounted and program.host == host.name:
        described = labelled(host.read(f"{mounted['snap']}/meta/snap.yaml").lines())
        yield from package_facts(program, "snap", described)
