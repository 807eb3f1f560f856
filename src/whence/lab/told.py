"""Which stories there are."""

from __future__ import annotations

from typing import Any

from whence.lab import stories
from whence.lab.contract import Story
from whence.model import BadInput
from whence.model.discovery import discover

FIRST = "firewall"  # the story of the tutorial


def all_stories() -> dict[str, Story[Any]]:
    """Give every story by its name, the first one first."""
    found = sorted(discover(stories, Story), key=lambda story: (story.name != FIRST, story.name))
    return {story.name: story for story in found}


def story_called(name: str) -> Story[Any]:
    """Give the story of this name.

    Raises
    ------
    BadInput
        If there is none.

    """
    known = all_stories()
    if name not in known:
        raise BadInput(f"the lab has no story “{name}”", try_=f"one of {', '.join(known)}")
    return known[name]


def variant_of(story: Story[Any], variant: str | None) -> str:
    """Give the variant, or the one that is played if none is named.

    Raises
    ------
    BadInput
        If the story has no such variant.

    """
    if variant is None:
        return story.variants[0]
    if variant not in story.variants:
        raise BadInput(
            f"the story {story.name} has no variant “{variant}”",
            try_=f"one of {', '.join(story.variants)}",
        )
    return variant


def stories_with(variant: str | None) -> list[Story[Any]]:
    """Give the stories that have a variant; all of them if none is named.

    Raises
    ------
    BadInput
        If no story has it.

    """
    known = all_stories().values()
    found = [story for story in known if variant is None or variant in story.variants]
    if not found:
        every = dict.fromkeys(name for story in known for name in story.variants)
        raise BadInput(
            f"no story of the lab has a variant “{variant}”", try_=f"one of {', '.join(every)}"
        )
    return found
