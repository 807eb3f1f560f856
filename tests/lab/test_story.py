"""What is drawn for an office makes sense whatever the seed is."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from whence.lab.demo import untold
from whence.lab.office import Truth
from whence.lab.office import truth as truth_of
from whence.lab.story import VARIANTS, Story, draw
from whence.model import BadInput

stories = some.builds(draw, some.integers(0, 1 << 31), some.sampled_from(VARIANTS))
told = stories.map(truth_of)


@given(stories)
def test_nobody_has_the_address_of_another(story: Story) -> None:
    assert len({story.remote, story.innocent, story.web, story.wan}) == 4
    assert story.desk != story.files


@given(told)
def test_no_word_of_the_truth_is_told_by_telling_another(truth: Truth) -> None:
    words = (truth.script, truth.job, truth.launcher, truth.package)
    for one, other in permutations(words, 2):
        assert one not in other or one == truth.launcher


@given(told)
def test_an_answer_is_right_if_its_first_line_names_all(truth: Truth) -> None:
    sentence = f"{truth.script} of {truth.package}, {truth.launcher}, {truth.job}"
    assert untold(truth, f"\n{sentence}\nand more") == []
    assert truth.script in untold(truth, f"Somebody else.\nAlso {sentence}")


@given(told)
def test_an_answer_that_leaves_out_the_package_is_not_right(truth: Truth) -> None:
    answer = f"{truth.script}, {truth.launcher}, {truth.job}"
    assert untold(truth, answer) == [truth.package]


@given(stories)
def test_the_innocent_job_has_another_name(story: Story) -> None:
    assert len({story.job, story.decoy, story.program}) == 3


def test_an_unknown_variant_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match="windows") as refusal:
        draw(1, "windows")
    assert "anacron" in refusal.value.try_
