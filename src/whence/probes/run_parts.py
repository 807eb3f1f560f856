"""The files of /etc/cron.hourly and its like are jobs without a line of their own."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from whence.model import CannotAsk, Confidence, Evidence, Fact, Job, Process, ProcessRecord, probe
from whence.probes._anacrontabs import anacrontab_jobs
from whence.probes._crontabs import Crontabs
from whence.probes._launches import ANACRONS, CRONS, anacron_lines, cron_lines
from whence.probes._lineage import is_called, script_names
from whence.probes._records import Told, lineage
from whence.probes._roots import root_of
from whence.world import Host, Witness

Line = tuple[Job, Evidence, Confidence]


@probe(answers="started-by")
def run_parts(process: Process, host: Host, witness: Witness) -> Iterator[Fact]:
    """Which file in a folder of jobs was run, and which line runs the folder?

    run-parts(8) names the folder in its own arguments and the file in the job's. The line that
    ran run-parts is found above it, and gives the file its schedule.
    """
    match lineage(process, witness):
        case [job, runner, *_] as told if folder := _folder(runner.record):
            path = _file_in(folder, job.record)
        case _:
            return
    if not path or runner.record.execution is None:
        return
    command = shlex.join(runner.record.execution.args)
    file = Job(process.host, "run-parts", path, 0, "", command)
    line = _line(told[1:], host)
    if line is None:
        yield process.fact("started-by", file, job.evidence, runner.evidence)
        return
    entry, written, how_sure = line
    file = replace(file, scheduler=entry.scheduler, schedule=entry.schedule, user=entry.user)
    yield process.fact("started-by", file, job.evidence, runner.evidence, written)
    yield file.fact("triggered-by", entry, runner.evidence, written, confidence=how_sure)


def _folder(runner: ProcessRecord) -> str | None:
    run = runner.execution
    if run is None or len(run.args) < 2 or "run-parts" not in script_names(runner):
        return None
    return posixpath.normpath(posixpath.join(run.working_directory, run.args[-1]))


def _file_in(folder: str, job: ProcessRecord) -> str | None:
    named = (path for run in job.executions for path in (run.file, *run.args[:2]))
    return next((path for path in named if posixpath.dirname(path) == folder), None)


def _line(above: list[Told], host: Host) -> Line | None:
    """Give the one line that started one of these; None where there is none, or several."""
    for place, (child, daemon) in enumerate(pairwise(above), start=1):
        if is_called(daemon.record, CRONS | ANACRONS):
            found = _lines(child.record, [line.record for line in above[place:]], host)
            return found[0] if len(found) == 1 else None
    return None


def _lines(child: ProcessRecord, above: list[ProcessRecord], host: Host) -> list[Line]:
    try:
        root = root_of(above, host)
        if is_called(above[0], ANACRONS):
            anacron = anacron_lines(child, anacrontab_jobs(host, root=root))
            return [(line.job, line.line.evidence, how_sure) for line, how_sure in anacron]
        cron = cron_lines(child, Crontabs(host, root))
        return [(line.job, line.line.evidence, how_sure) for line, how_sure in cron]
    except CannotAsk:
        return []
