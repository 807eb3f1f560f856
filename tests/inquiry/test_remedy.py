"""What would stop it: the right thing, its undo, and no command that does anything else."""

from __future__ import annotations

import shlex
import sqlite3
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.inquiry.remedy import suggestions
from whence.model import (
    Confidence,
    Container,
    Fact,
    Flow,
    Ip,
    Job,
    Mac,
    Observable,
    Outlet,
    Package,
    Process,
    Program,
    Reading,
    Service,
    Session,
    Setting,
    SwitchPort,
    User,
)
from whence.model.observables import IMPORTED
from whence.model.suggestions import Invasive, Suggestion, typed
from whence.probes._wanted import STATIC
from whence.probes.needed_by import ESSENTIAL
from whence.world import EPOCH

EVIDENCE = Reading("test", "text", EPOCH, "here").whole()
FLOW = Flow("203.0.113.7", 443)
AGENT, SHELL, CRON = (Process("here", "boot", number, number) for number in (4242, 4241, 800))
SCRIPT = Program("here", "/usr/lib/acme/agent.py")
MAKER = [
    FLOW.fact("made-by", AGENT, EVIDENCE),
    AGENT.fact("runs-as", User("here", 1000, "anna"), EVIDENCE),
    AGENT.fact("executes", SCRIPT, EVIDENCE),
    AGENT.fact("still-runs", "2026-11-27 12:00:00 UTC", EVIDENCE),
    AGENT.fact("child-of", SHELL, EVIDENCE),
    SHELL.fact("child-of", CRON, EVIDENCE),
]


def told(*facts: Fact) -> tuple[Suggestion, ...]:
    return suggestions(FLOW, [*MAKER, *facts])


def started_by(value: Observable, *more: Fact) -> tuple[Suggestion, ...]:
    return told(SHELL.fact("started-by", value, EVIDENCE), *more)


def cron(source: str, line: int, command: str = "/usr/lib/acme/agent.py") -> Job:
    return Job("here", "cron", source, line, "17 * * * *", command, "root")


def lines(words: tuple[tuple[str, ...], ...]) -> list[str]:
    return [typed(one) for one in words]


def test_nobody_makes_it_and_nothing_is_suggested() -> None:
    assert suggestions(FLOW, []) == ()


def test_the_least_invasive_comes_first_and_the_filter_last() -> None:
    found = started_by(
        cron("/etc/cron.d/acme", 3),
        SCRIPT.fact("belongs-to", Package("dpkg", "acme-agent", "1.4"), EVIDENCE),
        FLOW.fact("configured-in", Setting("here", "/etc/acme.conf", 14), EVIDENCE),
    )
    assert [one.invasive for one in found] == [
        Invasive.CORRECTION, Invasive.ONE_JOB, Invasive.ONE_PROCESS, Invasive.PACKAGE,
        Invasive.BLOCK,
    ]  # fmt: skip
    assert all(one.evidence for one in found)


def test_the_line_of_a_crontab_is_commented_and_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "acme"
    before = "# of acme\nSHELL=/bin/sh\n17 * * * * root a\n18 * * * * root b\n"
    file.write_text(before)
    (first, *_) = started_by(cron(str(file), 3))
    for words in first.commands:
        subprocess.run(words, check=True)
    assert file.read_text() == before.replace("17 *", "#17 *")
    for words in first.undo:
        subprocess.run(words, check=True)
    assert file.read_text() == before


@pytest.mark.parametrize(
    ("kind", "commands"),
    [
        ("windows_netstat", ["taskkill /PID 4420"]),
        ("ss", []),
    ],
)
def test_what_is_imported_of_another_machine_has_no_commands_for_this_one(
    kind: str, commands: list[str]
) -> None:
    there = Process("PC1", f"{IMPORTED}904143b503", 4420, 1)
    line = f'{{"whence":{{"sensor":"{kind}","report":{{"said":"\\"sensor\\":\\"windows_\\""}}}}}}'
    told = Reading("connections", line, EPOCH, "here").cite(1, line)
    found = suggestions(
        FLOW,
        [
            FLOW.fact("made-by", there, told),
            there.fact("runs", Program("PC1", "/usr/bin/inv"), told),
            there.fact("started-by", cron("/etc/cron.d/acme", 3), told),
            Program("PC1", "/usr/bin/inv").fact("belongs-to", Package("dpkg", "inv", "1"), told),
        ],
    )
    assert [one.invasive for one in found] == [Invasive.ONE_PROCESS, Invasive.BLOCK]
    assert all("on PC1" in one.text for one in found)
    end, block = found
    assert lines(end.commands) == commands
    assert (block.commands, block.undo) == ((), ())


