"""A process that cron started is told by what the shell was given: the line's own words."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Confidence, Fact, Process, Service, probe
from whence.probes._crontabs import Crontabs
from whence.probes._launches import CRONS, cron_lines, without_a_line
from whence.probes._lineage import is_called, mentions
from whence.probes._records import Told, lineage
from whence.probes._roots import root_of
from whence.world import Host, Witness


@probe(answers="started-by")
def cron(process: Process, host: Host, witness: Witness) -> Iterator[Fact]:
    """Which crontab line started this process?

    Cron hands the command of the line to a shell as it stands there, cron(8): a child of cron
    whose shell was given the same bytes was started from that line. Where no line has them,
    the answer is cron itself and why the line is not known; it is never the wrong line.
    """
    told = lineage(process, witness)
    if len(told) < 2 or not is_called(told[1].record, CRONS) or is_called(told[0].record, CRONS):
        return
    child, daemon = told[:2]
    crontabs = Crontabs(host, root_of([line.record for line in told[1:]], host))
    found = [*cron_lines(child.record, crontabs)]
    for line, how_sure in found:
        cited = (child.evidence, line.line.evidence, daemon.evidence)
        yield process.fact("started-by", line.job, *cited, confidence=how_sure)
    if not found:
        yield from _without_a_line(process, child, daemon, crontabs.closed)


def _without_a_line(
    process: Process, child: Told, daemon: Told, closed: list[str]
) -> Iterator[Fact]:
    reason = without_a_line(child.record, "a crontab")
    if closed:
        reason = f"may not read {', '.join(closed)}; run it as root"
    if mentions(child.record, "CronDaemon"):  # the mailer is called with -FCronDaemon
        reason = "it is no job: cron mails with it what a job printed"
    service = Service(process.host, "cron", "cron")
    how_sure = Confidence.LIKELY if daemon.record.execution else Confidence.POSSIBLE
    cited = (child.evidence, daemon.evidence)
    yield process.fact("started-by", service, *cited, confidence=how_sure)
    yield process.fact("job-unknown", reason, *cited, confidence=Confidence.UNKNOWN)
