import pytest

from whence.inquiry.known import Verdict
from whence.inquiry.story import tell
from whence.model import (
    Confidence,
    Fact,
    Flow,
    Ip,
    Job,
    Observable,
    Package,
    Process,
    Program,
    Reading,
    Service,
    Setting,
    User,
)
from whence.world import EPOCH

EVIDENCE = Reading("test", "text", EPOCH, "here").whole()
FLOW = Flow("203.0.113.7", 443)
AGENT, SHELL, CRON = (Process("fw", "boot", pid, pid) for pid in (4242, 4241, 800))
SCRIPT, PYTHON = Program("fw", "/usr/lib/acme/agent.py"), Program("fw", "/usr/bin/python3.11")
LINE = Job("fw", "cron", "/etc/cron.d/acme", 3, "17 * * * *", "/usr/lib/acme/agent.py", "root")


def fact(subject: Observable, relation: str, value: Observable | str) -> Fact:
    return subject.fact(relation, value, EVIDENCE)


MADE = [
    fact(FLOW, "made-by", AGENT),
    fact(FLOW, "seen", "3 times, first …"),
    fact(AGENT, "runs", PYTHON),
    fact(AGENT, "runs-as", User("fw", 0, "root")),
    fact(AGENT, "executes", SCRIPT),
    fact(SCRIPT, "belongs-to", Package("dpkg", "acme-agent", "1.4")),
    fact(PYTHON, "belongs-to", Package("dpkg", "python3.11-minimal", "3.11.2")),
]
STARTED = [
    fact(AGENT, "child-of", SHELL),
    fact(SHELL, "child-of", CRON),
    fact(SHELL, "started-by", LINE),
]


def test_the_whole_story_in_one_sentence() -> None:
    story = tell(FLOW, [*MADE, *STARTED])
    assert story.sentence == (
        "203.0.113.7:443 was contacted 3 times by /usr/lib/acme/agent.py "
        "(pid 4242, run by python3.11, as root), of the package acme-agent 1.4 (dpkg), "
        "started by /etc/cron.d/acme:3 (“17 * * * *”)."
    )
    assert story.verdict is Verdict.EXPLAINED


def test_one_pid_is_not_said_to_have_made_what_many_runs_made() -> None:
    runs = fact(AGENT, "stands-for", "3 runs of this command, the first at …")
    assert "3 times by /usr/lib/acme/agent.py (pid 4242 and 2 earlier runs, run by" in tell(
        FLOW, [*MADE, *STARTED, runs]
    ).sentence  # fmt: skip


def test_a_maker_that_two_witnesses_saw_is_told_once() -> None:
    assert tell(FLOW, [*MADE, fact(FLOW, "made-by", AGENT), *STARTED]).others == ()


def test_where_it_is_configured_is_told_if_that_is_near_the_maker() -> None:
    near = Setting("fw", "/var/lib/acme/state.db", 0, "table hosts, row 412", "it has it open")
    anywhere = Setting("fw", "/etc/hosts", 7)
    configured = [fact(FLOW, "configured-in", place) for place in (anywhere, near)]
    assert tell(FLOW, [*MADE, *STARTED, *configured]).others == (
        "203.0.113.7 stands in /var/lib/acme/state.db (table hosts, row 412), it has it open.",
    )


def test_an_address_does_not_stand_where_a_wide_range_happens_to_hold_it() -> None:
    near = Setting("fw", "/opt/acme/agent", 40, why="the program itself")
    place = fact(FLOW, "configured-in", near)
    wide = fact(near, "written-as", "range, 202-204.0-255.113.*")
    story = tell(FLOW, [*MADE, *STARTED, place, wide])
    assert story.others == ()
    assert place in story.lineage
    (told,) = tell(FLOW, [place, fact(near, "written-as", "range, 203.0.113.0/24"), *MADE]).others
    assert told.startswith("203.0.113.7 stands in /opt/acme/agent:40")


def test_the_lineage_leads_from_the_traffic_to_the_crontab() -> None:
    lineage = [*map(str, tell(FLOW, [*MADE, *STARTED]).lineage)]
    assert lineage[1] == "203.0.113.7:443 made-by pid 4242"
    assert lineage[-2:] == ["pid 4241 started-by /etc/cron.d/acme:3", "pid 4241 child-of pid 800"]


