"""What a remedy has to know: what enables a unit, what shares it, what needs a package."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.probes.telling import pid, ran, record, story, values
from whence.model import Confidence, Fact, Job, Package, Service
from whence.probes.autostart import autostart
from whence.probes.needed_by import needed_by
from whence.probes.shares_unit_with import shares_unit_with
from whence.probes.timer_wanted_by import timer_wanted_by
from whence.probes.wanted_by import wanted_by
from whence.world import RecordedHost, ThisHost

ETC = "/etc/systemd/system"
UNITS = RecordedHost({
    f"{ETC}/acme.service": "[Service]\nExecStart=/acme\n[Install]\nWantedBy=multi-user.target\n",
    f"{ETC}/static.service": "[Service]\nExecStart=/bin/acme\nWantedBy=nothing\n",
    f"{ETC}/acme.timer": "[Timer]\nOnCalendar=hourly\n[Install]\nWantedBy=timers.target\n",
    f"{ETC}/acme.timer.d/often.conf": "[Timer]\nOnCalendar=minutely\n",
})  # fmt: skip


def service(name: str) -> Service:
    return Service("here", "systemd", name)


def test_what_enables_a_unit() -> None:
    assert values(wanted_by(service("acme.service"), UNITS)) == ["multi-user.target (WantedBy)"]


def test_a_unit_that_nothing_enables_is_static() -> None:
    assert values(wanted_by(service("static.service"), UNITS)) == ["nothing: it is static"]
    assert not values(wanted_by(service("gone.service"), UNITS))


def test_what_enables_a_timer_whose_time_stands_in_a_drop_in() -> None:
    job = Job("here", "systemd", f"{ETC}/acme.timer.d/often.conf", 2, "", "")
    assert values(timer_wanted_by(job, UNITS)) == ["timers.target (WantedBy)"]
    assert not values(timer_wanted_by(Job("here", "cron", "/etc/crontab", 2, "", ""), UNITS))


GROUP = "/system.slice/acme.service"


def test_what_else_runs_in_the_unit() -> None:
    acme = record(7, ran("/bin/acme"), cgroup=GROUP)
    host = RecordedHost(
        story(acme) | {f"/sys/fs/cgroup{GROUP}/cgroup.procs": "7\n8\n9\n", "/proc/8/comm": "web\n"}
    )
    found = values(shares_unit_with(pid(7), host, host))
    assert found == ["web (pid 8)", "a process that has ended (pid 9)"]


def test_a_login_session_is_no_unit_of_one_program() -> None:
    group = "/user.slice/user-1000.slice/session-3.scope"
    host = RecordedHost(
        story(record(7, ran("/bin/acme"), cgroup=group))
        | {f"/sys/fs/cgroup{group}/cgroup.procs": "7\n8\n"}
    )
    assert not values(shares_unit_with(pid(7), host, host))


STATUS = """\
Package: libacme
Status: install ok installed
Essential: yes
Description: text that says
 Depends: libacme

Package: acme-agent
Status: install ok installed
Depends: libc6 (>= 2.3), libacme (>= 1.0), perl

Package: acme-gone
Status: deinstall ok config-files
Depends: libacme

Package: acme-either
Status: install ok installed
Depends: libacme | libother

Package: acme-early
Status: install ok installed
Pre-Depends: libacme:any
Depends: libacme-dev
"""


class Database(ThisHost):
    """This machine, with a database of packages of its own."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = str(file)

    def run(self, *argv: str):  # type: ignore[no-untyped-def]
        return super().run(
            *(self._file if word == "/var/lib/dpkg/status" else word for word in argv)
        )


@pytest.fixture
def database(tmp_path: Path) -> Database:
    (tmp_path / "status").write_text(STATUS)
    return Database(tmp_path / "status")


def test_what_needs_a_package(database: Database) -> None:
    found = [*needed_by(Package("dpkg", "libacme", "1"), database)]
    assert values(found) == ["the system itself: it is essential", "acme-agent", "acme-early"]
    assert found[1].evidence[0].excerpt.startswith("Depends: libc6")


def test_a_package_that_nothing_needs(database: Database) -> None:
    assert not values(needed_by(Package("dpkg", "acme-agent", "1"), database))
    assert not values(needed_by(Package("dpkg", "-e .*", "1"), database))


DESKTOP = "[Desktop Entry]\nName=Sync\nExec=/opt/sync/sync --hidden %U\n"
OWN = "/home/anna/.config/autostart/sync.desktop"
ACCOUNTS = {"/etc/passwd": "anna:x:1000:1000::/home/anna:/bin/bash\n"}
SCOPE = "/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-sync-7.scope"


def started(texts: dict[str, str], *args: str, cgroup: str = SCOPE) -> list[Fact]:
    run = ran("/opt/sync/sync", *args)
    host = RecordedHost(story(record(7, run, cgroup=cgroup, user_id=1000)) | ACCOUNTS | texts)
    return [*autostart(pid(7), host, host)]


def test_a_program_that_the_desktop_starts() -> None:
    (fact,) = started({OWN: DESKTOP}, "/opt/sync/sync", "--hidden")
    assert str(fact.value) == f"{OWN}:3"
    assert fact.confidence is Confidence.LIKELY


def test_a_users_own_file_wins_over_that_of_the_system() -> None:
    system = "/etc/xdg/autostart/sync.desktop"
    assert len(started({system: DESKTOP}, "/opt/sync/sync", "--hidden")) == 1
    hidden = {system: DESKTOP, OWN: f"{DESKTOP}Hidden=true\n"}
    assert not started(hidden, "/opt/sync/sync", "--hidden")


def test_other_words_and_what_no_user_started() -> None:
    assert not started({OWN: DESKTOP}, "/opt/sync/sync", "--foreground")
    assert not started({OWN: DESKTOP}, "/opt/sync/sync", "--hidden", cgroup=GROUP)
    assert not started({OWN: 'Exec="no end\n'}, "/opt/sync/sync", "--hidden")
