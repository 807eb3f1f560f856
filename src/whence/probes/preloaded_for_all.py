"""From a program to the libraries that every program here is given."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Program, probe
from whence.probes._files import read_if_there
from whence.world import Host

FILE = "/etc/ld.so.preload"  # ld.so(8)


@probe(answers="is-given", near=2)
def preloaded_for_all(program: Program, host: Host) -> Iterator[Fact]:
    """Which libraries does this machine put into every program, in front of its own?"""
    if program.host != host.name:
        return
    reading = read_if_there(host, FILE)
    for line in reading.lines() if reading else ():
        if line.strip() and not line.lstrip().startswith("#"):
            text = f"{line.strip()}, as every program that is linked dynamically, by {FILE}"
            yield program.fact("is-given", text, line.evidence)
