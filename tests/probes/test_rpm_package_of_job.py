from tests.probes.test_rpm_package import DATABASE, search
from whence.model import Job
from whence.probes.rpm_package_of_job import rpm_package_of_job
from whence.world import RecordedHost


def test_a_cron_file_that_a_package_brought() -> None:
    job = Job("here", "cron", "/etc/cron.d/poll", 1, "@daily", "poll")
    fact, *_ = rpm_package_of_job(job, RecordedHost(DATABASE | search("/etc/cron.d/poll")))
    assert (fact.subject, str(fact.value)) == (job, "curl 8.6-7.fc40 (rpm)")
