"""Which installed packages need a package, by the database of dpkg or rpm."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from whence.model import CannotAsk, Fact, Line, Package, probe
from whence.probes._dpkg import DATABASE
from whence.world import Host

MOST = 20
ESSENTIAL = "the system itself: it is essential"


@probe(answers="needed-by")
def needed_by(package: Package, host: Host) -> Iterator[Fact]:
    """Which installed packages need this one?"""
    name = package.name.partition(":")[0]
    if not re.fullmatch(r"[\w.+-]+", name):
        return
    if package.manager == "dpkg":
        found = _dpkg(name, host)
    elif package.manager == "rpm":
        found = _rpm(name, host)
    else:
        return
    for number, (other, line) in enumerate(found):
        if number == MOST:
            yield package.fact("needed-by", "and more", line.evidence)
            return
        yield package.fact("needed-by", other, line.evidence)


def _dpkg(name: str, host: Host) -> Iterator[tuple[str, Line]]:
    """Look through the lines that matter, by grep(1): all of the database is megabytes.

    ``a | b`` needs neither for certain: such a line is left out where another of them could do.
    """
    needs = rf"^(Pre-)?Depends: (.*, )?{re.escape(name)}(:[a-z0-9]+)?( \([^)]*\))?(,|$)"
    heads = r"^(Package: |Status: install ok installed|Essential: yes)"
    try:
        lines = host.run("grep", "-E", "-e", heads, "-e", needs, DATABASE).lines()
    except CannotAsk:
        return
    yield from _blocks(name, lines)


def _blocks(name: str, lines: Iterable[Line]) -> Iterator[tuple[str, Line]]:
    package, installed = "", False
    for line in lines:
        if line.startswith("Package: "):
            package, installed = line.partition(" ")[2], False
        elif line.startswith("Status: "):
            installed = True
        elif line == "Essential: yes":
            if package == name and installed:
                yield ESSENTIAL, line
        elif "Depends: " in line and installed:
            yield package, line


def _rpm(name: str, host: Host) -> Iterator[tuple[str, Line]]:
    try:
        answer = host.run("rpm", "-q", "--whatrequires", "--queryformat=%{NAME}\\n", name)
    except CannotAsk:  # its status says that nothing does, too
        return
    for line in answer.lines():
        if " " not in line and line:
            yield str(line), line