def test_a_users_crontab_is_edited_by_crontab() -> None:
    (first, *_) = started_by(cron("/var/spool/cron/crontabs/anna", 2))
    assert lines(first.commands) == ["crontab -u anna -e"]
    assert "17 * * * * /usr/lib/acme/agent.py" in first.text


def test_a_script_of_cron_daily_is_not_to_be_run() -> None:
    job = Job("here", "cron", "/etc/cron.daily/acme", 0, "25 6 * * *", "run-parts /etc/cron.daily")
    (first, *_) = started_by(job, job.fact("belongs-to", Package("dpkg", "acme", "1"), EVIDENCE))
    assert lines(first.commands) == ["chmod a-x /etc/cron.daily/acme"]
    assert lines(first.undo) == ["chmod a+x /etc/cron.daily/acme"]
    assert "An upgrade of acme 1 (dpkg) may give it back" in first.text


def test_a_line_of_anacron_that_goes_on_in_the_next_is_left_to_an_editor() -> None:
    job = Job("here", "anacron", "/etc/anacrontab", 9, "1", "a  b")
    whole = Reading("/etc/anacrontab", "", EPOCH, "here")
    goes_on = SHELL.fact("started-by", job, whole.cite(9, "1 5 x a \\"))
    assert lines(told(goes_on)[0].commands) == []
    one = SHELL.fact("started-by", job, whole.cite(9, "1 5 x a  b"))
    assert lines(told(one)[0].commands) == ["sed -i --follow-symlinks '9s/^/#/' /etc/anacrontab"]


def test_what_is_still_started_comes_before_what_has_lost_its_line() -> None:
    """As where the first of two jobs is a comment already, and its traffic goes on."""
    other, parent, daemon = (Process("here", "boot", pid, pid) for pid in (5252, 5251, 5250))
    gone, runs = (
        Job("here", "run-parts", f"/etc/cron.{one}/acme", 0, "", "") for one in ("daily", "weekly")
    )
    first, *_, last = [
        line
        for one in started_by(
            gone,
            CRON.fact("job-unknown", "no line holds its command", EVIDENCE),
            FLOW.fact("made-by", other, EVIDENCE),
            other.fact("child-of", parent, EVIDENCE),
            parent.fact("child-of", daemon, EVIDENCE),
            parent.fact("started-by", runs, EVIDENCE),
        )
        for line in lines(one.commands)
        if "a-x" in line
    ]
    assert first == "chmod a-x /etc/cron.weekly/acme"
    assert last == "chmod a-x /etc/cron.daily/acme"


UNIT = Service("here", "systemd", "acme.service")
PART = AGENT.fact("part-of", UNIT, EVIDENCE)


def timer(source: str) -> Job:
    return Job("here", "systemd", source, 5, "OnCalendar=hourly", "/usr/lib/acme/agent.py")


@pytest.mark.parametrize(
    "source",
    ["/usr/lib/systemd/system/acme.timer", "/etc/systemd/system/acme.timer.d/often.conf"],
)
def test_a_timer_is_disabled_wherever_its_time_is_written(source: str) -> None:
    first, second, *_ = told(PART, UNIT.fact("triggered-by", timer(source), EVIDENCE))
    assert lines(first.commands) == ["systemctl disable --now -- acme.timer"]
    assert lines(first.undo) == ["systemctl enable --now -- acme.timer"]
    assert lines(second.commands) == ["systemctl disable --now -- acme.service"]
    assert "triggers it must be stopped, too" in second.text


def test_what_nothing_enables_is_masked() -> None:
    (first, *_) = told(PART, UNIT.fact("wanted-by", STATIC, EVIDENCE))
    assert lines(first.commands) == ["systemctl mask --now -- acme.service"]
    assert lines(first.undo) == [
        "systemctl unmask -- acme.service",
        "systemctl start -- acme.service",
    ]


