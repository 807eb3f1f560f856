from __future__ import annotations

from tests.probes.launchers import CRON_CHILD, CROND, DASH, member, ran, shell, world
from whence.model import Confidence, Job, ProcessRecord
from whence.probes.run_parts import run_parts

HOURLY = "run-parts --report /etc/cron.hourly"
FILE = "/etc/cron.hourly/acme"
SCRIPT = member(ran(DASH, "/bin/sh", FILE, file=FILE))
RUNNER = member(ran("/usr/bin/run-parts", *HOURLY.split()))
CRONTAB = {"/etc/crontab": f"17 * * * * root cd / && {HOURLY}\n"}


def launched(*lineage: ProcessRecord, files: dict[str, str]) -> list[tuple[str, str, str]]:
    process, host = world(*lineage, files=files)
    return [(str(f.subject), f.relation, str(f.value)) for f in run_parts(process, host, host)]


def test_the_file_and_the_line_that_runs_its_folder() -> None:
    lineage = (SCRIPT, RUNNER, shell(f"cd / && {HOURLY}"), CRON_CHILD, CROND)
    assert launched(*lineage, files=CRONTAB) == [
        ("pid 100", "started-by", FILE),
        (FILE, "triggered-by", "/etc/crontab:1"),
    ]


def test_the_file_has_the_schedule_of_the_line() -> None:
    process, host = world(
        SCRIPT, RUNNER, shell(f"cd / && {HOURLY}"), CRON_CHILD, CROND, files=CRONTAB
    )
    fact, _ = run_parts(process, host, host)
    assert fact.value == Job("here", "cron", FILE, 0, "17 * * * *", HOURLY, "root")
    assert fact.confidence is Confidence.CERTAIN


def test_a_folder_that_anacron_runs() -> None:
    anacron = member(ran("/usr/sbin/anacron", "anacron", "-s"))
    files = {"/etc/anacrontab": f"1 5 hourly {HOURLY}\n"}
    assert launched(SCRIPT, RUNNER, shell(HOURLY), anacron, files=files)[1] == (
        FILE,
        "triggered-by",
        "/etc/anacrontab:1",
    )


def test_a_run_parts_that_is_a_script_and_replaced_the_shell() -> None:
    bash = "/usr/bin/bash"
    runner = member(
        ran(bash, "/bin/bash", "-c", "run-parts /etc/cron.hourly"),
        ran(bash, "/bin/bash", "/usr/bin/run-parts", "/etc/cron.hourly", file="/usr/bin/run-parts"),
    )
    crond = member(ran("/usr/sbin/crond", "/usr/sbin/crond", "-n"))
    files = {"/etc/cron.d/0hourly": "01 * * * * root run-parts /etc/cron.hourly\n"}
    assert launched(SCRIPT, runner, crond, files=files)[1][2] == "/etc/cron.d/0hourly:1"


def test_a_folder_that_somebody_ran_by_hand() -> None:
    bash = member(ran("/usr/bin/bash", "-bash"))
    assert launched(SCRIPT, RUNNER, bash, files=CRONTAB) == [("pid 100", "started-by", FILE)]


def test_a_program_that_the_job_called_is_not_the_job() -> None:
    curl = member(ran("/usr/bin/curl", "curl", "192.0.2.1"))
    assert not launched(curl, SCRIPT, RUNNER, files=CRONTAB)


def test_run_parts_before_it_became_the_job() -> None:
    assert not launched(RUNNER, RUNNER, files=CRONTAB)
