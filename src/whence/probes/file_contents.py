"""From a program to what its file is, and what stands in it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Program, probe
from whence.probes._said import facts_said
from whence.world import Host, Programs


@probe(answers="names-host", near=0)
def file_contents(program: Program, host: Host, programs: Programs) -> Iterator[Fact]:
    """What is this file made of, and which hosts, ports and commands does it name?"""
    if program.host == host.name and program.path.startswith("/"):
        yield from facts_said(program, programs.contents_of(program.path))
