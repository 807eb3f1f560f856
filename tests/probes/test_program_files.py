"""What is asked of the file of a program, of recordings."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from tests.probes.telling import pid, status
from tests.probes.test_dpkg_package import STATUS, owned, package, search
from whence.model import CannotAsk, Confidence, Fact, Program, Service
from whence.model.program_contents import Said, encode_said
from whence.probes.clamd_verdict import clamd_verdict
from whence.probes.deleted_file import deleted_file
from whence.probes.desktop_entry import desktop_entry
from whence.probes.diverted import diverted
from whence.probes.documentation import documentation
from whence.probes.dpkg_sum import dpkg_sum
from whence.probes.file_changed import file_changed
from whence.probes.file_contents import file_contents
from whence.probes.file_sum import file_sum
from whence.probes.help_text import help_text
from whence.probes.known_file import known_file
from whence.probes.man_page import man_page
from whence.probes.may_be_changed import may_be_changed
from whence.probes.names_in_file import names_in_file
from whence.probes.pip_sum import pip_sum
from whence.probes.preloaded_for_all import preloaded_for_all
from whence.probes.preloads import preloads
from whence.probes.rpm_sum import rpm_sum
from whence.probes.still_runs import still_runs
from whence.probes.unit_of_program import unit_of_program
from whence.probes.yara_match import yara_match
from whence.world import EPOCH, RecordedHost

PATH = "/opt/app/run"
RUN = Program("here", PATH)
MD5, SHA256 = "0" * 32, "ab" * 32
SUMS = {f"sums {PATH}": json.dumps({"size": 1234, "md5": MD5, "sha256": SHA256})}
OWNED = {**STATUS, **package("app"), search(PATH): owned(PATH, "app"), PATH: ""}
INFO = "/var/lib/dpkg/info/app"


def said(facts: list[Fact]) -> list[str]:
    return [f"{fact.relation} {fact.value}" for fact in facts]


def dpkg(texts: dict[str, str]) -> list[Fact]:
    host = RecordedHost(OWNED | SUMS | texts)
    return [*dpkg_sum(RUN, host, host)]


def test_a_file_that_has_the_sum_of_its_package_and_both_lines_that_say_so() -> None:
    (fact,) = dpkg({f"{INFO}.md5sums": f"{'1' * 32}  opt/app/other\n{MD5}  opt/app/run\n"})
    assert said([fact]) == ["agrees-with-package MD5 of app"]
    assert [one.source for one in fact.evidence][::2] == [f"{INFO}.md5sums", f"sums {PATH}"]


def test_a_file_that_was_changed_since() -> None:
    (fact,) = dpkg({f"{INFO}.md5sums": f"{'1' * 32}  opt/app/run\n"})
    assert said([fact]) == [f"differs-from-package app has the MD5 {'1' * 32}, and the file {MD5}"]


def test_a_file_of_a_package_without_sums_is_said_not_to_be_compared() -> None:
    with pytest.raises(CannotAsk) as refused:
        dpkg({})
    assert refused.value.because == "the package app keeps no sum of it"


def test_a_setting_that_was_changed_is_no_alarm() -> None:
    path = "/etc/app.conf"
    host = RecordedHost(
        STATUS
        | {search(path): owned(path, "app"), f"{INFO}.md5sums": "",
           "dpkg-query -W -f=${Conffiles}\\n app": f"\n {path} {'1' * 32}\n",
           f"sums {path}": SUMS[f"sums {PATH}"]}
    )  # fmt: skip
    (fact,) = dpkg_sum(Program("here", path), host, host)
    assert fact.relation == "changed-as-a-setting"


FORMAT = (
    "--queryformat=[%{=NAME}\\t%{=FILEDIGESTALGO}\\t"
    "%{FILEDIGESTS}\\t%{FILEFLAGS}\\t%{FILENAMES}\\n]"
)
RPM = {"list /var/lib/rpm": "rpmdb.sqlite\n", f"readlink -f {PATH}": PATH}


@pytest.mark.parametrize(
    ("line", "relation"),
    [
        (f"poll\t8\t{SHA256}\t0\t{PATH}", "agrees-with-package"),
        (f"poll\t1\t{MD5}\t0\t{PATH}", "agrees-with-package"),
        (f"poll\t8\t{'1' * 64}\t0\t{PATH}", "differs-from-package"),
        (f"poll\t8\t{'1' * 64}\t1\t{PATH}", "changed-as-a-setting"),
    ],
)
def test_a_file_that_rpm_brought(line: str, relation: str) -> None:
    listed = f"poll\t8\t{'9' * 64}\t0\t/opt/app/other\n{line}\n"
    host = RecordedHost(RPM | SUMS | {f"rpm -qf {FORMAT} {PATH}": listed})
    assert [fact.relation for fact in rpm_sum(RUN, host, host)] == [relation]


@pytest.mark.parametrize("content", ["one", "another"])
def test_a_file_that_pip_brought(content: str) -> None:
    root = "/opt/app/lib/python3.11/site-packages"
    coded = base64.urlsafe_b64encode(hashlib.sha256(b"one").digest()).decode().rstrip("=")
    found = json.dumps({"sha256": hashlib.sha256(content.encode()).hexdigest()})
    host = RecordedHost(
        {f"{root}/poll-1.dist-info/RECORD": f"poll.py,sha256={coded},3\n",
         f"sums {root}/poll.py": found}
    )  # fmt: skip
    (fact,) = pip_sum(Program("here", f"{root}/poll.py"), host, host)
    assert (fact.relation == "agrees-with-package") == (content == "one")


def test_a_program_in_place_of_another_package_s() -> None:
    texts = {**STATUS, "/var/lib/dpkg/diversions": f"{PATH}\n{PATH}.real\n:\n"}
    assert said([*diverted(RUN, RecordedHost(texts))]) == [
        f"stands-in-place-of a package's file, which was moved to {PATH}.real by hand, "
        "dpkg-divert(1)"
    ]
    moved = Program("here", f"{PATH}.real")
    assert not [*diverted(moved, RecordedHost(texts))]


def test_the_sum_and_the_rights_that_a_file_carries() -> None:
    told = {"size": 1234, "sha256": SHA256, "capabilities": "cap_net_raw"}
    host = RecordedHost({f"sums {PATH}": json.dumps(told)})
    assert said([*file_sum(RUN, host, host)]) == [
        f"has-sum SHA-256 {SHA256} (1,234 bytes)",
        "runs-with-rights-of cap_net_raw, whoever starts it",
    ]


MAN = r""".\" a comment
.TH POLL 1
.SH "NAME"
poll, \fBpollctl\fP \- asks \(aqthings\(aq over and over
.SH SYNOPSIS
"""


@pytest.mark.parametrize(
    ("page", "purpose"),
    [
        (MAN, "asks 'things' over and over"),
        (".Sh NAME\n.Nm poll\n.Nd asks things over and over\n.Sh SYNOPSIS\n",
         "asks things over and over"),
        (".SH NAME\n.B poll\n\\(em asks much\n", "asks much"),
    ],
)  # fmt: skip
def test_what_a_manual_page_says(page: str, purpose: str) -> None:
    host = RecordedHost({"/usr/share/man/man8/poll.8.gz": page})
    facts = [*man_page(Program("here", "/usr/sbin/poll"), host)]
    assert said(facts)[0] == f"is-for {purpose}"
    assert said(facts)[1] == "documented-in /usr/share/man/man8/poll.8.gz"


def test_a_page_that_leads_to_another() -> None:
    there = {"/usr/share/man/man1/p.1": ".so man1/poll.1\n", "/usr/share/man/man1/poll.1.gz": MAN}
    assert [*man_page(Program("here", "/usr/bin/p"), RecordedHost(there))]


@pytest.mark.parametrize("path", ["/tmp/poll", "/home/ada/bin/poll", "/usr/lib/x/poll"])
def test_another_program_of_the_same_name_is_not_what_the_manual_means(path: str) -> None:
    host = RecordedHost({"/usr/share/man/man1/poll.1.gz": MAN})
    assert not [*man_page(Program("here", path), host)]


@pytest.mark.parametrize("page", ["", ".SH NAME\n", ".SH NAME\nnothing\n", "\\f\\", "\0" * 50])
def test_a_page_that_says_nothing(page: str) -> None:
    host = RecordedHost({"/usr/share/man/man1/poll.1.gz": page})
    assert not [*man_page(Program("here", "/usr/bin/poll"), host)]


LIST = f"""/usr/share/doc/app
/usr/share/doc/app/README
/usr/share/doc/app/copyright
/usr/share/applications/app.desktop
/lib/systemd/system/app.service
{PATH}
"""


def test_what_its_package_brought_to_read_to_click_on_and_to_start_it_by() -> None:
    unit = f"[Service]\nExecStart=-{PATH} --serve\n"
    entry = f"[Desktop Entry]\nName=App\nComment=Polls things\nExec={PATH} %u\n[X]\nExec=no\n"
    host = RecordedHost(
        OWNED
        | {f"{INFO}.list": LIST, "/usr/share/applications/app.desktop": entry,
           "/lib/systemd/system/app.service": unit}
    )  # fmt: skip
    assert said([*documentation(RUN, host)]) == ["documented-in /usr/share/doc/app/README"]
    assert said([*desktop_entry(RUN, host)]) == ["in-menus-as Polls things"]
    (started,) = unit_of_program(RUN, host)
    assert started.value == Service("here", "systemd", "app.service")


ROWS = [
    Said("kind", "a Python program"), Said("imports", "socket", 2), Said("imports", "ssl", 3),
    Said("host", "a.example.org", 4, within="sync"),
    Said("host", "b.example.org", 5, sure="possible"),
    Said("left-out", "3 more that it says"),
]  # fmt: skip


def test_what_stands_in_a_file_with_the_line_that_says_so() -> None:
    host = RecordedHost({f"contents of {PATH}": encode_said(ROWS)})
    facts = [*file_contents(RUN, host, host)]
    assert said(facts) == [
        "is-a a Python program",
        "imports socket, ssl",
        "names-host a.example.org (line 4 in sync)",
        "names-host b.example.org (line 5)",
        "not-looked-into 3 more that it says",
    ]
    assert facts[3].confidence is Confidence.POSSIBLE
    assert facts[2].evidence[0].line == 4


def test_many_hosts_are_counted() -> None:
    rows = [Said("host", f"h{number}.example.org", number + 1) for number in range(50)]
    host = RecordedHost({f"names in {PATH}": encode_said(rows)})
    facts = [*names_in_file(RUN, host, host)]
    assert (len(facts), facts[-1].value) == (41, "10 more")


def test_of_an_interpreter_no_names_are_looked_for() -> None:
    assert not [*names_in_file(Program("here", "/usr/bin/python3"), RecordedHost(), RecordedHost())]


def test_what_scanners_and_rules_say_is_reported_and_never_more() -> None:
    match = {"rule": "R", "said": {"description": "d"}, "at": [["$a", 16]]}
    texts = {
        f"scan of {PATH}": "Some.Name FOUND\nClamAV 1.4\n",
        f"rules on {PATH}": json.dumps(match) + "\n",
    }
    host = RecordedHost(texts)
    facts = [*clamd_verdict(RUN, host, host), *yara_match(RUN, host, host)]
    assert said(facts) == [
        "known-as-malware ClamAV 1.4: it is known as Some.Name",
        "matches-rule R — d — $a at byte 0x10",
    ]
    assert {fact.confidence for fact in facts} == {Confidence.REPORTED}
    quiet = RecordedHost({f"scan of {PATH}": "OK\nClamAV 1.4\n", f"rules on {PATH}": ""})
    assert said([*clamd_verdict(RUN, quiet, quiet), *yara_match(RUN, quiet, quiet)]) == [
        "scanned-by ClamAV 1.4: none of its signatures fits, which says no more than that",
        "matches-rule none of the rules that were given",
    ]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({}, []),
        ({"FileName": "ls", "source": "NSRL"}, ["known-as as ls, from NSRL"]),
        ({"KnownMalicious": "x"}, ["known-as-malware known as malicious by x"]),
        ({"hashlookup:trust": 50}, ["known-as without any description"]),
        (["odd"], []),
    ],
)
def test_what_a_collection_of_files_knows(answer: object, expected: list[str]) -> None:
    host = RecordedHost(SUMS | {f"known file {SHA256}": json.dumps(answer)})
    assert said([*known_file(RUN, host, host, host)]) == expected


def test_what_a_program_says_of_itself_before_how_it_is_called() -> None:
    text = "Usage: run [OPTION]\n\nrun asks things.\n  --help  this\n"
    host = RecordedHost({f"{PATH} --help": text})
    assert said([*help_text(RUN, host, host)]) == [
        "says-of-itself run asks things.",
        "says-of-itself Usage: run [OPTION]",
    ]


def test_libraries_that_every_program_is_given() -> None:
    host = RecordedHost({"/etc/ld.so.preload": "# none\n/opt/x/hide.so\n"})
    (fact,) = preloaded_for_all(RUN, host)
    assert str(fact.value).startswith("/opt/x/hide.so, as every program")
    assert fact.evidence[0].line == 2
    assert not [*preloaded_for_all(RUN, RecordedHost())]


def test_whether_a_process_is_still_there() -> None:
    def stat(started: int) -> RecordedHost:
        return RecordedHost({"/proc/7/stat": f"7 (a) b) S {'0 ' * 18}{started} 0"})

    assert said([*still_runs(pid(7), stat(100))]) == [f"still-runs {EPOCH:%Y-%m-%d %H:%M:%S} UTC"]
    assert not [*still_runs(pid(7), stat(101))]  # the number was given out again
    assert not [*still_runs(pid(7), RecordedHost())]


def test_libraries_that_an_environment_puts_before_a_program_s_own() -> None:
    stat = "7 (x) S " + " ".join(["0"] * 18) + " 100 0"
    texts = {"/proc/7/stat": stat, "/proc/7/environ": "A=1\0LD_PRELOAD=/tmp/x.so\0LD_AUDIT=\0"}
    facts = [*preloads(pid(7), RecordedHost(texts))]
    assert said(facts) == ["is-given LD_PRELOAD=/tmp/x.so"]


@pytest.mark.parametrize(
    ("modified", "changed", "text"),
    [
        (0, 0, "written 1970-01-01 00:00:00 UTC"),
        (0, 1767225600 - 90_000, "written 1970-01-01 00:00:00 UTC, and put there or its rights "
         "changed 2025-12-30 23:00:00 UTC: yesterday"),
    ],
)  # fmt: skip
def test_when_a_file_was_written_and_put_there(modified: int, changed: int, text: str) -> None:
    told = json.loads(status()) | {"modified": modified, "changed": changed}
    host = RecordedHost({f"status {PATH}": json.dumps(told)})
    assert said([*file_changed(RUN, host)]) == [f"changed {text}"]


def test_who_besides_root_may_change_it() -> None:
    def of(uid: int, gid: int = 0, mode: str = "0755") -> str:
        return json.dumps(json.loads(status(mode=mode)) | {"uid": uid, "gid": gid})

    texts = {
        f"status {PATH}": of(0, 50, "0775"), "status /opt/app": of(1000), "status /opt": of(0),
        "status /": of(0), "/etc/passwd": "ada:x:1000:1000::/home/ada:/bin/sh\n",
    }  # fmt: skip
    assert said([*may_be_changed(RUN, RecordedHost(texts))]) == [
        "may-be-changed-by the group 50",
        "may-be-changed-by ada, as the folder /opt/app is theirs",
    ]


RUNNING = Program("here", "/proc/7/exe")


def test_a_file_that_runs_and_has_no_name_any_more() -> None:
    host = RecordedHost({"link /proc/7/exe": "/opt/x (deleted)"})
    assert "is there no more" in said([*deleted_file(RUNNING, host)])[0]
    host = RecordedHost({"link /proc/7/exe": "/opt/x (deleted)", "status /opt/x": status()})
    assert "is another file now" in said([*deleted_file(RUNNING, host)])[0]
    assert not [*deleted_file(RUNNING, RecordedHost({"link /proc/7/exe": "/opt/x"}))]


@pytest.mark.parametrize(
    "probe",
    [file_sum, file_contents, names_in_file, clamd_verdict, yara_match, help_text, pip_sum, rpm_sum,
     dpkg_sum],
)  # fmt: skip
def test_another_host_s_program_is_not_asked_for_here(probe: object) -> None:
    elsewhere = Program("here/mnt:[99]", PATH)
    assert not [*probe(elsewhere, RecordedHost(), RecordedHost())]  # type: ignore[operator]


@pytest.mark.parametrize(
    "probe",
    [man_page, documentation, desktop_entry, unit_of_program, preloaded_for_all, file_changed,
     may_be_changed, deleted_file, diverted],
)  # fmt: skip
def test_a_container_s_program_is_not_asked_for_here(probe: object) -> None:
    elsewhere = Program("here/mnt:[99]", PATH)
    assert not [*probe(elsewhere, RecordedHost())]  # type: ignore[operator]
