"""What a receiver noted down, in the words of whoever reads its spool."""

from __future__ import annotations

import json

import pytest

from whence.world.log_losses import in_words
from whence.world.log_spool import RECORD, gap


def note(lost: int, why: str, **more: object) -> str:
    return gap(0, lost, why, **more)[RECORD.size :].decode()


def test_what_was_lost_is_counted() -> None:
    said = in_words(note(1200, "no room", since=7, by_sender={"192.0.2.1": 1200}))
    assert said == "1,200 lines were lost when received: no room"
    assert in_words(note(1, "no room")).startswith("1 line was lost")


def test_what_else_should_be_known() -> None:
    said = in_words(note(0, "who a sender is", peer="192.0.2.1:4711", subject="CN=fw"))
    assert said == "the receiver said: who a sender is (peer 192.0.2.1:4711; subject CN=fw)"


@pytest.mark.parametrize("more", [{"file": {"name": "a"}}, {"patterns": []}, {"cursor": "s=1"}])
def test_where_to_go_on_is_nobody_elses_business(more: dict[str, object]) -> None:
    assert in_words(note(0, "position in a file", **more)) == ""


@pytest.mark.parametrize("damaged", ["", "{", '{"lost":'])
def test_what_is_damaged_is_told_as_it_is(damaged: str) -> None:
    assert in_words(damaged) == f"the receiver said: {damaged}"


@pytest.mark.parametrize("odd", ["7", "[]", "null", json.dumps("file")])
def test_what_is_no_object_says_nothing(odd: str) -> None:
    assert in_words(odd) == ""
