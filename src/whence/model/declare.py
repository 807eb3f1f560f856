"""How a probe or a sensor is declared: a function, its types and its docstring."""

from __future__ import annotations

import enum
import inspect
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, ParamSpec

from whence.model.facts import Fact
from whence.model.sightings import Events

P = ParamSpec("P")


class Reach(enum.IntEnum):
    """How far a question is heard. The planner asks the quietest first."""

    SILENT = 0  # reads what this machine already knows
    LOCAL_NET = 1  # sends a packet to a neighbour
    DEVICE = 2  # logs in to a switch
    REMOTE = 3  # tells the outside
    OTHER_END = 4  # speaks to the very one that is asked about, who notices


@dataclass(frozen=True, slots=True)
class Probe(Generic[P]):
    """A question, and the function that asks it."""

    ask: Callable[P, Iterable[Fact]]
    answers: str  # the relation of the facts it yields
    reach: Reach
    about: type
    needs: tuple[type, ...]
    near: int = 99  # asked only about things at most this many facts away from the subject

    @property
    def name(self) -> str:
        """The name of its function, which is the name of its file."""
        return self.ask.__name__

    @property
    def question(self) -> str:
        """The question as the user reads it: the first line of the docstring."""
        return _first_line(self.ask)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Iterable[Fact]:
        return self.ask(*args, **kwargs)


@dataclass(frozen=True, slots=True)
class Sensor(Generic[P]):
    """A watcher that yields sightings until it is closed.

    The first thing it yields is its status: from then on nothing is missed. Before it waits for
    more it yields None, so that what it told is written in one go. Sensors that watch
    the same thing form a ladder: the lowest level that this machine allows is the one to take.
    """

    watch: Callable[P, Events]
    watches: str
    level: int
    cannot_see: tuple[str, ...]
    better_with: str  # what would have to be so for this level to work, in the user's words
    needs: tuple[type, ...]

    @property
    def name(self) -> str:
        """The name of its function, which is the name of its file."""
        return self.watch.__name__

    @property
    def does(self) -> str:
        """What it does, in one line."""
        return _first_line(self.watch)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Events:
        return self.watch(*args, **kwargs)


def probe(
    *, answers: str, reach: Reach = Reach.SILENT, near: int = 99
) -> Callable[[Callable[P, Iterable[Fact]]], Probe[P]]:
    """Declare a probe: its first parameter is what it is about, the rest what it needs."""

    def declare(ask: Callable[P, Iterable[Fact]]) -> Probe[P]:
        about, *needs = _parameters(ask)
        return Probe(ask, answers, reach, about, tuple(needs), near)

    return declare


def sensor(
    *, watches: str, level: int, cannot_see: tuple[str, ...] = (), better_with: str = ""
) -> Callable[[Callable[P, Events]], Sensor[P]]:
    """Declare a sensor: its parameters are what it needs."""

    def declare(watch: Callable[P, Events]) -> Sensor[P]:
        return Sensor(watch, watches, level, cannot_see, better_with, tuple(_parameters(watch)))

    return declare


def _parameters(function: Callable[..., object]) -> list[type]:
    hints = typing.get_type_hints(function)
    return [hints[name] for name in inspect.signature(function).parameters]


def _first_line(function: Callable[..., object]) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]
