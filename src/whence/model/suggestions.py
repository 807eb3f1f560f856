"""What a person could do to stop a piece of traffic: words, commands, and how to undo them. Pure.

whence says these things and never does them.
"""

from __future__ import annotations

import enum
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from whence.model.evidence import Evidence
from whence.model.facts import Confidence

Words = tuple[str, ...]


class Invasive(enum.IntEnum):
    """How much a suggestion changes; the least comes first."""

    CORRECTION = 1  # a setting is put right, and nothing ends
    ONE_JOB = 2  # one line of a schedule, one timer
    ONE_SERVICE = 3
    ONE_CONTAINER = 4
    ONE_PROCESS = 5  # it ends, and may be started again
    PACKAGE = 6
    ONE_MACHINE = 7  # a whole machine is cut off
    BLOCK = 8  # the cause stays, only its effect is hidden


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that would stop it."""

    text: str  # what to do, one sentence
    invasive: Invasive
    evidence: tuple[Evidence, ...]  # why that would stop it
    commands: tuple[Words, ...] = ()  # empty: there is no command for it, the text says how
    undo: tuple[Words, ...] = ()
    undo_text: str = ""  # where no command undoes it, or more must be known
    breaks: tuple[str, ...] = ()  # what else would stop, in words
    confidence: Confidence = Confidence.CERTAIN  # that this is what makes the traffic


def command(*words: str) -> tuple[Words, ...]:
    """Give a command, or none where a word of it cannot be typed safely.

    A name may be any bytes. One that is not printed as it is (control characters, marks that turn
    the direction of text) cannot be copied from a terminal, and is not put into a command at all.
    """
    return (words,) if all(is_typed_as_shown(word) for word in words) else ()


def is_typed_as_shown(word: str) -> bool:
    """Say whether a word can be copied from a terminal and is then the same."""
    return bool(word) and word.isprintable()


def typed(words: Sequence[str]) -> str:
    """Write a command as one types it into a shell (POSIX)."""
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    """Quote as shlex does, but not '"'"' where that can be read with double quotes instead."""
    if "'" in word and not set("$`\\!") & set(word):
        return '"' + word.replace('"', '\\"') + '"'
    return shlex.quote(word)


def all_or_none(*commands: tuple[Words, ...]) -> tuple[Words, ...]:
    """Join commands that only make sense together: none, if one of them cannot be typed."""
    return tuple(each for some in commands for each in some) if all(commands) else ()
