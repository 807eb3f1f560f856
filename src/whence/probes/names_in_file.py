"""From a program to the hosts that its file names, as far as that takes no time."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Program, probe
from whence.model.interpreters import runs_others
from whence.model.program_contents import said_of
from whence.probes._said import left_out, names_said
from whence.world import Host, Programs


@probe(answers="names-host", near=2)
def names_in_file(program: Program, host: Host, programs: Programs) -> Iterator[Fact]:
    """Which hosts, addresses and ports does this program itself name?

    Of an interpreter nothing is looked for: what it calls, the script says.
    """
    path = program.path
    if program.host == host.name and path.startswith("/") and not runs_others(path):
        rows = [*said_of(programs.names_in(path).lines())]
        yield from names_said(program, rows)
        yield from left_out(program, rows)