def test_a_users_own_unit_is_asked_of_that_users_systemd() -> None:
    unit = Service("here", "systemd --user of uid 1000", "sync.service")
    (first, *_) = told(AGENT.fact("part-of", unit, EVIDENCE))
    assert lines(first.commands) == [
        "systemctl --user --machine=1000@.host disable --now -- sync.service"
    ]


@pytest.mark.parametrize("name", ["cron.service", "ssh.service", "user@1000.service"])
def test_units_that_others_live_by_are_not_stopped(name: str) -> None:
    found = told(AGENT.fact("part-of", Service("here", "systemd", name), EVIDENCE))
    assert {one.invasive for one in found} == {Invasive.ONE_PROCESS, Invasive.BLOCK}
    assert "skuid" in lines(found[-1].commands)[-1]


def test_what_else_would_stop_is_said() -> None:
    (first, *_) = told(
        PART,
        *(AGENT.fact("talks-to", Flow(f"192.0.2.{n}", 5432), EVIDENCE) for n in range(1, 6)),
        AGENT.fact("talks-to", Flow("203.0.113.7", 443, transport="tcp"), EVIDENCE),
        AGENT.fact("shares-unit-with", "worker (pid 7)", EVIDENCE),
        UNIT.fact("described-as", "Payroll", EVIDENCE),
    )
    assert first.breaks == (
        "all that acme.service is for",
        "it describes itself as “Payroll”",
        "in the same unit: worker (pid 7)",
        "5 other connections of pid 4242: 192.0.2.1:5432, 192.0.2.2:5432, 192.0.2.3:5432 "
        "and 2 more",
    )


def test_a_unit_is_what_the_filter_refuses_where_there_is_one() -> None:
    rule = lines(told(PART)[-1].commands)[-1]
    assert rule == (
        "nft add rule inet stopped_by_hand output ip daddr 203.0.113.7 meta l4proto "
        "'{ tcp, udp }' th dport 443 socket cgroupv2 level 2 "
        "'\"system.slice/acme.service\"' counter reject"
    )


def test_an_at_job_is_kept_before_it_is_taken_away() -> None:
    job = Job("here", "at", "/var/spool/cron/atjobs/a0001101c5b6f8", 4, "once at …", "run it")
    (first, *_) = started_by(job)
    assert lines(first.commands) == [
        "cp -p /var/spool/cron/atjobs/a0001101c5b6f8 /var/tmp/at-job-17",
        "atrm 17",
    ]


def test_other_service_managers_have_their_own_words() -> None:
    words = {
        "supervisord": "supervisorctl stop web",
        "runit": "sv down web",
        "OpenRC": "rc-service web stop",
        "pm2": "pm2 stop web",
    }
    for manager, stop in words.items():
        assert lines(started_by(Service("here", manager, "web"))[0].commands) == [stop]


def test_a_container_is_kept_from_being_started_again() -> None:
    box = Container("here", "docker", "c0ffee" * 10 + "beef")
    (first, *_) = told(AGENT.fact("inside", box, EVIDENCE))
    assert [words[:2] for words in first.commands] == [
        ("docker", "inspect"), ("docker", "update"), ("docker", "stop"),
    ]  # fmt: skip
    assert lines(first.undo) == [f"docker start {box.identifier}"]
    pod = box.fact("part-of", "Kubernetes pod 1", EVIDENCE)
    (first, *_) = told(AGENT.fact("inside", box, EVIDENCE), pod)
    assert first.commands == ()


def test_a_session_is_a_person_to_ask() -> None:
    (first, *_) = started_by(Session("here", "3", "anna", "pts/1", "192.0.2.9"))
    assert first.invasive is Invasive.ONE_PROCESS
    assert "session 3 of anna on pts/1 from 192.0.2.9 started it: ask who that is" in first.text
    assert lines(first.commands)[1] == "kill -TERM 4242"


