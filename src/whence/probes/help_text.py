"""From a program to what it says when it is asked for help; it is run, if the user allows it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Line, Program, probe
from whence.probes import dpkg_sum, pip_sum, rpm_sum
from whence.probes._sums import AGREES
from whence.world import Host, Programs

MOST = 3  # lines that become facts; the reading has all


@probe(answers="says-of-itself", near=0)
def help_text(program: Program, host: Host, programs: Programs) -> Iterator[Fact]:
    """What does this program say of itself when it is run with --help?"""
    if program.host != host.name or not program.path.startswith("/"):
        return
    is_sound = any(
        fact.relation == AGREES
        for ask in (dpkg_sum.dpkg_sum, rpm_sum.rpm_sum, pip_sum.pip_sum)
        for fact in ask(program, host, programs)
    )
    reading = programs.help(program.path, is_sound=is_sound)
    for line in _telling([*reading.lines()])[:MOST]:
        yield program.fact("says-of-itself", " ".join(line.split()), line.evidence)


def _telling(lines: list[Line]) -> list[Line]:
    """Give lines that say what it is for before those that say how it is called."""
    said = [line for line in lines if line.strip()]
    usage = [line for line in said if line.lower().lstrip().startswith(("usage", "or:"))]
    return [*(line for line in said if line not in usage and not line.startswith((" ", "-", "\t"))),
            *usage]  # fmt: skip
