import pytest

from tests.probes.test_dpkg_package import STATUS, owned, package, search
from whence.model import Job
from whence.probes.dpkg_package_of_job import dpkg_package_of_job
from whence.world import RecordedHost


@pytest.mark.parametrize(
    ("scheduler", "source", "path"),
    [
        ("cron", "/etc/cron.d/poll", "/etc/cron.d/poll"),
        ("systemd", "poll.timer", "/etc/systemd/system/poll.timer"),
    ],
)
def test_a_job_that_a_package_brought(scheduler: str, source: str, path: str) -> None:
    found = {search(path): owned(path, "app"), path: ""}
    host = RecordedHost(STATUS | found | package("app"))
    job = Job("here", scheduler, source, 3, "17 * * * *", "poll")
    fact, *_ = dpkg_package_of_job(job, host)
    assert (fact.subject, str(fact.value)) == (job, "app 1.2-3 (dpkg)")


def test_a_job_without_a_file() -> None:
    job = Job("here", "systemd", "run-r1.timer", 0, "", "")
    assert not [*dpkg_package_of_job(job, RecordedHost(STATUS))]