def test_of_what_is_over_the_loop_that_started_it_is_ended() -> None:
    over = [fact for fact in MAKER if fact.relation != "still-runs"]
    runs = CRON.fact("still-runs", "2026-11-27 12:00:00 UTC", EVIDENCE)
    (first, *_) = suggestions(FLOW, [*over, runs])
    assert first.text.startswith("End pid 800, which started what made it, after a look")
    assert lines(first.commands) == ["ps -o pid,lstart,args -p 800", "kill -TERM 800"]
    session = SHELL.fact("started-by", Session("here", "3", "anna", "pts/1", "192.0.2.9"), EVIDENCE)
    (first, *_) = suggestions(FLOW, [*over, runs, session])
    assert first.text.startswith("End pid 800, which started what made it")
    assert "session 3 of anna" in first.text
    started = SHELL.fact("started-by", cron("/etc/crontab", 3), EVIDENCE)
    every = suggestions(FLOW, [*over, runs, started])
    assert Invasive.ONE_PROCESS not in {one.invasive for one in every}


def test_what_is_over_is_not_to_be_ended() -> None:
    over = [fact for fact in MAKER if fact.relation != "still-runs"]
    every = suggestions(FLOW, [*over, SHELL.fact("started-by", cron("/etc/crontab", 3), EVIDENCE)])
    assert Invasive.ONE_JOB in {one.invasive for one in every}
    assert Invasive.ONE_PROCESS not in {one.invasive for one in every}


def test_the_package_names_what_needs_it_and_its_version_to_come_back() -> None:
    package = Package("dpkg", "acme-agent", "1:1.4-2")
    owned = SCRIPT.fact("belongs-to", package, EVIDENCE)
    needed = package.fact("needed-by", "acme-suite", EVIDENCE)
    (found,) = (one for one in told(owned, needed) if one.invasive is Invasive.PACKAGE)
    assert lines(found.commands) == ["apt-get remove acme-agent"]
    assert lines(found.undo) == ["apt-get install acme-agent=1:1.4-2"]
    assert found.breaks[1] == "what needs it, and goes with it: acme-suite"


def test_what_the_system_needs_is_not_removed() -> None:
    package = Package("dpkg", "bash", "5")
    owned = SCRIPT.fact("belongs-to", package, EVIDENCE)
    found = told(owned, package.fact("needed-by", ESSENTIAL, EVIDENCE))
    assert Invasive.PACKAGE not in {one.invasive for one in found}


def test_a_file_of_the_desktop_is_moved_where_it_is_not_read() -> None:
    path = "/home/anna/.config/autostart/sync.desktop"
    (first, *_) = started_by(Job("here", "autostart", path, 4, "at the login", "sync"))
    assert lines(first.commands) == [f"mv -n {path} {path}.off"]
    assert lines(first.undo) == [f"mv -n {path}.off {path}"]


def configured(place: str, line: int, part: str, says: str, form: str = "dotted") -> list[Fact]:
    setting = Setting("here", place, line, part, "of the package")
    return [
        FLOW.fact("configured-in", setting, EVIDENCE, confidence=Confidence.LIKELY),
        setting.fact("says", says, EVIDENCE),
        setting.fact("written-as", f"{form}, {says}", EVIDENCE),
    ]


def test_a_line_of_a_file_is_kept_and_edited() -> None:
    (first, *_) = told(*configured("/etc/acme/agent.conf", 14, "", "target = 203.0.113.7"))
    assert lines(first.commands) == [
        "cp -p /etc/acme/agent.conf /var/tmp/before-the-change-etc-acme-agent.conf-14",
        "vi +14 /etc/acme/agent.conf",
    ]
    assert "“target = 203.0.113.7”" in first.text
    assert first.confidence is Confidence.LIKELY


def test_a_second_correction_of_a_file_leaves_the_copy_of_the_first() -> None:
    """Two addresses of a program often stand in one file, each in a case of its own."""
    copies = {
        told(*configured("/etc/acme/agent.conf", line, "", "target = 203.0.113.7"))[0].commands[0]
        for line in (14, 15)
    }
    assert len(copies) == 2


NAMES = st.text(min_size=1, max_size=12).filter(lambda text: "," not in text and "\0" not in text)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(["device", 'a"b', "x; DROP TABLE t", "ä'ö", "--"]),
       st.sampled_from(["ip", 'c"', "select", "a'b"]), st.integers(1, 9))  # fmt: skip
