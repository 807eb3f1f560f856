from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Timer

import pytest

from tests.store.samples import (
    CRONTAB,
    FLOW,
    MAKER,
    NOON,
    a_case,
    letters,
    some_facts,
    ticking,
)
from whence.model import BadInput, CannotAsk, NotPermitted, Reading
from whence.store.case_file import CaseFile, four_letters


@pytest.fixture
def case(tmp_path: Path) -> Iterator[CaseFile]:
    with closing(a_case(tmp_path / "cases")) as opened:
        yield opened


@pytest.fixture
def reopened(case: CaseFile) -> Iterator[CaseFile]:
    case.close()
    with closing(CaseFile.open(case.path, ticking())) as again:
        yield again


def test_a_case_is_named_after_its_day(case: CaseFile) -> None:
    assert case.id == "2026-11-23-k7f0"
    assert case.created == NOON


def test_a_name_that_is_taken_is_not_given_again(tmp_path: Path) -> None:
    first = CaseFile.create(tmp_path, FLOW, ticking(), letters=letters())
    second = CaseFile.create(tmp_path, FLOW, ticking(), letters=letters())
    assert [first.id, second.id] == ["2026-11-23-k7f0", "2026-11-23-k7f1"]
    first.close()
    second.close()


def test_letters_that_look_alike_are_not_used() -> None:
    assert not set("01ilo") & set("".join(four_letters() for _ in range(200)))


def test_only_its_user_may_read_a_case(case: CaseFile) -> None:
    assert stat.S_IMODE(case.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(case.path.parent.stat().st_mode) == 0o700


def test_what_was_found_is_there_again(reopened: CaseFile) -> None:
    assert reopened.subject == FLOW
    assert reopened.title == "why?"
    assert reopened.facts() == some_facts()
    assert reopened.verdict() == ("explained", "The vendor's agent does it.")
    assert [(note.author, note.text) for note in reopened.notes()] == [("kim", "called the vendor")]


def test_each_step_tells_its_outcome(reopened: CaseFile) -> None:
    steps = reopened.steps()
    assert [(step.probe, step.outcome) for step in steps] == [
        ("made_by", "facts"),
        ("container", "nothing"),
        ("package", "refused"),
    ]
    refused = steps[2].refused
    assert refused is not None
    assert (str(refused), refused.because, refused.try_) == ("no dpkg", "not Debian", "rpm")


def test_evidence_is_numbered_in_the_order_in_which_it_appeared(reopened: CaseFile) -> None:
    first, whole = some_facts()[1].evidence
    assert [reopened.label(first), reopened.label(whole)] == ["E1", "E2"]
    assert reopened.evidence("e2") == (whole, CRONTAB.text)


@pytest.mark.parametrize("label", ["E0", "E3", "E-1", "E", "", "E²", "E1; drop", "7" * 5000])
def test_evidence_that_is_not_there(reopened: CaseFile, label: str) -> None:
    with pytest.raises(BadInput):
        reopened.evidence(label)


def test_evidence_that_no_fact_rests_on_has_no_label(case: CaseFile) -> None:
    with pytest.raises(BadInput):
        case.label(Reading("/etc/hosts", "", NOON, "fw").whole())


def test_what_the_world_said_can_be_replayed(reopened: CaseFile) -> None:
    (path, reading), (other, refusal) = reopened.answers()
    assert (path, reading) == ("/etc/crontab", CRONTAB)
    assert other == "/root/.netrc"
    assert isinstance(refusal, NotPermitted)
    assert refusal.because == "root only"


def test_the_same_text_is_stored_once(case: CaseFile) -> None:
    for minute in range(3):
        again = Reading("/etc/crontab", CRONTAB.text, NOON + timedelta(minutes=minute), "fw")
        case.keep_reading("/etc/crontab", again)
    with closing(sqlite3.connect(case.path)) as plain:
        assert plain.execute("SELECT count(*) FROM text").fetchone() == (1,)
    assert len([*case.answers()]) == 5


def test_text_that_is_no_text(case: CaseFile) -> None:
    odd = Reading("/proc/7/cmdline", "\udcff\0\x1b[2J\u2028</script>\n", NOON, "fw\n")
    case.keep_reading(odd.source, odd)
    case.note_step("runs", MAKER, [MAKER.fact("runs", "\udcff", odd.whole())])
    assert case.evidence("E3") == (odd.whole(), odd.text)
    assert not case.verify()


def test_what_the_journal_says_cannot_be_changed(case: CaseFile) -> None:
    with closing(sqlite3.connect(case.path)) as plain:
        for change in ("UPDATE journal SET body = '{}'", "DELETE FROM journal WHERE seq = 3"):
            with pytest.raises(sqlite3.IntegrityError, match="only added to"):
                plain.execute(change)


def test_two_who_write_to_one_case(case: CaseFile) -> None:
    with closing(CaseFile.open(case.path, ticking())) as other:
        other.note("from the other side", author="lee")
        case.note_step("runs", MAKER, some_facts(Reading("/other", "x\n", NOON, "fw")))
        other.note_step("runs", MAKER, some_facts(Reading("/third", "y\n", NOON, "fw")))
        assert case.facts() == other.facts()
        assert [note.author for note in case.notes()] == ["kim", "lee"]
        assert len({case.label(piece) for fact in case.facts() for piece in fact.evidence}) == 6


def test_a_write_waits_for_the_write_of_another_process(case: CaseFile) -> None:
    with closing(sqlite3.connect(case.path, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = Timer(0.2, other.rollback)
        done.start()
        case.note("patient", author="kim")
        done.join()
    assert case.notes()[-1].text == "patient"


def test_a_clock_that_goes_back_is_noted(case: CaseFile) -> None:
    case.close()
    with closing(CaseFile.open(case.path, ticking(NOON - timedelta(days=365)))) as early:
        early.note("what year is it?", author="kim")
        assert [entry.kind for entry in early.journal()][-2:] == ["clock-went-back", "note"]
        assert not early.verify()


def test_anybody_can_read_it_with_sqlite(case: CaseFile) -> None:
    with closing(sqlite3.connect(case.path)) as plain:
        facts = plain.execute("SELECT relation, evidence FROM fact").fetchall()
        assert facts == [("made-by", "[1]"), ("runs", "[1,2]")]
        assert plain.execute("SELECT excerpt FROM evidence").fetchall()[0] == ("# comment",)
        assert plain.execute("SELECT refused FROM step").fetchall()[2] == ("no dpkg",)


def test_a_verdict_is_one_of_four(case: CaseFile) -> None:
    with pytest.raises(ValueError, match="none of"):
        case.note_verdict("maybe", "who knows")


def test_stopping_and_going_on_is_written_down(case: CaseFile) -> None:
    case.note_interrupted("^C")
    case.note_resumed()
    assert [entry.kind for entry in case.journal()][-2:] == ["interrupted", "resumed"]


def test_a_refusal_without_reason(case: CaseFile) -> None:
    case.keep_reading("/proc/1/exe", CannotAsk("gone"))
    assert [*case.answers()][-1][0] == "/proc/1/exe"
