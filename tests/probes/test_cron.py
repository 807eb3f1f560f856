from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.probes.launchers import CRON_CHILD, CROND, DASH, member, ran, shell, world
from whence.model import CannotAsk, Confidence, Job, NotPermitted, ProcessRecord
from whence.probes.cron import cron
from whence.world import EPOCH, RecordedHost

CRONTAB = """\
# m h dom mon dow user command
SHELL=/bin/sh
17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly
"""
PROBE = "/opt/acme/probe --once"


def launched(
    *lineage: ProcessRecord, files: dict[str, str] | None = None
) -> list[tuple[str, str, Confidence]]:
    process, host = world(*lineage, files=files)
    return [(f.relation, str(f.value), f.confidence) for f in cron(process, host, host)]


def line(
    place: str, how_sure: Confidence = Confidence.CERTAIN
) -> list[tuple[str, str, Confidence]]:
    return [("started-by", place, how_sure)]


def test_a_line_of_the_system_crontab() -> None:
    job = shell("cd / && run-parts --report /etc/cron.hourly")
    assert launched(job, CRON_CHILD, CROND, files={"/etc/crontab": CRONTAB}) == line(
        "/etc/crontab:3"
    )


def test_the_job_says_when_for_whom_and_what() -> None:
    process, host = world(
        shell(PROBE), CRON_CHILD, files={"/etc/cron.d/acme": f"*/5 * * * * root {PROBE}\n"}
    )
    (fact,) = cron(process, host, host)
    assert fact.value == Job("here", "cron", "/etc/cron.d/acme", 1, "*/5 * * * *", PROBE, "root")


def test_both_the_process_and_the_line_are_cited() -> None:
    process, host = world(
        shell(PROBE), CRON_CHILD, files={"/etc/cron.d/acme": f"@hourly root {PROBE}\n"}
    )
    (fact,) = cron(process, host, host)
    assert [str(e) for e in fact.evidence][:2] == [
        "here:process 100@1000:1",
        "here:/etc/cron.d/acme:1",
    ]


@pytest.mark.parametrize(
    "crontab",
    ["/var/spool/cron/crontabs/root", "/var/spool/cron/root", "/etc/crontabs/root"],
)
def test_a_crontab_of_a_user(crontab: str) -> None:
    files = {crontab: f"MAILTO=alice\n\n@reboot {PROBE}\n"}
    assert launched(shell(PROBE), CRON_CHILD, files=files) == line(f"{crontab}:3")


def test_comments_and_conditions_belong_to_the_command() -> None:
    written = "# see the manual; [ -x /opt/acme/probe ] && /opt/acme/probe"
    files = {"/etc/cron.d/acme": f"0 * * * * root {written}\n"}
    assert launched(shell(written), CRON_CHILD, files=files) == line("/etc/cron.d/acme:1")


def test_what_follows_a_per_cent_sign_is_not_given_to_the_shell() -> None:
    files = {"/etc/cron.d/acme": r"0 * * * * root probe +\%Y%user%secret" + "\n"}
    assert launched(shell("probe +%Y"), CRON_CHILD, files=files) == line("/etc/cron.d/acme:1")


def test_passwords_are_hidden_on_both_sides() -> None:
    files = {"/etc/cron.d/acme": "0 * * * * root probe --password=[redacted] now\n"}
    job = shell("probe --password=hunter2 now")
    assert launched(job, CRON_CHILD, files=files) == line("/etc/cron.d/acme:1")


def test_a_shell_that_gave_way_to_its_only_command() -> None:
    job = member(
        ran(DASH, "/bin/sh", "-c", PROBE, file="/bin/sh"),
        ran("/opt/acme/probe", "/opt/acme/probe", "--once"),
    )
    files = {"/etc/cron.d/acme": f"0 * * * * root {PROBE}\n"}
    assert launched(job, CRON_CHILD, files=files) == line("/etc/cron.d/acme:1")


def test_a_shell_whose_start_nobody_saw() -> None:
    job = member(ran("/opt/acme/probe", "/opt/acme/probe", "--once"))
    files = {"/etc/cron.d/acme": f"0 * * * * root {PROBE}\n"}
    assert launched(job, CRON_CHILD, files=files) == line("/etc/cron.d/acme:1", Confidence.LIKELY)


