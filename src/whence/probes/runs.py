"""From a process to its executable."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Process, probe
from whence.probes._programs import program_seen_by
from whence.probes._records import last_run
from whence.world import Host, Witness


@probe(answers="runs")
def runs(process: Process, witness: Witness, host: Host) -> Iterator[Fact]:
    """Which program does this process run?"""
    run = last_run(process, witness)
    if run and run.execution.executable:
        program = program_seen_by(run, run.execution.executable, host)
        yield process.fact("runs", program, *run.evidence)
