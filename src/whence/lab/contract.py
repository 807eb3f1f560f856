"""What a story of the lab is: an office drawn from a seed, what is asked in it, what is true."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

from whence.lab.building import CannotBuild
from whence.lab.machines import Machine, boot
from whence.lab.telling import Answer, Telling

Drawn = TypeVar("Drawn")


@dataclass(frozen=True, slots=True)
class Site:
    """Where a lab is built: what is in its folder and its control group goes down with it."""

    folder: Path
    cgroup: Path | None  # None where there is no cgroup2

    def boot(self, name: str) -> Machine:
        """Start a machine: namespaces of its own, and a first process that holds them."""
        return boot(name, self.folder, self.cgroup)


@dataclass(frozen=True, slots=True)
class Office:
    """A lab that is up."""

    story: str
    seed: int
    variant: str
    told: str  # what its administrator is told, and nothing of the answer
    prefix: tuple[str, ...]  # words that make a command run where whence is asked
    truth: dict[str, str]  # what whence must find out by itself: "process": "/usr/bin/…"
    known: dict[str, str]  # what one needs to play the story: addresses, what happens when
    machines: tuple[Machine, ...]

    def machine(self, name: str) -> Machine:
        """Give the machine of this name.

        Raises
        ------
        CannotBuild
            If there is none.

        """
        for machine in self.machines:
            if machine.name == name:
                return machine
        raise CannotBuild(f"the office has no machine {name}", try_="whence lab down")


class Outcome(StrEnum):
    """How far a story was explained."""

    COMPLETELY = "completely"
    PARTLY = "partly"
    WRONGLY = "wrongly"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an answer says, held against the truth."""

    missing: tuple[str, ...] = ()  # what was not told: "the script /usr/bin/…"
    false: tuple[str, ...] = ()  # what was told and is not so

    @property
    def outcome(self) -> Outcome:
        """One false claim makes it wrong, however much of it is right."""
        if self.false:
            return Outcome.WRONGLY
        return Outcome.PARTLY if self.missing else Outcome.COMPLETELY


NEVER = "never"  # how keys of a truth begin whose words, with spaces between, must not be told


def held_against(truth: Mapping[str, str], told: str) -> Judgement:
    """Look whether what was told names all of a truth, and nothing that is not so."""
    wanted = {what: word for what, word in truth.items() if not what.startswith(NEVER)}
    never = [word for what, words in truth.items() if what not in wanted for word in words.split()]
    return Judgement(
        tuple(f"the {what} {word}" for what, word in wanted.items() if not _says(told, word)),
        tuple(word for word in dict.fromkeys(never) if _says(told, word)),
    )


def _says(told: str, word: str) -> bool:
    """Say whether a word stands there, and not only as a part of another: p1 is not p15."""
    return re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", told) is not None


@dataclass(frozen=True, slots=True)
class Story(Generic[Drawn]):
    """A story: a file or folder in ``whence.lab.stories`` holds one."""

    name: str  # as in ``whence lab demo NAME``
    about: str  # one line
    variants: tuple[str, ...]  # the first one is played if none is named
    by_hand: tuple[str, ...]  # the steps an administrator would take instead
    draw: Callable[[int, str], Drawn]  # seed and variant decide names, addresses, culprits; pure
    build: Callable[[Drawn, Site], Office]
    tell: Callable[[Office, Telling], Iterator[Answer]]  # the commands one would type
    judge: Callable[[Mapping[str, str], Sequence[Answer]], Judgement]  # the truth, what was told
    needs: tuple[str, ...] = field(default=())  # programs that must be installed
