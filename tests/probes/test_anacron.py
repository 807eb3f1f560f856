from __future__ import annotations

from tests.probes.launchers import forked, member, ran, shell, world
from whence.model import Confidence, Job, ProcessRecord
from whence.probes.anacron import anacron

DAILY = "run-parts --report /etc/cron.daily"
ANACRONTAB = f"""\
SHELL=/bin/sh
# period delay name command
1\t5\tcron.daily\t{DAILY}
@monthly 15 acme.licence /opt/acme/renew \\
  --quiet
"""
ANACRON = member(ran("/usr/sbin/anacron", "anacron", "-s"))
CHILD = forked(ANACRON)


def launched(
    *lineage: ProcessRecord, path: str = "/etc/anacrontab", text: str = ANACRONTAB
) -> list[tuple[str, str, Confidence]]:
    process, host = world(*lineage, files={path: text} if text else {})
    return [(f.relation, str(f.value), f.confidence) for f in anacron(process, host, host)]


def test_a_line_of_the_anacrontab() -> None:
    process, host = world(shell(DAILY), CHILD, files={"/etc/anacrontab": ANACRONTAB})
    (fact,) = anacron(process, host, host)
    assert fact.value == Job("here", "anacron", "/etc/anacrontab", 3, "period 1, delay 5", DAILY)


def test_a_line_that_goes_on_in_the_next() -> None:
    job = shell("/opt/acme/renew    --quiet")
    assert launched(job, CHILD) == [("started-by", "/etc/anacrontab:4", Confidence.CERTAIN)]


def test_an_anacrontab_of_ones_own() -> None:
    own = member(ran("/usr/sbin/anacron", "anacron", "-t", "my/tab", directory="/home/alice"))
    assert launched(shell(DAILY), own, path="/home/alice/my/tab") == [
        ("started-by", "/home/alice/my/tab:3", Confidence.CERTAIN)
    ]


def test_two_lines_with_the_same_command() -> None:
    text = f"1 5 first {DAILY}\n7 5 second {DAILY}\n"
    assert launched(shell(DAILY), CHILD, text=text) == [
        ("started-by", "/etc/anacrontab:1", Confidence.POSSIBLE),
        ("started-by", "/etc/anacrontab:2", Confidence.POSSIBLE),
    ]


def test_an_anacrontab_that_is_gone() -> None:
    assert launched(shell(DAILY), CHILD, text="") == [
        ("started-by", "anacron", Confidence.LIKELY),
        ("job-unknown", "/etc/anacrontab is not there", Confidence.UNKNOWN),
    ]


def test_anacron_itself_is_no_job() -> None:
    assert not launched(CHILD, ANACRON)


def test_a_command_that_was_over_before_it_could_be_read() -> None:
    assert launched(member(ran("/usr/bin/dash")), CHILD) == [
        ("started-by", "anacron", Confidence.LIKELY),
        ("job-unknown", "it was over before its command could be read", Confidence.UNKNOWN),
    ]
