"""From a process to what became of the file it runs."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Execution, Fact, Process, probe
from whence.probes._programs import (
    DELETED,
    folder_open_to_all,
    program_seen_by,
)
from whence.probes._records import last_run
from whence.world import Host, Witness


@probe(answers="is")
def runs_without_a_file(process: Process, witness: Witness, host: Host) -> Iterator[Fact]:
    """Was the program's file deleted, or was it never a file at all?"""
    run = last_run(process, witness)
    text = _what_is_wrong(run.execution) if run else ""
    if run and text:
        program = program_seen_by(run, run.execution.executable, host)
        yield program.fact("is", text, *run.evidence)


def _what_is_wrong(run: Execution) -> str:
    if run.executable.startswith(("memfd:", "/memfd:")):
        return "in memory only: it was never a file, memfd_create(2)"
    if run.links and not run.executable.endswith(DELETED):
        return ""
    folder = folder_open_to_all(run.executable)
    return "deleted while it ran" + (f", from {folder} where everybody may write" if folder else "")
