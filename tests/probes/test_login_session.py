from __future__ import annotations

from dataclasses import replace

import pytest

from tests.probes.launchers import CROND, member, ran, shell, world
from whence.model import Confidence, Fact, ProcessRecord, Session
from whence.probes.login_session import login_session

BASH = member(ran("/usr/bin/bash", "-bash"))
SSHD = member(ran("/usr/sbin/sshd", "sshd: alice@pts/0"))
SCOPE = "/user.slice/user-1000.slice/session-3.scope"
KEPT = "UID=1000\nUSER=alice\nREMOTE_HOST=203.0.113.9\nTTY=pts/0\nSERVICE=sshd\n"
LOGIND = {"/run/systemd/sessions/3": KEPT}
PASSWD = {"/etc/passwd": "alice:x:1000:1000::/home/alice:/bin/sh\n"}
WTMP = """\
alice    pts/0        203.0.113.7      Thu Jan  1 00:30:00 2026 - Thu Jan  1 01:00:00 2026  (00:30)
alice    pts/1        203.0.113.8      Wed Dec 31 22:00:00 2025   still logged in
alice    pts/0        203.0.113.9      Wed Dec 31 21:00:00 2025 - Wed Dec 31 23:59:00 2025  (02:59)
reboot   system boot  0.0.0.0          Wed Dec 31 20:00:00 2025   still running

wtmp begins Wed Dec 31 20:00:00 2025
"""
ALICE = Session("here", "3", "alice", "pts/0", "203.0.113.9")


def facts(*lineage: ProcessRecord, files: dict[str, str] | None = None) -> list[Fact]:
    process, host = world(*lineage, files=files)
    return [*login_session(process, host, host)]


def inside(record: ProcessRecord) -> ProcessRecord:
    return replace(record, cgroup=SCOPE, login_id=1000, audit_session=3)


def test_a_session_that_logind_knows() -> None:
    (fact,) = facts(inside(BASH), inside(SSHD), files=LOGIND)
    assert (fact.value, fact.confidence) == (ALICE, Confidence.CERTAIN)


def test_a_session_that_has_ended_and_stands_in_wtmp() -> None:
    (fact,) = facts(inside(BASH), inside(SSHD), files={"last -F -i -w": WTMP})
    assert (fact.value, fact.confidence) == (ALICE, Confidence.LIKELY)


def test_a_session_of_which_the_audit_number_is_left() -> None:
    shell_of_alice = replace(BASH, login_id=1000, audit_session=7)
    (fact,) = facts(shell_of_alice, member(ran("/usr/bin/login", "login", "--")), files=PASSWD)
    assert fact.value == Session("here", "7", "alice")
    assert fact.confidence is Confidence.LIKELY


def test_a_title_of_sshd_alone_is_one_sign() -> None:
    (fact,) = facts(BASH, SSHD)
    assert fact.value == Session("here", "of pid 99", "alice", "pts/0")
    assert fact.confidence is Confidence.POSSIBLE


def test_what_outlived_the_session_it_was_started_in() -> None:
    tmux = inside(member(ran("/usr/bin/tmux", "tmux")))
    (fact,) = facts(tmux, member(ran("/usr/lib/systemd/systemd", "/sbin/init")), files=LOGIND)
    assert fact.value == ALICE


def test_what_the_shell_of_a_session_started() -> None:
    assert not facts(inside(member(ran("/usr/bin/curl", "curl"))), inside(BASH), files=LOGIND)


def test_the_login_program_itself() -> None:
    assert not facts(inside(SSHD), member(ran("/usr/sbin/sshd", "sshd: /usr/sbin/sshd")))


def test_a_job_of_cron_has_a_session_and_no_person() -> None:
    assert not facts(inside(shell("/opt/acme/probe")), CROND, files=LOGIND)
    of_cron = {"/run/systemd/sessions/3": "USER=root\nSERVICE=crond\n"}
    assert not facts(inside(shell("/opt/acme/probe")), files=of_cron)


@pytest.mark.parametrize("lineage", [(BASH,), (BASH, BASH)])
def test_a_process_without_a_login(lineage: tuple[ProcessRecord, ...]) -> None:
    assert not facts(*lineage)
