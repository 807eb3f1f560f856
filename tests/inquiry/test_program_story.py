"""What facts about a program add up to, and what they mean for traffic that it makes."""

from __future__ import annotations

import pytest

from whence.inquiry.known import Verdict
from whence.inquiry.story import tell
from whence.model import (
    Confidence,
    Fact,
    Flow,
    Hostname,
    Observable,
    Package,
    Process,
    Program,
    Reading,
    Remote,
)
from whence.world import EPOCH

CITED = Reading("x", "y", EPOCH, "here").whole()
POLL = Program("here", "/usr/bin/poll")
PACKAGE = Package("dpkg", "poll", "1.2")
FLOW = Flow("203.0.113.7", 443)
MAKER = Process("here", "boot", 7, 100)
OWNED = [
    POLL.fact("belongs-to", PACKAGE, CITED),
    PACKAGE.fact("described-as", "polls", CITED),
]


def fact(relation: str, value: str, about: Observable = POLL) -> Fact:
    return about.fact(relation, value, CITED)


def test_whose_it_is_what_for_and_that_it_is_as_it_was_brought() -> None:
    facts = [*OWNED, fact("is-for", "ask things"), fact("agrees-with-package", "MD5 of poll")]
    story = tell(POLL, facts)
    assert story.sentence == (
        "/usr/bin/poll belongs to poll 1.2 (dpkg), is for “ask things”, "
        "and is as its package brought it."
    )
    assert story.verdict is Verdict.EXPLAINED


def test_code_without_a_source_and_code_that_was_changed() -> None:
    code = Program("here", "/usr/lib/poll/agent.pyc")
    taken = POLL.fact("takes-code-from", code, CITED)
    missing = fact("has-no-source", "compiled from /build/agent.py, which is not here", code)
    story = tell(POLL, [*OWNED, taken, missing])
    assert story.others == (
        "Its code is in /usr/lib/poll/agent.pyc, of which there is no source: compiled from "
        "/build/agent.py, which is not here.",
    )
    assert story.verdict is Verdict.EXPLAINED
    assert taken in story.lineage
    assert missing in story.lineage
    differs = fact("differs-from-package", "poll has another MD5", code)
    story = tell(POLL, [*OWNED, taken, differs])
    assert story.verdict is Verdict.SUSPICIOUS
    assert story.others == (
        "Its code in /usr/lib/poll/agent.pyc is not as its package brought it: "
        "poll has another MD5.",
    )


def test_nothing_is_said_of_what_was_not_compared() -> None:
    assert tell(POLL, OWNED).sentence == (
        "/usr/bin/poll belongs to poll 1.2 (dpkg), and is part of “polls”."
    )


def test_a_program_of_nobody_is_not_explained() -> None:
    story = tell(POLL, [fact("is-a", "text")])
    assert story.sentence == "/usr/bin/poll is in no package that is known here."
    assert story.verdict is Verdict.INSUFFICIENT


@pytest.mark.parametrize(
    ("relation", "words"),
    [
        ("differs-from-package", ""),
        ("known-as-malware", "It is known as malware: so (certain)."),
    ],
)
def test_what_makes_a_program_suspicious(relation: str, words: str) -> None:
    story = tell(POLL, [*OWNED, fact(relation, "so")])
    assert story.verdict is Verdict.SUSPICIOUS
    assert words in " ".join(story.others)


@pytest.mark.parametrize("relation", ["changed-as-a-setting", "matches-rule", "is", "was-deleted"])
def test_what_is_told_and_is_no_verdict(relation: str) -> None:
    story = tell(POLL, [*OWNED, fact(relation, "so")])
    assert story.verdict is Verdict.EXPLAINED


def test_one_fact_that_two_questions_found_is_told_once() -> None:
    facts = [fact("names-host", "a.example (line 2)"), fact("names-host", "a.example (line 2)")]
    assert len(tell(POLL, facts).lineage) == 1


def traffic(*more: Fact) -> list[Fact]:
    remote = Remote("203.0.113.7", 443)
    return [
        FLOW.fact("made-by", MAKER, CITED),
        MAKER.fact("runs", POLL, CITED),
        MAKER.fact("started-by", "cron", CITED),
        FLOW.fact("other-end", remote, CITED),
        remote.fact("is-called", Hostname("api.vendor.example"), CITED),
        *more,
    ]


def test_an_address_that_the_program_itself_names_is_said_with_its_line() -> None:
    named = fact("names-address", "203.0.113.7 (line 12 in sync)")
    other = fact("names-address", "192.0.2.9 (line 13)")
    story = tell(FLOW, traffic(named, other))
    assert "The address 203.0.113.7 stands in line 12 in sync of /usr/bin/poll." in story.others
    assert named in story.lineage
    assert other not in story.lineage


def test_so_is_a_name_of_it_and_how_sure_that_is() -> None:
    named = POLL.fact(
        "names-host", "api.vendor.example (byte 0x10)", CITED, confidence=Confidence.POSSIBLE
    )
    story = tell(FLOW, traffic(named))
    said = "Its name api.vendor.example stands (possible) in byte 0x10 of /usr/bin/poll."
    assert said in story.others


def test_traffic_of_a_program_that_was_changed_is_suspicious() -> None:
    story = tell(FLOW, traffic(fact("differs-from-package", "another sum")))
    assert story.verdict is Verdict.SUSPICIOUS
    assert "/usr/bin/poll is not as its package brought it: another sum." in story.others
