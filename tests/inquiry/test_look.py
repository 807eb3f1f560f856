"""Whether there is still something to wait for."""

from dataclasses import replace

from tests.inquiry.test_witnesses import ASKED, BARE, heard, seen, sighting
from whence.inquiry.look import seen_by
from whence.model import ACCEPTED, Flow
from whence.world import RecordedHost


def test_who_answers_is_not_who_makes_it_where_both_ends_are_here() -> None:
    answered = replace(sighting(BARE), action=ACCEPTED)
    assert not seen_by([heard(seen(sighting(), answered))], ASKED)
    assert seen_by([heard(seen(sighting(BARE, minute=1), answered))], ASKED)


def test_a_caller_from_elsewhere_has_been_seen_by_who_answers() -> None:
    assert seen_by([heard(seen(replace(sighting(BARE), action=ACCEPTED)))], ASKED)


def test_nobody_and_nothing_was_seen() -> None:
    assert not seen_by([RecordedHost({}), seen(sighting(BARE))], Flow("203.0.113.9"))


def test_what_one_saw_without_its_maker_and_another_with_it_is_told_once() -> None:
    told = heard(seen(sighting(cookie=0)), seen(sighting(BARE))).connections(ASKED)
    assert len([line for line in told.lines() if line]) == 1
