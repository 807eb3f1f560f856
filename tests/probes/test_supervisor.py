from __future__ import annotations

import pytest

from tests.probes.launchers import member, ran, world
from whence.model import Confidence, ProcessRecord, Service
from whence.probes.supervisor import supervisor

PYTHON = "/usr/bin/python3"
SUPERVISORD = member(
    ran(PYTHON, PYTHON, "/usr/bin/supervisord", "-n", "-c", "/etc/supervisor/supervisord.conf")
)
WEB = member(ran("/opt/web", "/opt/web", "--port", "80"))
FILES = {
    "/etc/supervisor/supervisord.conf": "[include]\nfiles = conf.d/*.conf\n",
    "/etc/supervisor/conf.d/web.conf": "[program:web]\nuser=www\ncommand=/opt/web --port 80 ; up\n",
    "/etc/supervisor/conf.d/web.conf.old": "[program:old]\ncommand=/opt/web --port 80\n",
    "/etc/supervisor/conf.d/job.conf": "[program:job]\ncommand=job.py --name %(program_name)s\n",
}


def launched(
    *lineage: ProcessRecord, files: dict[str, str] | None = None
) -> list[tuple[object, Confidence]]:
    process, host = world(*lineage, files=files)
    return [(fact.value, fact.confidence) for fact in supervisor(process, host, host)]


def test_a_program_of_supervisord() -> None:
    assert launched(WEB, SUPERVISORD, files=FILES) == [
        (Service("here", "supervisord", "web"), Confidence.CERTAIN)
    ]


def test_a_script_of_supervisord() -> None:
    job = member(ran(PYTHON, PYTHON, "/opt/job.py", "--name", "job", file="/opt/job.py"))
    assert launched(job, SUPERVISORD, files=FILES) == [
        (Service("here", "supervisord", "job"), Confidence.CERTAIN)
    ]


def test_a_supervisord_whose_configuration_is_not_readable() -> None:
    assert launched(WEB, SUPERVISORD) == [
        (Service("here", "supervisord", "supervisord"), Confidence.LIKELY)
    ]


@pytest.mark.parametrize(
    ("parent", "manager", "name"),
    [
        (member(ran("/usr/bin/runsv", "runsv", "web")), "runit", "web"),
        (member(ran("/bin/s6-supervise", "s6-supervise", "svc/web")), "s6", "web"),
        (
            member(ran("/sbin/supervise-daemon", "supervise-daemon", "web", "--start")),
            "OpenRC",
            "web",
        ),
        (member(ran("/usr/sbin/xinetd", "xinetd")), "inetd", "inetd"),
        (
            member(ran("/usr/bin/node", "PM2 v5.3.0: God Daemon (/root/.pm2)")),
            "pm2",
            "/opt/web --port 80",
        ),
    ],
)
def test_other_managers(parent: ProcessRecord, manager: str, name: str) -> None:
    assert [value for value, _ in launched(WEB, parent)] == [Service("here", manager, name)]


def test_a_process_that_a_shell_started() -> None:
    assert not launched(WEB, member(ran("/usr/bin/bash", "-bash")))