def test_a_command_of_which_only_the_beginning_was_kept() -> None:
    long = "probe " + "x" * 900
    whole = ran(DASH, "/bin/sh", "-c", long)
    job = member(replace(whole, args=("/bin/sh", "-c", long[:500])))
    files = {"/etc/cron.d/acme": f"0 * * * * root {long}\n1 * * * * root probe y\n"}
    assert launched(job, CRON_CHILD, files=files) == line("/etc/cron.d/acme:1", Confidence.LIKELY)


def test_equal_lines_of_two_users() -> None:
    files = {
        "/etc/passwd": "root:x:0:0::/root:/bin/sh\nacme:x:990:990::/:/bin/sh\n",
        "/etc/cron.d/acme": f"0 * * * * root {PROBE}\n0 * * * * acme {PROBE}\n",
    }
    assert launched(shell(PROBE, uid=990), CRON_CHILD, files=files) == line("/etc/cron.d/acme:2")


def test_equal_lines_at_two_times() -> None:
    files = {"/etc/cron.d/acme": f"0 * * * * root {PROBE}\n30 * * * * root {PROBE}\n"}
    job = shell(PROBE, at=EPOCH + timedelta(minutes=30, seconds=1))
    assert launched(job, CRON_CHILD, files=files) == line("/etc/cron.d/acme:2", Confidence.LIKELY)


def test_equal_lines_that_nothing_tells_apart() -> None:
    files = {"/etc/cron.d/acme": f"0 * * * * root {PROBE}\n* * * * * root {PROBE}\n"}
    assert launched(shell(PROBE), CRON_CHILD, files=files) == [
        ("started-by", "/etc/cron.d/acme:1", Confidence.POSSIBLE),
        ("started-by", "/etc/cron.d/acme:2", Confidence.POSSIBLE),
    ]


def test_the_times_are_those_of_the_hosts_clock() -> None:
    files = {
        "link /etc/localtime": "/usr/share/zoneinfo/Asia/Kolkata",  # half an hour off
        "/etc/cron.d/acme": f"0 * * * * root {PROBE}\n30 * * * * root {PROBE}\n",
    }
    assert launched(shell(PROBE), CRON_CHILD, files=files) == line(
        "/etc/cron.d/acme:2", Confidence.LIKELY
    )


def test_a_line_that_has_been_changed_since_is_not_named() -> None:
    files = {"/etc/cron.d/acme": f"0 * * * * root {PROBE} --twice\n"}
    assert launched(shell(PROBE), CRON_CHILD, files=files) == [
        ("started-by", "cron", Confidence.LIKELY),
        ("job-unknown", "no line of a crontab holds its command any more", Confidence.UNKNOWN),
    ]


def test_a_crontab_that_we_may_not_read() -> None:
    process, host = world(shell(PROBE), CRON_CHILD)
    host = RecordedHost(
        answers=[
            ("process 100@1000", host.process(process)),
            ("list /var/spool/cron/crontabs", NotPermitted("may not read it")),
        ]
    )
    facts = [*cron(process, host, host)]
    assert str(facts[1].value) == "may not read /var/spool/cron/crontabs; run it as root"


def test_files_that_debians_cron_passes_over() -> None:
    files = {"/etc/cron.d/acme.dpkg-old": f"0 * * * * root {PROBE}\n"}
    assert launched(shell(PROBE), CRON_CHILD, files=files)[0][1] == "cron"


def test_files_that_red_hats_cron_reads() -> None:
    files = {"/usr/sbin/crond": "", "/etc/cron.d/acme.net": f"0 * * * * root {PROBE}\n"}
    crond = member(ran("/usr/sbin/crond", "/usr/sbin/crond", "-n"))
    assert launched(shell(PROBE), crond, files=files) == line("/etc/cron.d/acme.net:1")


def test_one_folder_under_two_names_is_one_line() -> None:
    text = f"0 * * * * {PROBE}\n"
    files = {"/var/spool/cron/crontabs/root": text, "/etc/crontabs/root": text}
    assert launched(shell(PROBE), CRON_CHILD, files=files) == line(
        "/var/spool/cron/crontabs/root:1"
    )


