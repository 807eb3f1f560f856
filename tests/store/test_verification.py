from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.samples import CRONTAB, FLOW, MAKER, NOON, some_facts
from whence.store.bodies import from_observable
from whence.store.journal import Body, Entry, canonical
from whence.store.ledger import Ledger
from whence.store.texts import packed
from whence.store.verification import problems

READING: Body = {
    "asked": "/etc/crontab",
    "source": "/etc/crontab",
    "digest": CRONTAB.digest,
    "taken": "2026-11-23T12:00:00.000000Z",
    "observer": "fw",
}
TEXTS = {CRONTAB.digest: packed(CRONTAB)}


def journal(*bodies: tuple[str, Body]) -> list[Entry]:
    entries = [Entry.after(None, NOON, "opened", {"subject": from_observable(FLOW), "title": ""})]
    for kind, body in bodies:
        entries.append(Entry.after(entries[-1], NOON, kind, body))
    return entries


STEP = Ledger().step_body("made_by", FLOW, some_facts())
GOOD = journal(("reading", READING), ("step", STEP))


def found(entries: list[Entry], texts: Mapping[str, bytes] = TEXTS) -> str:
    return "; ".join(problems(entries, texts))


def test_a_case_as_it_was_written() -> None:
    assert not found(GOOD)


def test_an_entry_that_was_changed() -> None:
    changed = replace(GOOD[1], body=canonical(READING | {"observer": "other"}))
    assert "chain is broken at entry 2: its words do not give its hash" in found(
        [GOOD[0], changed, GOOD[2]]
    )


def test_an_entry_that_was_changed_with_its_hash() -> None:
    changed = Entry.after(GOOD[0], NOON, "reading", READING | {"observer": "other"})
    assert "chain is broken at entry 3: it does not follow" in found([GOOD[0], changed, GOOD[2]])


def test_an_entry_that_is_missing() -> None:
    assert "entry 2 is missing" in found([GOOD[0], GOOD[2]])


@pytest.mark.parametrize("change", [{"kind": "note\n{}"}, {"at": "noon"}, {"at": "2026-11-23"}])
def test_an_entry_that_nobody_writes_so(change: dict[str, str]) -> None:
    odd = replace(GOOD[1], **change)  # type: ignore[arg-type]
    odd = replace(odd, hash=odd.computed_hash)
    assert "that nobody writes" in found([GOOD[0], odd])


def test_a_journal_without_beginning() -> None:
    assert "does not begin" in found([])


def test_a_text_that_was_changed() -> None:
    assert "does not hash to its name" in found(GOOD, {CRONTAB.digest: zlib.compress(b"other")})


def test_a_text_that_is_no_longer_packed_as_it_was() -> None:
    assert "is damaged" in found(GOOD, {CRONTAB.digest: b"other"})


def test_a_text_that_is_gone() -> None:
    assert "is missing" in found(GOOD, {})


def test_a_text_that_nobody_read() -> None:
    assert "does not speak of" in found(journal(), TEXTS)


@pytest.mark.parametrize("change", [{"line": 2}, {"excerpt": "forged"}, {"line": 99}])
def test_evidence_that_is_not_in_its_reading(change: Body) -> None:
    forged = STEP | {"evidence": [STEP["evidence"][0] | change, STEP["evidence"][1]]}
    assert "E1 is not what" in found(journal(("reading", READING), ("step", forged)))


def test_evidence_whose_reading_was_not_kept() -> None:
    assert "which is stored or cited" in found(journal(("step", STEP)), {})


@pytest.mark.parametrize(
    "change",
    [{"source": "/etc/shadow"}, {"observer": "other"}, {"taken": "2020-01-01T00:00:00.000000Z"}],
)
def test_evidence_of_a_look_that_nobody_took(change: Body) -> None:
    forged = STEP | {"evidence": [STEP["evidence"][0] | change, STEP["evidence"][1]]}
    said = found(journal(("reading", READING), ("step", forged)))
    assert "E1 is of a look that the journal does not tell of" in said
    assert "E2" not in said


def test_evidence_that_was_cited_before_it_was_read() -> None:
    said = found(journal(("step", STEP), ("reading", READING)))
    assert "E1 is of a look that the journal does not tell of before entry 2" in said


