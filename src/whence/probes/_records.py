"""What a witness told of processes, read back, each part with the line it stood in."""

from __future__ import annotations

from dataclasses import dataclass

from whence.model import CannotAsk, Evidence, Execution, Process, ProcessRecord
from whence.model.ecs import record_from_line
from whence.world import Witness


@dataclass(frozen=True, slots=True)
class Told:
    """One line of what a witness told."""

    record: ProcessRecord
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Run:
    """What a process ran when it was seen, and the lines that say so."""

    record: ProcessRecord
    execution: Execution
    evidence: tuple[Evidence, ...]


def lineage(process: Process, witness: Witness) -> list[Told]:
    """Give the process, its parent, its parent's parent, as far back as was told."""
    return [
        Told(record_from_line(line), line.evidence)
        for line in witness.process(process).lines()
        if line
    ]


def last_run(process: Process, witness: Witness) -> Run | None:
    """Say what the process ran when it was seen; None for a thread of the kernel, and
    where a file of another tool names no more than its pid.

    Raises
    ------
    CannotAsk
        If the process was seen, but not what it ran.

    """
    told = lineage(process, witness)
    if not told or told[0].record.kernel_thread:
        return None
    record = told[0].record
    if record.execution is None and process.is_reported:
        return None  # the file does not tell, and nobody can be asked any more
    if record.execution is None:
        raise CannotAsk(
            f"nobody saw what {process} ran",
            because="it was over before it could be looked at",
            try_="whence doctor, to see what a better sensor needs",
        )
    cited = told[:2] if record.inherited else told[:1]
    return Run(record, record.execution, tuple(line.evidence for line in cited))
