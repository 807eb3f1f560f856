from collections.abc import Iterator

from whence.model import Fact, Job, probe
from whence.probes._timers import timer_name
from whence.probes._units import SYSTEM
from whence.probes._wanted import wanted
from whence.world import Host


@probe(answers="wanted-by")
def timer_wanted_by(job: Job, host: Host) -> Iterator[Fact]:
    """What has this timer started at boot, by its own file?"""
    if job.scheduler == "systemd":  # of a user's timer the job does not say whose it is
        yield from wanted(job, SYSTEM, timer_name(job), host)