def at(seconds: int, after: Entry | None, kind: str, body: Body) -> Entry:
    return Entry.after(after, NOON + timedelta(seconds=seconds), kind, body)


OPENED: Body = {"subject": from_observable(FLOW), "title": ""}
NOTE: Body = {"author": "kim", "text": "as I said"}


def test_an_entry_that_is_older_than_the_one_before() -> None:
    first = at(0, None, "opened", OPENED)
    note = at(-1, first, "note", NOTE)
    assert "entry 2 is older than the one before it" in found([first, note], {})


def test_a_clock_that_is_said_to_have_gone_back() -> None:
    first = at(0, None, "opened", OPENED)
    back = at(-1, first, "clock-went-back", {"from": first.at})
    assert not found([first, back, at(-1, back, "note", NOTE)], {})


def test_a_machine_that_took_in_a_case_by_a_clock_of_its_own() -> None:
    first = at(0, None, "opened", OPENED)
    assert not found([first, at(-60, first, "imported", {"file": "case"})], {})


def test_a_case_that_is_opened_again() -> None:
    assert "entry 2 opens the case again" in found(journal(("opened", OPENED)), {})


def test_a_text_that_something_was_put_behind() -> None:
    assert "is damaged" in found(GOOD, {CRONTAB.digest: packed(CRONTAB) + b"more"})


def test_a_text_whose_checksum_was_cut_off() -> None:
    assert "is damaged" in found(GOOD, {CRONTAB.digest: packed(CRONTAB)[:-4]})


NONSENSE: dict[str, tuple[str, Body]] = {
    "no words": ("step", {}),
    "a thing of no kind": ("step", STEP | {"about": {"kind": "ghost"}}),
    "a list for a thing": ("step", STEP | {"about": []}),
    "a port that is a word": (
        "step",
        STEP | {"about": {"kind": "flow", "destination_port": "https"}},
    ),
    "evidence that is not there": ("step", STEP | {"evidence": []}),
    "evidence out of order": ("step", STEP | {"evidence": STEP["evidence"][::-1]}),
    "evidence zero": ("step", STEP | {"facts": [STEP["facts"][0] | {"evidence": [0]}]}),
    "a fact without evidence": ("step", STEP | {"facts": [STEP["facts"][0] | {"evidence": []}]}),
    "a percentage": ("step", STEP | {"facts": [STEP["facts"][0] | {"confidence": "87 %"}]}),
    "a relation that is a list": ("step", STEP | {"facts": [STEP["facts"][0] | {"relation": []}]}),
    "a refusal without words": (
        "step",
        STEP | {"refused": {"error": "CannotAsk", "what": 1, "because": "", "try": ""}},
    ),
    "a relation that is markup": (
        "step",
        STEP | {"facts": [STEP["facts"][0] | {"relation": "made-by\n\n# Benign"}]},
    ),
    "a verdict of one's own": ("verdict", {"verdict": "innocent", "sentence": "It is nothing."}),
    "an interruption without reason": ("interrupted", {"because": ["none"]}),
    "an import of no file": ("imported", {}),
    "a clock that went back from nowhere": ("clock-went-back", {"from": 1}),
    "a note of numbers": ("note", {"author": 1, "text": 2}),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_an_entry_that_makes_no_sense(what: str) -> None:
    said = found(journal(("reading", READING), NONSENSE[what]))
    assert "entry 3 of the case makes no sense" in said or "does not know such a thing" in said


@pytest.mark.parametrize("kind", ["step", "note", "imported"])
def test_a_body_that_is_a_list(kind: str) -> None:
    odd = replace(Entry.after(GOOD[0], NOON, kind, {}), body="[]")
    assert "entry 2 of the case makes no sense" in found([GOOD[0], odd], {})


def test_a_case_is_opened_once() -> None:
    ledger = Ledger()
    other = {"subject": from_observable(MAKER), "title": "another"}
    for entry in journal(("opened", other)):
        ledger.add(entry)
    assert ledger.subject == FLOW


def test_an_entry_of_a_kind_that_came_later() -> None:
    assert not found(journal(("dreamt", {"of": "electric sheep"})), {})