def test_the_statement_changes_the_one_cell_and_its_undo_changes_it_back(
    table: str, column: str, row: int
) -> None:
    database = sqlite3.connect(":memory:")
    name, head = (f'"{word}"'.replace(word, word.replace('"', '""')) for word in (table, column))
    database.execute(f"CREATE TABLE {name} ({head} TEXT, other TEXT)")
    rows = [("203.0.113.7", "x") for _ in range(9)]
    database.executemany(f"INSERT INTO {name} VALUES (?, ?)", rows)
    part = f"table {table}, column {column}, row {row}"
    (first, *_) = told(*configured("/var/lib/acme/db.sqlite", 0, part, "203.0.113.7"))
    ((tool, path, change),), ((_, _, back),) = first.commands, first.undo
    assert (tool, path) == ("sqlite3", "/var/lib/acme/db.sqlite")
    database.execute(change)
    now = database.execute(f"SELECT rowid FROM {name} WHERE {head} = 'NEW-ADDRESS'").fetchall()
    assert now == [(row,)]
    database.execute(back)
    assert database.execute(f"SELECT {head}, other FROM {name}").fetchall() == rows


@pytest.mark.parametrize("says", ["…203.0.113.7…", "password=[redacted] host=203.0.113.7"])
def test_a_value_that_was_not_kept_whole_is_not_written_back(says: str) -> None:
    (first, *_) = told(*configured("/a.db", 0, "table t, column c, row 3", says))
    assert first.commands == first.undo == ()
    assert "look at it first" in first.text


def test_rows_of_servers_go_by_their_own_clients() -> None:
    part = "table public.device, column ip, row (0,3)"
    (first, *_) = told(*configured("postgresql://db1:5432/inventory", 0, part, "203.0.113.7"))
    assert lines(first.commands) == [
        "psql --host=db1 --port=5432 --dbname=inventory --command "
        r""""UPDATE \"public\".\"device\" SET \"ip\" = 'NEW-ADDRESS' """
        r'''WHERE \"ip\" = '203.0.113.7'"'''
    ]
    part = "table shop.device, column ip"
    (first, *_) = told(*configured("mysql:///run/mysqld/mysqld.sock/shop", 0, part, "203.0.113.7"))
    assert first.commands[0][:2] == ("mysql", "--socket=/run/mysqld/mysqld.sock")
    (first, *_) = told(*configured("mysql://db:3306/shop", 0, f"{part}, row id=7", "203.0.113.7"))
    assert "WHERE `id` = 7 AND `ip` = '203.0.113.7'" in first.commands[0][-1]


def test_a_machine_elsewhere_is_unplugged_or_its_port_shut() -> None:
    mac, port = Mac("00:00:5e:00:53:07"), SwitchPort("sw3", "Gi1/0/7")
    facts = [
        mac.fact("plugged-in-at", port, EVIDENCE),
        port.fact("wired-to", Outlet("2.14-B", "2.14"), EVIDENCE),
        port.fact("has-behind", "a phone and 1 machine", EVIDENCE),
    ]
    shut, unplug = suggestions(mac, facts, {"sw3": "cisco_ios"})
    assert "Unplug what is in outlet 2.14-B in 2.14" in unplug.text
    assert lines(shut.commands) == [
        "configure terminal", "interface Gi1/0/7", "shutdown", "end",
    ]  # fmt: skip
    assert "a phone and 1 machine" in shut.breaks[0]
    assert suggestions(Ip("192.0.2.7"), facts)[0].commands == ()
    alone = [facts[0], port.fact("has-behind", "no other address is learned there", EVIDENCE)]
    assert suggestions(mac, alone)[0].breaks[0].startswith("nothing else that is known: no other")