def test_what_only_passes_through_is_told_beside_what_starts_here() -> None:
    stations = [f"10.1.1.{n}, 2 connections, leaving as 198.51.100.65 (NAT)" for n in range(5)]
    passing = [fact(FLOW, "passes-through", one) for one in stations]
    story = tell(FLOW, [*MADE, *STARTED, *passing])
    (said,) = story.others
    assert said.startswith(
        f"Not all of it starts here: this machine passes on connections of {stations[0]}; "
    )
    assert said.endswith("; and of 2 more stations.")
    story = tell(FLOW, passing[:1])
    assert story.others == (f"This machine passes on connections of {stations[0]}.",)
    assert story.verdict is Verdict.INSUFFICIENT


def test_a_file_with_another_clock_is_named() -> None:
    differs = fact(FLOW, "clock-differs", "the clock of conn.log is 7 min ahead of this machine's")
    story = tell(FLOW, [*MADE, *STARTED, differs])
    assert story.others == (
        "Mind that the clock of conn.log is 7 min ahead of this machine's (certain).",
    )
    assert differs in story.lineage


def test_an_end_that_calls_and_is_called_is_told_both_ways() -> None:
    often, calls = (
        fact(FLOW, "seen", "3 times, first …"),
        fact(FLOW, "also-calls", "192.0.2.9:22 once"),
    )
    story = tell(FLOW, [*MADE, *STARTED, often, calls])
    assert " was contacted 3 times by " in story.sentence
    assert "It calls others, too: 192.0.2.9:22 once." in story.others
    contacts = fact(FLOW, "contacts", "192.0.2.9:22")
    story = tell(FLOW, [*MADE, *STARTED, often, calls, contacts])
    assert " called 192.0.2.9:22 once, made by " in story.sentence
    assert "It is called, too: 3 times." in story.others
    assert tell(FLOW, [often, calls]).sentence.endswith(
        "; it calls others, too: 192.0.2.9:22 once."
    )


def test_nobody_was_seen() -> None:
    story = tell(FLOW, [])
    assert story.verdict is Verdict.INSUFFICIENT
    assert "no process was seen" in story.sentence


def test_a_listener_that_only_root_may_see_is_told() -> None:
    story = tell(FLOW, [fact(FLOW, "is-listened-on", ":443")])
    assert story.sentence == (
        "203.0.113.7:443: no process was seen making this traffic; somebody listens on :443: "
        "another user's process, which root may see, or the kernel itself."
    )
    assert story.verdict is Verdict.INSUFFICIENT


def test_where_nobody_was_caught_the_times_may_tell() -> None:
    fit = LINE.fact("explains-times-of", FLOW, EVIDENCE, confidence=Confidence.POSSIBLE)
    story = tell(FLOW, [fit])
    assert "its times fit /etc/cron.d/acme:3 (possible)" in story.sentence
    assert story.verdict is Verdict.INSUFFICIENT


def test_a_process_without_a_launcher_is_not_explained() -> None:
    story = tell(FLOW, MADE)
    assert story.verdict is Verdict.INSUFFICIENT
    assert "nothing says what started it" in story.sentence


def test_the_interpreters_package_is_not_the_scripts() -> None:
    unowned = [fact for fact in MADE if fact.subject is not SCRIPT]
    assert "python3.11-minimal" not in tell(FLOW, unowned).sentence


def test_a_masquerade_is_suspicious() -> None:
    masked = [*MADE, *STARTED, fact(AGENT, "pretends-to-be", "a thread of the kernel")]
    assert tell(FLOW, masked).verdict is Verdict.SUSPICIOUS


def test_two_makers_get_a_sentence_each() -> None:
    other = Process("fw", "boot", 77, 77)
    story = tell(FLOW, [*MADE, *STARTED, fact(FLOW, "made-by", other)])
    assert len(story.others) == 1
    assert "pid 77" in story.others[0]


def test_of_several_makers_none_is_said_to_have_made_all() -> None:
    other = fact(FLOW, "made-by", Process("fw", "boot", 77, 77))
    assert tell(FLOW, [*MADE, *STARTED, other]).sentence.startswith(
        "203.0.113.7:443 was contacted 3 times in all, by /usr/lib/acme/agent.py "
    )


