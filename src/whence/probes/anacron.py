"""A process that anacron started is told by what the shell was given."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from whence.model import CannotAsk, Confidence, Fact, Process, ProcessRecord, Service, probe
from whence.probes._anacrontabs import ANACRONTAB, AnacrontabJob, anacrontab_jobs
from whence.probes._launches import ANACRONS, anacron_lines, without_a_line
from whence.probes._lineage import is_called, option
from whence.probes._records import Told, lineage
from whence.probes._roots import root_of
from whence.world import Host, Witness


@probe(answers="started-by")
def anacron(process: Process, host: Host, witness: Witness) -> Iterator[Fact]:
    """Which line of the anacrontab started this process?

    Anacron hands the command of the line to ``sh -c`` as it stands there, anacron(8).
    """
    match lineage(process, witness):
        case [child, daemon, *others] if is_called(daemon.record, ANACRONS):
            records = [daemon.record, *(line.record for line in others)]
        case _:
            return
    if is_called(child.record, ANACRONS):
        return
    found, reason = _lines(child.record, records, host)
    for line, how_sure in found:
        cited = (child.evidence, line.line.evidence, daemon.evidence)
        yield process.fact("started-by", line.job, *cited, confidence=how_sure)
    if not found:
        yield from _without_a_line(process, child, daemon, reason)


def _lines(
    child: ProcessRecord, above: list[ProcessRecord], host: Host
) -> tuple[list[tuple[AnacrontabJob, Confidence]], str]:
    run = above[0].execution
    path = option(above[0], "t") or ANACRONTAB
    path = posixpath.normpath(posixpath.join(run.working_directory if run else "/", path))
    try:
        jobs = [*anacrontab_jobs(host, path, root_of(above, host))]
    except CannotAsk as e:
        return [], str(e)
    return [*anacron_lines(child, jobs)], without_a_line(child, path)


def _without_a_line(process: Process, child: Told, daemon: Told, reason: str) -> Iterator[Fact]:
    cited = (child.evidence, daemon.evidence)
    service = Service(process.host, "anacron", "anacron")
    yield process.fact("started-by", service, *cited, confidence=Confidence.LIKELY)
    yield process.fact("job-unknown", reason, *cited, confidence=Confidence.UNKNOWN)
