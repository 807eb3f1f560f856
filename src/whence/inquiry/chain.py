"""The chain behind a process, as facts tell it: whose program it is, and what started it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from whence.inquiry.known import Known
from whence.model import Fact, Package, Process

STARTERS = ("started-by",)


def package_of(known: Known, process: Process) -> Fact | None:
    """Say whose program it is: the script's package, never the interpreter's in its place."""
    program = known.best(process, "executes") or known.best(process, "runs")
    if program is None or isinstance(program.value, str):
        return None
    owner = known.best(program.value, "belongs-to")
    return owner if owner and isinstance(owner.value, Package) else None


def launch_facts(known: Known, process: Process) -> list[Fact]:
    """Say what started it or one of its ancestors; else which unit it is part of."""
    facts: list[Fact] = []
    for ancestor in known.ancestors(process):
        facts += known.about(ancestor, *STARTERS)
    if facts:
        return facts
    part = [known.about(ancestor, "part-of") for ancestor in known.ancestors(process)]
    return next((found for found in part if found), [])


def launchers(known: Known, process: Process) -> Iterator[Fact]:
    """Give what started it, each followed by what triggers that."""
    for fact in launch_facts(known, process):
        yield fact
        if not isinstance(fact.value, str):
            yield from known.about(fact.value, "triggered-by")
