from __future__ import annotations

from datetime import timedelta

from tests.probes.launchers import forked, member, ran, world
from whence.model import Confidence, Job, NotPermitted, ProcessRecord
from whence.probes.at_job import at_job
from whence.world import EPOCH, RecordedHost

ATD = member(ran("/usr/sbin/atd", "/usr/sbin/atd", "-f"))
STARTED = EPOCH + timedelta(seconds=2)
JOB = member(ran("/usr/bin/dash", "sh"), at=STARTED)
MINUTES = int(EPOCH.timestamp()) // 60
TEXT = """\
#!/bin/sh
# atrun uid=0 gid=0
umask 22
HOME=/root; export HOME
cd /root || {
\t echo 'Execution directory inaccessible' >&2
\t exit 1
}
/opt/acme/probe --once
"""


def spooled(number: int, minutes: int, queue: str = "=") -> str:
    return f"/var/spool/cron/atjobs/{queue}{number:05x}{minutes:08x}"


def launched(files: dict[str, str], *lineage: ProcessRecord) -> list[tuple[str, str, Confidence]]:
    process, host = world(*(lineage or (JOB, forked(ATD), ATD)), files=files)
    return [(f.relation, str(f.value), f.confidence) for f in at_job(process, host, host)]


def test_a_job_that_is_still_there() -> None:
    path = spooled(1, MINUTES)
    process, host = world(
        JOB, ATD, files={path: TEXT, "/etc/passwd": "root:x:0:0::/root:/bin/sh\n"}
    )
    (fact,) = at_job(process, host, host)
    assert fact.confidence is Confidence.LIKELY
    assert fact.value == Job(
        "here", "at", path, 9, "once at 2026-01-01 00:00 UTC", "/opt/acme/probe --once", "root"
    )


def test_jobs_of_other_times_and_other_users() -> None:
    files = {
        spooled(1, MINUTES + 5, "a"): TEXT,
        spooled(2, MINUTES - 90, "a"): TEXT,
        spooled(3, MINUTES): TEXT.replace("uid=0", "uid=1000"),
        spooled(4, MINUTES): TEXT,
    }
    assert launched(files) == [("started-by", f"{spooled(4, MINUTES)}:9", Confidence.LIKELY)]


def test_two_jobs_of_the_same_minute() -> None:
    files = {spooled(number, MINUTES): TEXT for number in (1, 2)}
    assert [how_sure for _, _, how_sure in launched(files)] == [Confidence.POSSIBLE] * 2


def test_a_job_that_has_been_removed() -> None:
    assert launched({}) == [
        ("started-by", "atd", Confidence.LIKELY),
        (
            "job-unknown",
            "atd removes the file of a job when it has run, and keeps no history",
            Confidence.UNKNOWN,
        ),
    ]


def test_a_spool_that_we_may_not_read() -> None:
    process, host = world(JOB, ATD)
    denied = NotPermitted("may not read the spool", try_="run it as root")
    host = RecordedHost(
        answers=[
            ("process 100@1000", host.process(process)),
            ("list /var/spool/cron/atjobs", denied),
        ]
    )
    facts = [*at_job(process, host, host)]
    assert str(facts[1].value) == "may not read the spool; run it as root"


def test_atd_itself_is_no_job() -> None:
    assert not launched({}, forked(ATD), ATD)


def test_a_shell_that_atd_did_not_start() -> None:
    assert not launched({}, JOB, member(ran("/usr/bin/bash", "-bash")))