def test_the_mail_about_a_job_is_not_the_job() -> None:
    mailer = shell("/usr/sbin/sendmail -FCronDaemon -i -B8BITMIME -oem root")
    assert launched(mailer, CRON_CHILD, CROND)[1][1].startswith("it is no job")


def test_what_only_calls_itself_cron() -> None:
    files = {"/etc/cron.d/acme": f"0 * * * * root {PROBE}\n"}
    impostor = member(ran("/tmp/cron.sh", "/usr/sbin/cron", "-f"))
    assert not launched(shell(PROBE), impostor, files=files)


def test_cron_itself_is_no_job() -> None:
    assert not launched(CRON_CHILD, CROND)


def test_a_process_whose_parent_nobody_saw() -> None:
    assert not launched(shell(PROBE))


def test_a_cron_in_a_container_has_crontabs_of_its_own() -> None:
    crond = replace(CROND, mount_namespace=77)
    files = {
        "link /proc/self/ns/mnt": "mnt:[1]",
        "link /proc/99/ns/mnt": "mnt:[77]",
        "/etc/crontab": f"0 * * * * root {PROBE}\n",
        "/proc/99/root/etc/crontab": f"\n0 * * * * root {PROBE}\n",
    }
    assert launched(shell(PROBE), crond, files=files) == line("/etc/crontab:2")


def test_a_container_that_is_gone() -> None:
    crond = replace(CROND, mount_namespace=77, cgroup=f"/docker/{'a' * 64}")
    files = {"link /proc/self/ns/mnt": "mnt:[1]", "/etc/crontab": f"0 * * * * root {PROBE}\n"}
    with pytest.raises(CannotAsk, match="files of a container"):
        launched(shell(PROBE), crond, files=files)


def test_a_cron_whose_mount_namespace_only_its_living_self_tells() -> None:
    files = {
        "link /proc/self/ns/mnt": "mnt:[1]",
        "link /proc/99/ns/mnt": "mnt:[77]",
        "/proc/99/stat": "99 (cron) S" + " 0" * 18 + " 999 0",
        "/proc/99/root/etc/crontab": f"0 * * * * root {PROBE}\n",
    }
    assert launched(shell(PROBE), CROND, files=files) == line("/etc/crontab:1")


def test_a_pid_that_is_somebody_elses_now() -> None:
    files = {
        "link /proc/self/ns/mnt": "mnt:[1]",
        "link /proc/99/ns/mnt": "mnt:[77]",
        "/proc/99/stat": "99 (other) S" + " 0" * 18 + " 123456 0",
        "/etc/crontab": f"0 * * * * root {PROBE}\n",
    }
    assert launched(shell(PROBE), CROND, files=files) == line("/etc/crontab:1")


def test_a_container_that_left_only_its_shim() -> None:
    shim = member(ran("/usr/bin/containerd-shim-runc-v2", "containerd-shim-runc-v2"))
    files = {"link /proc/self/ns/mnt": "mnt:[1]", "/etc/crontab": f"0 * * * * root {PROBE}\n"}
    with pytest.raises(CannotAsk, match="files of a container"):
        launched(shell(PROBE), CROND, shim, files=files)


@pytest.mark.parametrize("args", [("/usr/sbin/crond", "-f"), ("busybox", "crond", "-f")])
def test_the_cron_of_busybox(args: tuple[str, ...]) -> None:
    job = member(ran("/bin/busybox", "/bin/sh", "-c", PROBE))
    files = {"/etc/crontabs/root": f"*/15 * * * * {PROBE}\n"}
    assert launched(job, member(ran("/bin/busybox", *args)), files=files) == line(
        "/etc/crontabs/root:1"
    )


def test_a_job_that_has_become_another_user_since() -> None:
    files = {
        "/etc/passwd": "root:x:0:0::/root:/bin/sh\n",
        "/etc/cron.d/acme": f"0 * * * * root {PROBE}\n",
    }
    assert launched(shell(PROBE, uid=990), CRON_CHILD, files=files) == line(
        "/etc/cron.d/acme:1", Confidence.LIKELY
    )