def test_of_what_is_not_attributed_the_maker_is_not_said_to_have_made_it() -> None:
    story = tell(FLOW, [*MADE, *STARTED, fact(FLOW, "not-attributed", "2 connections")])
    assert story.sentence.startswith("203.0.113.7:443 was contacted 3 times in all, by ")
    assert "No process is named for 2 connections of these." in story.others


def test_an_address_that_only_calls_was_not_contacted() -> None:
    story = tell(FLOW, [*MADE, *STARTED, fact(FLOW, "contacts", "192.0.2.1:80")])
    assert story.sentence.startswith("203.0.113.7:443 called 192.0.2.1:80 3 times, made by /usr")


def test_a_process_that_nothing_started_is_told_in_a_sentence() -> None:
    assert tell(AGENT, MADE).sentence == (
        "/usr/lib/acme/agent.py (pid 4242, run by python3.11, as root), "
        "of the package acme-agent 1.4 (dpkg): nothing says what started it."
    )


def test_of_a_process_that_nothing_started_the_last_known_ancestor_is_told() -> None:
    loop = [
        fact(AGENT, "child-of", SHELL),
        fact(SHELL, "runs", Program("fw", "/usr/bin/dash")),
        fact(SHELL, "executes", Program("fw", "/opt/loop.sh")),
    ]
    told = "its parent is /opt/loop.sh (pid 4241), and nothing says what started that."
    assert tell(FLOW, [*MADE, *loop]).sentence == (
        "203.0.113.7:443 was contacted 3 times by /usr/lib/acme/agent.py "
        f"(pid 4242, run by python3.11, as root), of the package acme-agent 1.4 (dpkg); {told}"
    )
    assert tell(AGENT, [*MADE, *loop]).sentence.endswith(f"(dpkg): {told}")
    orphan = fact(SHELL, "child-of", Process("fw", "boot", 1, 1))
    assert tell(FLOW, [*MADE, *loop, orphan]).sentence.endswith(told)
    further = [*MADE, *loop, fact(SHELL, "child-of", CRON)]
    assert tell(FLOW, further).sentence.endswith(
        "; its parent is /opt/loop.sh (pid 4241), the last of its ancestors that is known "
        "a process whose program is not known (pid 800), and nothing says what started that."
    )


def test_an_orphan_was_not_started_by_the_first_process() -> None:
    orphan = fact(AGENT, "child-of", Process("fw", "boot", 1, 1))
    assert tell(FLOW, [*MADE, orphan]).sentence.endswith(", and nothing says what started it.")


def test_that_packets_ceased_is_told() -> None:
    told = "203.0.113.7:443 fell silent at 2026-11-26 12:00:00 UTC: none in 6 s."
    assert told in tell(FLOW, [*MADE, fact(FLOW, "silent-on-interface", told)]).others


@pytest.mark.parametrize("subject", [FLOW, Ip("192.0.2.9")])
def test_where_nothing_but_silence_was_counted_that_is_said_first(subject: Flow | Ip) -> None:
    told = f"{subject} fell silent at 2026-11-26 12:00:00 UTC: none in 6 s."
    story = tell(subject, [fact(subject, "silent-on-interface", told)])
    assert story.sentence == told
    assert len(story.others) == 1
    assert story.verdict is Verdict.INSUFFICIENT


def test_a_launcher_that_is_only_likely_is_said_to_be_so() -> None:
    service = Service("fw", "cron", "cron")
    guess = SHELL.fact("started-by", service, EVIDENCE, confidence=Confidence.LIKELY)
    story = tell(FLOW, [*MADE, *STARTED[:2], guess])
    assert "started by likely cron" in story.sentence


def test_a_process_that_is_its_own_ancestor_ends_the_walk() -> None:
    circle = [fact(AGENT, "child-of", SHELL), fact(SHELL, "child-of", AGENT)]
    assert tell(FLOW, [*MADE, *circle]).lineage


def test_the_address_that_a_program_names_is_told_below_it_not_below_an_ancestor() -> None:
    named = fact(SCRIPT, "names-address", "203.0.113.7 (line 2)")
    story = tell(FLOW, [*MADE, *STARTED, named])
    assert "The address 203.0.113.7 stands in line 2 of /usr/lib/acme/agent.py." in story.others
    place = story.lineage.index(named)
    above = [told.subject for told in story.lineage[:place] if isinstance(told.subject, Process)]
    assert above[-1] == AGENT
