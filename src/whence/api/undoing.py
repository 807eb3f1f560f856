"""Take back what a whence that was killed left changed: every kind of change in one place.

Kinds are the mirrors of ``whence bisect``, and whatever has a journal in `Places.passing`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from whence.model import WhenceError
from whence.world import systemd, utc_now
from whence.world.places import Places
from whence.world.undo import Run
from whence.world.undo_folder import Journal, UndoFolder
from whence.world.undo_unit import undo_unit

MIRRORS = "bisect"


@dataclass(frozen=True, slots=True)
class Left:
    """A change that is there, and was meant to pass."""

    kind: str  # bisect, trap
    name: str  # of what was changed: a switch, a program
    held: bool = False  # by a whence that lives; it takes it back itself
    until: datetime | None = None  # how long it is meant to stay
    journal: Journal | None = None
    by_hand: bool = False  # only a person can take it back

    def is_due(self, now: datetime) -> bool:
        """Say whether nobody is going to take it back, and it is not meant to stay."""
        return not self.held and (self.until is None or self.until <= now)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change."""

    left: Left
    said: tuple[str, ...]
    done: bool  # nothing of it is left


def left() -> list[Left]:
    """Say what is changed just now, of this user."""
    from whence.api import bisecting  # not before: seldom wanted

    found = []
    if switch := bisecting.left_behind():
        searching = bisecting.is_searching()
        found.append(Left(MIRRORS, switch, searching, by_hand=bisecting.needs_a_person()))
    for journal in UndoFolder(Places.of_this_user().passing).journals():
        found.append(Left(journal.kind, journal.name, journal.held, journal.until, journal))
    return found


def take_back(
    *, everything: bool = False, ask: bool = False, run: Run = systemd.run
) -> Iterator[Outcome]:
    """Take back what nobody is going to take back; with ``everything``, also what may stay longer.

    What a living whence holds is passed over: it does that itself. A person is asked to do what
    only a person can with ``ask``; that reads what they type.
    """
    now = utc_now()
    for one in left():
        if one.held or not (everything or one.is_due(now)):
            continue
        if one.by_hand and not ask:
            yield Outcome(one, (f"{one.name} is still as a search left it",), False)
            continue
        try:
            said = _take_back(one, run)
        except WhenceError as e:
            yield Outcome(one, (": ".join(filter(None, (str(e), e.because))),), False)
            continue
        yield Outcome(one, tuple(said), not _is_left(one))


def unit_text() -> str:
    """Write a systemd unit that takes everything back at boot; nothing is put in place."""
    return undo_unit(Path(sys.argv[0]).absolute())


def _take_back(one: Left, run: Run) -> list[str]:
    from whence.api import bisecting

    if one.journal is None:
        return [bisecting.bring_back()]
    return [*UndoFolder(Places.of_this_user().passing).take_back(one.journal, run)]


def _is_left(one: Left) -> bool:
    return any((other.kind, other.name) == (one.kind, one.name) for other in left())
