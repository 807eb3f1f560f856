"""In prepared histories of more than 500 changes, the one that began it comes first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import whence.inquiry.changed
from tests.inquiry.recorded_changes import SEEN, Entries, RecordedFiles, entry
from whence.inquiry.change_timeline import Timeline, change_timeline, touched_by
from whence.inquiry.changed._declare import ChangeSource, Past
from whence.model import CannotAsk, Ip, Package, Program, Reading, User
from whence.model.changed import Onset
from whence.model.discovery import discover
from whence.world import RecordedHost

NIGHT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
Texts = dict[str, str]


def decoys() -> tuple[Texts, Entries]:
    """Give a night of upgrades and what else happens on a machine in a day."""
    dpkg, entries = [], []
    upgraded = []
    for number in range(260):
        at = NIGHT + timedelta(seconds=2 * number)
        dpkg.append(f"{at:%Y-%m-%d %H:%M:%S} upgrade lib{number}:amd64 1.{number} 1.{number + 1}")
        upgraded.append(f"lib{number}:amd64 (1.{number}, 1.{number + 1})")
        entries.append(entry(f"/etc/lib{number}/lib.conf", at, written=False))
    for number in range(60):
        at = NIGHT + timedelta(hours=5, seconds=number)
        entries.append(entry(f"/etc/ssl/certs/authority{number}.pem", at))
    for number in range(24):
        at = SEEN - timedelta(hours=number, minutes=4)
        entries.append(entry("/var/lib/dhcp/dhclient.eth0.leases", at))
    for number in range(40):
        at = SEEN - timedelta(minutes=90, seconds=number)
        entries.append(entry(f"/opt/build/out/object{number}.o", at))
    logins = "".join(
        f"2026-11-20T0{hour}:00:00+00:00 here usermod[1]: change user 'web{hour}' password\n"
        for hour in range(9)
    )
    history = (
        f"Start-Date: {NIGHT:%Y-%m-%d  %H:%M:%S}\nCommandline: /usr/bin/unattended-upgrade\n"
        f"Upgrade: {', '.join(upgraded)}\nEnd-Date: 2026-11-20  03:10:00\n\n"
    )
    texts = {
        "/var/log/dpkg.log": "".join(f"{line}\n" for line in dpkg),
        "/var/log/apt/history.log": history,
        "/var/log/auth.log": logins,
        "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
        "last -x -F -w reboot": (
            "reboot   system boot  6.1.0-17-amd64   Tue Nov 10 07:00:00 2026   still running\n"
        ),
    }
    return texts, entries


def cron_line(texts: Texts, entries: Entries) -> str:
    entries.append(entry("/etc/cron.d/acme", SEEN - timedelta(minutes=3)))
    return "the schedule /etc/cron.d/acme was written"


def package_of_the_chain(texts: Texts, entries: Entries) -> str:
    at = SEEN - timedelta(minutes=50)
    texts["/var/log/dpkg.log"] += f"{at:%Y-%m-%d %H:%M:%S} upgrade acme-agent:amd64 1.0 2.0\n"
    texts["/var/log/apt/history.log"] += (
        f"Start-Date: {at - timedelta(seconds=9):%Y-%m-%d  %H:%M:%S}\n"
        "Commandline: apt-get install acme-agent\nRequested-By: alice (1000)\n"
        "Install: acme-data:amd64 (2.0, automatic)\nUpgrade: acme-agent:amd64 (1.0, 2.0)\n"
    )
    return "acme-agent:amd64 was upgraded: 1.0 → 2.0"


def package_with_its_files(texts: Texts, entries: Entries) -> str:
    what = package_of_the_chain(texts, entries)
    at = SEEN - timedelta(minutes=50)
    entries.append(entry("/etc/cron.d/acme-agent", at + timedelta(seconds=1)))
    entries.append(entry("/etc/acme-agent/acme-agent.conf", at + timedelta(seconds=1)))
    return what


def timer_enabled(texts: Texts, entries: Entries) -> str:
    path = "/etc/systemd/system/timers.target.wants/scan.timer"
    entries.append(entry(path, SEEN - timedelta(minutes=6), "link"))
    return f"the unit {path} was enabled"


def reboot(texts: Texts, entries: Entries) -> str:
    texts["last -x -F -w reboot"] = (
        "reboot   system boot  6.1.0-18-amd64   Fri Nov 20 09:17:30 2026   still running\n"
        + texts["last -x -F -w reboot"]
    )
    return (
        "the machine was started, with Linux 6.1.0-18-amd64, "
        "with another kernel than before (6.1.0-17-amd64)"
    )


def configuration(texts: Texts, entries: Entries) -> str:
    entries.append(entry("/etc/inventory/hosts.yaml", SEEN - timedelta(minutes=9)))
    return "the file /etc/inventory/hosts.yaml was written"


def new_account(texts: Texts, entries: Entries) -> str:
    texts["/var/log/auth.log"] += (
        "2026-11-20T09:18:00+00:00 here sudo:  alice : TTY=pts/0 ; USER=root ; "
        "COMMAND=/usr/sbin/useradd scan\n"
        "2026-11-20T09:18:01+00:00 here useradd[77]: new user: name=scan, UID=1005, GID=1005\n"
    )
    return "new user: name=scan, UID=1005, GID=1005"


def container(texts: Texts, entries: Entries) -> str:
    identifier = "ab" * 32
    path = f"/var/lib/docker/containers/{identifier}/config.v2.json"
    entries.append(entry(path, SEEN - timedelta(minutes=2)))
    return f"the container {identifier[:12]} was made, started or stopped"


def pip(texts: Texts, entries: Entries) -> str:
    below = "/usr/local/lib/python3.11/dist-packages/acme_scan-2.1.dist-info"
    for name in ("INSTALLER", "RECORD", "METADATA"):
        entries.append(entry(f"{below}/{name}", SEEN - timedelta(minutes=7)))
    return "pip put in acme_scan 2.1"


def commit(texts: Texts, entries: Entries) -> str:
    texts["status /etc/.git"] = '{"kind": "directory"}'
    begin = SEEN - timedelta(hours=24)
    command = (
        "git -C /etc log --no-show-signature --name-only --format=%x01%cI%x02%an%x02%s "
        f"--since={begin.isoformat()} --until={SEEN.isoformat()}"
    )
    texts[command] = (
        "\x012026-11-20T10:15:00+01:00\x02Alice\x02move the scanner to the new network\n\n"
        "scanner/networks\n"
    )
    return "“move the scanner to the new network”: /etc/scanner/networks"


HISTORIES = (
    cron_line, package_of_the_chain, package_with_its_files, timer_enabled, reboot, configuration,
    new_account, container, pip, commit,
)  # fmt: skip


def timeline(texts: Texts, entries: Entries, **rest: Any) -> Timeline:
    files = RecordedFiles(entries)
    onset = rest.pop("onset", Onset(SEEN))
    return change_timeline(RecordedHost(texts), files, onset, timedelta(hours=24), **rest)


@pytest.mark.parametrize("prepare", HISTORIES, ids=lambda prepare: prepare.__name__)
def test_the_change_that_began_it_is_first(prepare: Callable[[Texts, Entries], str]) -> None:
    texts, entries = decoys()
    what = prepare(texts, entries)
    touching = ["/usr/bin/acme-agent"]
    if prepare is package_with_its_files:
        touching += ["acme-agent", "/etc/cron.d/acme-agent", "/etc/acme-agent/acme-agent.conf"]
    found = timeline(texts, entries, touching=touching)
    assert found.changes[0].change.what == what
    assert len(found.changes) > 500


def test_who_and_which_command() -> None:
    texts, entries = decoys()
    package_of_the_chain(texts, entries)
    first = timeline(texts, entries, touching=["acme-agent"]).changes[0]
    assert (first.change.who, first.change.command, first.touches) == (
        "alice (1000)", "apt-get install acme-agent", "acme-agent",
    )  # fmt: skip
    assert first.change.at == SEEN - timedelta(minutes=50)  # as dpkg has it, not as apt


def test_a_package_is_told_once() -> None:
    texts, entries = decoys()
    changes = timeline(texts, entries).changes
    told = [one.change.what for one in changes if "lib7:amd64" in one.change.what]
    assert told == ["lib7:amd64 was upgraded: 1.7 → 1.8"]


def test_what_came_later_is_no_cause() -> None:
    entries = [entry("/etc/cron.d/acme", SEEN + timedelta(minutes=1))]
    assert not timeline({}, entries).changes


def test_within_the_uncertainty_of_the_onset_all_are_as_close() -> None:
    onset = Onset(SEEN, SEEN - timedelta(minutes=15))
    entries = [entry("/etc/cron.d/acme", SEEN - timedelta(minutes=14))]
    [only] = timeline({}, entries, onset=onset).changes
    assert only.before == timedelta()
    assert "it began in between" in str(onset)


def test_times_without_a_zone_are_in_the_hosts_own() -> None:
    texts = {
        "link /etc/localtime": "/usr/share/zoneinfo/Europe/Berlin",
        "/var/log/dpkg.log": "2026-11-20 10:00:00 install acme-agent:amd64 <none> 1.0\n",
    }
    [only] = timeline(texts, []).changes
    assert only.change.at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_rpm_and_dnf() -> None:
    at = SEEN - timedelta(minutes=5)
    texts = {
        "list /var/lib/rpm": "Packages\n",
        "rpm -qa --queryformat=%{INSTALLTIME} %{NAME} %{VERSION}-%{RELEASE}\\n":
            f"{at.timestamp():.0f} acme-agent 2.0-1\n100 old 1-1\n",
        "/var/log/dnf.log": f"{at:%Y-%m-%dT%H:%M:%S}+0000 DEBUG Command: dnf install beta\n",
        "/var/log/dnf.rpm.log":
            f"{at:%Y-%m-%dT%H:%M:%S}+0000 SUBDEBUG Installed: beta-1.2-3.x86_64\n",
    }  # fmt: skip
    told = {one.change.what: one.change.command for one in timeline(texts, []).changes}
    assert told == {
        "acme-agent was put in: 2.0-1": "",
        "beta was installed: 1.2-3.x86_64": "dnf install beta",
    }


def test_a_syslog_line_without_a_year() -> None:
    texts = {"/var/log/secure": "Nov 20 09:19:00 here useradd[7]: new user: name=eve, UID=1\n"}
    [only] = timeline(texts, []).changes
    assert only.change.at == SEEN - timedelta(minutes=1)


def test_what_could_not_be_asked_is_said() -> None:
    told = {source.tells: source.because for source in timeline({}, []).not_told}
    assert any("started" in tells for tells in told)
    assert all(told.values())


def test_what_a_chain_touches() -> None:
    reading = Reading("x", "y", SEEN, "here").whole()
    program = Program("here", "/usr/bin/acme-agent")
    facts = [
        Ip("192.0.2.1").fact("made-by", program, reading),
        program.fact("belongs-to", Package("dpkg", "acme-agent", "1.0"), reading),
        program.fact("run-by", User("here", 1005, "scan"), reading),
        program.fact("run-by", User("here", 0, "root"), reading),
    ]
    assert touched_by(facts) == ["/usr/bin/acme-agent", "acme-agent", "scan"]


SOURCES = [*discover(whence.inquiry.changed, ChangeSource)]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_each_source_is_a_file_and_says_what_it_tells(source: ChangeSource) -> None:
    assert source.read.__module__ == f"whence.inquiry.changed.{source.name}"
    assert source.tells.endswith(".")


@given(st.text(max_size=300))
def test_no_log_does_harm(text: str) -> None:
    line = (
        f"2026-11-20 09:00:00 upgrade {text}\nStart-Date: 2026-11-20  09:00:00\nInstall: {text}\n"
    )
    texts = dict.fromkeys(
        ("/var/log/dpkg.log", "/var/log/apt/history.log", "/var/log/auth.log", "/var/log/dnf.log",
         "/var/log/dnf.rpm.log", "last -x -F -w reboot"), text + "\n" + line,
    )  # fmt: skip
    past = Past(SEEN - timedelta(days=1), SEEN, RecordedHost(texts), RecordedFiles([]))
    for source in SOURCES:
        try:
            for change in source.read(past):
                assert past.holds(change.at)
        except CannotAsk:
            continue
