"""What was changed on a machine, and which change is likeliest to have begun something. Pure."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from whence.model.evidence import Evidence

HALF = timedelta(minutes=30)  # before the onset, at which a change counts half
AFTERWARDS = timedelta(seconds=2)  # clocks and file systems round; no cause comes later
TOGETHER = timedelta(seconds=45)  # files that a package brings change within this of its line
KINDS = {  # how often, of old, such a change turned out to begin traffic; 1 is the usual
    "boot": 1.2,
    "kernel": 0.5,
    "unit": 1.5,
    "schedule": 1.5,
    "configuration": 1.2,
    "program": 1.2,
    "package": 1.0,
    "container": 1.2,
    "commit": 1.2,
    "account": 0.8,
    "lease": 0.4,  # they are renewed all day
    "certificate": 0.6,
    "removal": 0.3,  # of what, is not known
    "log": 1.0,
}
TOUCHED = 12.0
RELATED = 4.0
BROUGHT_ALONG = 0.3  # by a package that something else needed, or as a file of a package


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was changed; that it is the cause is not said."""

    at: datetime
    kind: str  # one of KINDS
    what: str  # in words
    things: tuple[str, ...]  # packages, paths, units that it is about
    evidence: Evidence
    alike: str = ""  # what makes it one of many: changes of one sort
    who: str = ""
    command: str = ""
    along: bool = False  # it came along with another


@dataclass(frozen=True, slots=True)
class Onset:
    """When it began: seen first at ``seen``, and not there yet, as far as is known, before."""

    seen: datetime
    not_before: datetime | None = None

    def before(self, at: datetime) -> timedelta:
        """Say how long before it may have begun something happened; nothing if in between."""
        return max(timedelta(), (self.not_before or self.seen) - at)

    def __str__(self) -> str:
        text = f"first seen {self.seen:%Y-%m-%d %H:%M:%S} UTC"
        if self.not_before:
            text += f", not before {self.not_before:%Y-%m-%d %H:%M:%S}: it began in between"
        return text


@dataclass(frozen=True, slots=True)
class Ranked:
    """A change, with what speaks for it."""

    change: Change
    score: float
    before: timedelta  # the onset
    touches: str = ""  # what of the chain it touches
    like_it: int = 1  # changes of its sort in the window


def rank(changes: Iterable[Change], onset: Onset, touching: Sequence[str] = ()) -> list[Ranked]:
    """Order changes by closeness to the onset, by whether they touch the chain, by rarity.

    What was changed after the onset was seen is left out.
    """
    possible = [change for change in changes if change.at <= onset.seen + AFTERWARDS]
    possible = brought_along(possible)
    sorts = Counter(_sort(change) for change in possible)
    names = {name: _words(name) for name in touching if name}
    ranked = [_ranked(change, onset, names, sorts[_sort(change)]) for change in possible]
    ranked = _packages_before_their_files(ranked)
    return sorted(ranked, key=lambda one: (-one.score, one.before, one.change.what))


def _packages_before_their_files(ranked: Sequence[Ranked]) -> list[Ranked]:
    """Let a package that touches the chain stand before the files that it brought."""
    packages = [one for one in ranked if one.change.kind == "package" and one.touches]

    def lowered(one: Ranked) -> Ranked:
        scores = [
            package.score
            for package in packages
            if abs(package.change.at - one.change.at) <= TOGETHER
            and _words(package.change.things[0]) & _words(one.change.things[0])
        ]
        return replace(one, score=min([one.score, *(score * BROUGHT_ALONG for score in scores)]))

    return [lowered(one) if one.change.along and one.touches else one for one in ranked]


def _ranked(change: Change, onset: Onset, names: dict[str, frozenset[str]], alike: int) -> Ranked:
    before = onset.before(change.at)
    closeness = 1 / (1 + before / HALF)
    score = closeness * KINDS.get(change.kind, 1.0)
    touched, how = _touches(change, names)
    if how != TOUCHED:
        score /= alike**0.5  # the very thing is no less the cause for having neighbours
    if how is not None:
        score *= how
    elif change.along:
        score *= BROUGHT_ALONG
    return Ranked(change, score, before, touched, alike)


def _touches(change: Change, names: dict[str, frozenset[str]]) -> tuple[str, float | None]:
    paths = {name.lower(): name for name in names if _WINDOWS.match(name)}
    for thing in change.things:
        if thing in names:
            return thing, TOUCHED
        if thing.lower() in paths:
            return paths[thing.lower()], TOUCHED
        for name in names:
            if name.startswith("/") and thing.startswith("/") and _within(thing, name):
                # The chain's file is there still, so another was removed from its folder.
                return name, RELATED if change.kind == "removal" else TOUCHED
    for thing in change.things:
        words = _words(thing)
        for name, named in names.items():
            if words & named:
                return name, RELATED
    return "", None


def _within(one: str, other: str) -> bool:
    return one.startswith(f"{other.rstrip('/')}/") or other.startswith(f"{one.rstrip('/')}/")


_COMMON = frozenset(
    ("usr", "lib", "etc", "opt", "var", "bin", "sbin", "local", "system", "systemd", "service",
     "timer", "conf", "python3", "python", "perl", "bash", "common", "data", "share", "amd64",
     "cron", "spool", "crontabs", "init", "default", "packages", "dist", "site", "node",
     "modules", "root", "home", "daemon", "server", "client", "agent", "tools", "config")
)  # fmt: skip


_WINDOWS = re.compile(
    r"(?:[A-Za-z]:|%\w+%)\\"
)  # such paths are the same in small and large letters


def _words(name: str) -> frozenset[str]:
    """Give the words of a name or path that say something: its last part, and the package's."""
    if _WINDOWS.match(name):
        name = name.rpartition("\\")[2]
    parts = name.split("/") if name.startswith("/") else [name]
    base = posixpath.basename(name.rstrip("/"))
    stems = {base, re.sub(r"\.\w{1,8}$", "", base), *(part for part in parts if part)}
    found = set()
    for stem in stems:
        word = re.sub(r":\w+$", "", stem).lower()
        if len(word) > 3 and word not in _COMMON:
            found.add(word)
    return frozenset(found)


def _sort(change: Change) -> str:
    return f"{change.kind} {change.alike}"


def brought_along(changes: Sequence[Change]) -> list[Change]:
    """Mark files that changed while packages were put in: their package's line says more."""
    packages = sorted(change.at for change in changes if change.kind == "package")
    marked = []
    place = 0
    for change in sorted(changes, key=lambda change: change.at):
        while place < len(packages) and packages[place] < change.at - TOGETHER:
            place += 1
        near = place < len(packages) and packages[place] <= change.at + TOGETHER
        is_file = change.things and change.things[0].startswith("/")
        marked.append(_along(change) if near and is_file and not change.along else change)
    return marked


def _along(change: Change) -> Change:
    return replace(change, alike=f"{change.alike} of packages", along=True)