ANY = st.text(max_size=20) | st.sampled_from(
    ["a; rm -rf /", "$(reboot)", "`id`", "x\nreboot", "-rf", "--help", "'", '"', "\u202egpj", "~",
     "{}", "a b", "*", "\\"]
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(ANY, ANY, ANY)
def test_hostile_names_give_the_very_words_to_a_shell_or_no_command(
    one: str, two: str, three: str
) -> None:
    path = f"/srv/{one}"
    facts = [
        *(SHELL.fact("started-by", thing, EVIDENCE) for thing in (
            cron(path, 3, two), cron(f"/var/spool/cron/crontabs/{two}", 3),
            Job("here", "run-parts", path, 0, "", two),
            Job("here", "at", path, 0, one, two), Job("here", "autostart", path, 1, two, three),
            Service("here", "systemd", f"{one}.service"), Service("here", "supervisord", one),
            Service("here", "OpenRC", two), Service("here", "pm2", three),
        )),
        UNIT.fact("triggered-by", timer(f"/etc/{two}.timer"), EVIDENCE),
        SHELL.fact("started-by", UNIT, EVIDENCE),
        AGENT.fact("inside", Container("here", "lxc", three), EVIDENCE),
        SCRIPT.fact("belongs-to", Package("dpkg", one, two), EVIDENCE),
        *configured(path, 7, "", two),
        *configured(path, 0, f"table {one}, column {two}, row 4", three),
        *configured(f"postgresql://{one}/{two}", 0, f"table a.{two}, column {one}", three),
        *configured(f"mysql://{one}/{two}", 0, f"table a.{two}, column {one}", three),
        FLOW.fact("plugged-in-at", SwitchPort(one, two), EVIDENCE),
    ]  # fmt: skip
    found = suggestions(FLOW, [*MAKER, *facts], {one: "juniper_junos"})
    every = [words for each in found for words in (*each.commands, *each.undo)]
    assert every
    for words in every:
        line = typed(words)
        assert line.isprintable()
        assert tuple(shlex.split(line)) == words
        assert words[0] in PROGRAMS
        if words[0] in ("chmod", "mv", "cp", "vi", "sed", "sqlite3"):
            assert words[-1].startswith("/") or words[0] == "sqlite3"


PROGRAMS = {
    "sed", "crontab", "chmod", "cp", "mv", "vi", "atrm", "at", "systemctl", "supervisorctl",
    "rc-service", "pm2", "lxc-stop", "lxc-start", "apt-get", "sqlite3", "psql", "mysql", "ps",
    "kill", "nft", "configure", "set", "delete", "commit", "exit",
}  # fmt: skip


def test_a_real_shell_takes_the_words_as_they_are() -> None:
    hostile = '/srv/it\'s; touch /tmp/x $(id) `id` "q" * ~ {a,b} \\ ä'
    (first, *_) = started_by(Job("here", "run-parts", hostile, 0, "", ""))
    line = " ".join(("printf", "'%s\\0'", *[typed(first.commands[0])]))
    answer = subprocess.run(["sh", "-c", line], capture_output=True, check=True)
    assert tuple(answer.stdout.decode().split("\0")[:-1]) == first.commands[0]


def test_a_wide_range_in_somebody_elses_file_is_no_line_to_put_right() -> None:
    setting = Setting("here", "/etc/dhcp/dhclient-exit-hooks.d/routes", 6)
    facts = [
        FLOW.fact("configured-in", setting, EVIDENCE, confidence=Confidence.POSSIBLE),
        setting.fact("written-as", "range, 10.0.0.0/8", EVIDENCE),
    ]
    found = started_by(cron("/etc/cron.d/acme", 3), *facts)
    assert Invasive.CORRECTION not in {one.invasive for one in found}


@pytest.mark.parametrize(("line", "part"), [(40, ""), (0, "table hosts, column ip, row 1")])
@pytest.mark.parametrize(
    ("written", "is_told"),
    [
        ("203.0.113.0/24", True),
        ("203.0.0.0/16", True),
        ("203.0.0.0/15", False),
        ("203.0-255.113.*", True),
        ("202-204.0-255.113.*", False),
        ("203.*", False),
        ("a range that was redacted", False),
    ],
)
def test_a_range_of_more_than_a_16_is_no_reason_for_one_address(
    line: int, part: str, written: str, is_told: bool
) -> None:
    facts = configured("/opt/acme/agent", line, part, written, "range")
    found = started_by(cron("/etc/cron.d/acme", 3), *facts)
    assert (Invasive.CORRECTION in {one.invasive for one in found}) is is_told
