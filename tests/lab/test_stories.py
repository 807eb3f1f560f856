"""What every story of the lab has in common."""

from __future__ import annotations

import pytest

from whence.lab.contract import held_against
from whence.lab.telling import Telling
from whence.lab.told import all_stories, stories_with, story_called, variant_of
from whence.model import BadInput


def test_each_story_says_what_it_is_about_and_what_it_spares() -> None:
    for name, story in all_stories().items():
        assert story.name == name
        assert story.about
        assert not story.about.endswith(".")
        assert len(story.by_hand) >= 3


def test_the_same_seed_draws_the_same_and_another_seed_another() -> None:
    for story in all_stories().values():
        for variant in story.variants:
            assert story.draw(1, variant) == story.draw(1, variant) != story.draw(2, variant)


def test_no_answer_at_all_is_never_a_right_one() -> None:
    for story in all_stories().values():
        judged = story.judge({"process": "/usr/bin/nobody", "script": "/usr/bin/none"}, ())
        assert judged.missing


def test_a_word_is_not_told_by_another_that_contains_it() -> None:
    truth = {"port": "p1", "never": "10.1.1.5 PC7"}
    assert held_against(truth, "at sw p15, 10.1.1.56 and PC77").missing == ("the port p1",)
    assert held_against(truth, "at sw p1; PC7, it is").false == ("PC7",)


def test_a_person_does_what_whence_asks_for() -> None:
    asking = "printf 'unplug: b\nthen press Enter: ' >&2; read done; echo gone"
    done: list[str] = []
    telling = Telling(("sh", "-c", asking), lambda _: None)
    assert telling.ask((), person=done.append).text == "gone\n"
    assert done == ["unplug: b"]


def test_a_command_that_never_ends_is_ended() -> None:
    answer = Telling(("sleep", "100"), lambda _: None).ask((), longest=0.2)
    assert answer.seconds < 10
    assert answer.status != 0


def test_an_unknown_story_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match="moonlight") as refusal:
        story_called("moonlight")
    assert "firewall" in refusal.value.try_


def test_an_unknown_variant_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match="moonlight") as refusal:
        variant_of(story_called("firewall"), "moonlight")
    assert "anacron" in refusal.value.try_
    with pytest.raises(BadInput, match="moonlight") as refusal:
        stories_with("moonlight")
    assert "anacron" in refusal.value.try_
