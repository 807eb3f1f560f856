"""A schedule that fits tells what may be behind periodic traffic, also when nothing was caught."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Confidence, Fact, Flow, probe
from whence.model.ecs import from_line
from whence.model.schedule import fit
from whence.probes._scheduled import scheduled_jobs
from whence.world import Host, Witness


@probe(answers="explains-times-of", near=0)
def explains_times(flow: Flow, host: Host, witness: Witness) -> Iterator[Fact]:
    """Which jobs of this host run at just the times at which this was seen?

    A schedule that fits is one sign and no proof: many a job runs on the hour. It is likely
    where a process that made the traffic bears the marks of the job, too.
    """
    told = [(line, from_line(line)) for line in witness.connections(flow).lines() if line]
    # A file of another tool may have another clock: its times count where there are no others.
    own = [(line, seen) for line, seen in told if not seen.report] or told
    lines, sightings = [line for line, _ in own], [seen for _, seen in own]
    times = [seen.first for seen in sightings]
    if len(times) < 2:
        return
    makers = {record for seen in sightings for record in seen.lineage}
    for job in scheduled_jobs(host):
        if any(fit(schedule, times).holds for schedule in job.schedules):
            launched = any(map(job.started, makers))
            yield job.job.fact(
                "explains-times-of",
                flow,
                lines[0].evidence,
                lines[-1].evidence,
                job.written,
                confidence=Confidence.LIKELY if launched else Confidence.POSSIBLE,
            )
