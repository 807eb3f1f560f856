from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.samples import FLOW, NOON
from whence.model import (
    KINDS,
    BadInput,
    CannotAsk,
    CannotStore,
    Confidence,
    Evidence,
    NotPermitted,
    Observable,
    Reading,
    WhenceError,
)
from whence.store.bodies import (
    from_error,
    from_evidence,
    from_observable,
    to_error,
    to_evidence,
    to_observable,
    to_refusal,
)
from whence.store.journal import canonical
from whence.store.ledger import Ledger

WORDS = st.text(st.characters(exclude_categories=()), max_size=20)
THINGS = st.one_of(*(st.from_type(kind) for kind in KINDS.values()))


@given(THINGS)
def test_every_thing_comes_back(thing: Observable) -> None:
    assert to_observable(from_observable(thing)) == thing


@pytest.mark.parametrize("kind", KINDS)
def test_no_thing_has_a_field_that_hides_its_kind(kind: str) -> None:
    assert "kind" not in {each.name for each in fields(KINDS[kind])}  # type: ignore[arg-type]


@given(WORDS, WORDS, st.integers(0, 2**31))
def test_every_evidence_comes_back(source: str, text: str, line: int) -> None:
    reading = Reading(source, text, NOON, "fw")
    evidence = Evidence(reading.digest, source, line, text, NOON, "fw")
    assert to_evidence(from_evidence(evidence, 1)) == evidence


@given(st.lists(st.tuples(THINGS, WORDS), max_size=4))
def test_a_step_comes_back_and_is_written_in_one_way(found: list[tuple[Observable, str]]) -> None:
    reading = Reading("/proc/1", "text", NOON, "fw")
    facts = [
        thing.fact("is", words, reading.whole(), confidence=Confidence.LIKELY)
        for thing, words in found
    ]
    body = Ledger().step_body("probe", FLOW, facts)
    assert canonical(body) == canonical(Ledger().step_body("probe", FLOW, [*facts]))
    assert canonical(body).isascii()


class Unheard(CannotAsk):
    """A refusal of a kind that only a plug-in knows."""


@pytest.mark.parametrize("kind", [WhenceError, CannotAsk, NotPermitted, BadInput, CannotStore])
def test_an_error_keeps_its_kind_and_its_three_parts(kind: type[WhenceError]) -> None:
    error = to_error(from_error(kind("what", because="why", try_="this")))
    assert (type(error), str(error), error.because, error.try_) == (kind, "what", "why", "this")


def test_a_refusal_of_a_plug_in_is_still_a_refusal() -> None:
    assert type(to_refusal(from_error(Unheard("no")))) is CannotAsk
    assert type(to_refusal(from_error(BadInput("no")))) is CannotAsk
