"""From a program to the file in whose place it stands."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Program, probe
from whence.probes._dpkg import DATABASE, NOBODY, diversion_of
from whence.probes._packages import is_there
from whence.world import Host


@probe(answers="stands-in-place-of", near=2)
def diverted(program: Program, host: Host) -> Iterator[Fact]:
    """Does this program stand where another package's file would be, by a diversion of dpkg?"""
    if program.host != host.name or not is_there(DATABASE, host):
        return
    if diversion := diversion_of(program.path, host):
        by = "by hand" if diversion.by == NOBODY else f"by {diversion.by}"
        text = f"a package's file, which was moved to {diversion.moved_to} {by}, dpkg-divert(1)"
        yield program.fact("stands-in-place-of", text, diversion.evidence)
