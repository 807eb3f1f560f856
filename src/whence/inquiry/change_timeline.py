"""What was changed on this host before something began, the likeliest beginning first."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import whence.inquiry.changed
from whence.inquiry.changed._declare import ChangeSource, Past
from whence.model import CannotAsk, Service
from whence.model.changed import Change, Onset, Ranked, rank
from whence.model.discovery import discover
from whence.model.facts import Fact, Observable
from whence.model.observables import Job, Package, Program, Setting, User
from whence.world import FileChanges, Host

log = logging.getLogger(__name__)

SAME = timedelta(minutes=15)  # that apt(8) may take from its first line to that of dpkg(1)


@dataclass(frozen=True, slots=True)
class NotTold:
    """A source of changes that could not be asked, and why."""

    tells: str
    because: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Changes before an onset, in the order of what speaks for them."""

    onset: Onset
    begin: datetime
    changes: tuple[Ranked, ...]
    not_told: tuple[NotTold, ...]
    not_read: dict[str, int]


def change_timeline(
    host: Host,
    files: FileChanges,
    onset: Onset,
    window: timedelta,
    touching: Sequence[str] = (),
    others: Iterable[Change] = (),
) -> Timeline:
    """Read every source of changes of this host, and rank what was changed in the window.

    ``others`` are changes that somebody else knows of, as from logs of other devices.
    """
    past = Past((onset.not_before or onset.seen) - window, onset.seen, host, files)
    found = [change for change in others if past.holds(change.at)]
    not_told: list[NotTold] = []
    for source in discover(whence.inquiry.changed, ChangeSource, absent={}):
        try:
            found += source.read(past)
        except CannotAsk as reason:
            because = f"{reason}: {reason.because}" if reason.because else str(reason)
            not_told.append(NotTold(source.tells, because))
    ranked = rank(once(found), onset, touching)
    return Timeline(onset, past.begin, tuple(ranked), tuple(not_told), past.not_read)


def once(changes: Sequence[Change]) -> list[Change]:
    """Tell once what dpkg and apt both tell: when dpkg did it, and who had apt do it."""
    kept: list[Change] = []
    exact: list[Change] = []
    commands: dict[str, list[int]] = {}  # package → positions in ``kept``
    for change in changes:
        if change.kind == "package" and not change.command:
            exact.append(change)
            continue
        if change.kind == "package":
            commands.setdefault(change.things[0], []).append(len(kept))
        kept.append(change)
    for change in exact:
        positions = commands.get(change.things[0], [])
        same = next((at for at in positions if _is_same(kept[at], change)), None)
        if same is None:
            kept.append(change)
        else:
            positions.remove(same)
            kept[same] = replace(kept[same], at=change.at)
    return kept


def _is_same(by_apt: Change, by_dpkg: Change) -> bool:
    return timedelta(0) <= by_dpkg.at - by_apt.at <= SAME


def touched_by(facts: Sequence[Fact]) -> list[str]:
    """Name what the chain of a case touches: its programs, packages, units, jobs, settings, users.

    A boot touches it where a unit of the chain is started at boot.
    """
    things: list[Observable | str] = []
    for fact in facts:
        things += (fact.subject, fact.value)
    names = ["boot"] if any(map(_starts_at_boot, facts)) else []
    for thing in things:
        if isinstance(thing, Program):
            names.append(thing.path)
        elif isinstance(thing, Package | Service) or (
            isinstance(thing, User) and thing.name and thing.uid
        ):
            names.append(thing.name)
        elif isinstance(thing, Job):
            names.append(thing.source)
        elif isinstance(thing, Setting):
            names.append(thing.place)
    return [*dict.fromkeys(names)]


def _starts_at_boot(fact: Fact) -> bool:
    return fact.relation == "wanted-by" and ".target" in str(fact.value)
