"""Whose file it is, by the package database of Debian, Ubuntu and their kin."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from whence.model import CannotAsk, Confidence, Evidence, Fact, Observable
from whence.probes._packages import is_there, labelled, package_facts, resolved
from whence.world import Host

DATABASE = "/var/lib/dpkg/status"
DIVERSIONS = "/var/lib/dpkg/diversions"
LISTS = "/var/lib/dpkg/info"
FORMAT = (
    "-f=Name: ${Package}\\nVersion: ${Version}\\nMaintainer: ${Maintainer}\\n"
    "Homepage: ${Homepage}\\nSummary: ${binary:Summary}\\nSection: ${Section}, ${Priority}\\n"
)
NOBODY = ":"  # who made a diversion that is the administrator's own
_MERGED = re.compile(r"(?P<usr>/usr)?(?P<below>/(?:s?bin|lib(?:32|64|x32|o32)?)/.+)", re.DOTALL)
_COMPILED = re.compile(r"(?P<folder>.*/)__pycache__/(?P<name>[^/.]+)\.[^/]*\.pyc")


@dataclass(frozen=True, slots=True)
class Owner:
    """A package that owns a file, and the line that says so."""

    package: str  # with its architecture where there could be several: libc6:amd64
    path: str  # under which the package knows the file
    evidence: Evidence
    confidence: Confidence = Confidence.CERTAIN


@dataclass(frozen=True, slots=True)
class Diversion:
    """A path where another package's file stands, and where the first one's went."""

    path: str
    moved_to: str
    by: str
    evidence: Evidence


# What was found on a host in this run: several questions about a file begin with its owners, and
# looking through the lists of all packages takes longer than all the rest of them.
_found: WeakKeyDictionary[Host, dict[str, list[Owner]]] = WeakKeyDictionary()


def dpkg_facts(thing: Observable, path: str, host: Host) -> Iterator[Fact]:
    """State which packages the file at ``path`` came with, for ``thing``, which it defines."""
    for owner in owners_of_file(path, host):
        described = labelled(host.run("dpkg-query", "-W", FORMAT, owner.package).lines())
        yield from package_facts(
            thing, "dpkg", described, owner.evidence, confidence=owner.confidence
        )


def owners_of(path: str, host: Host) -> list[str]:
    """Name the packages that a file came with; none where dpkg is not, or does not know it."""
    return [owner.package for owner in owners_of_file(path, host)]


def owners_of_file(path: str, host: Host) -> list[Owner]:
    """Give the packages that a file came with; none where dpkg is not, or does not know it."""
    known = _found.setdefault(host, {})
    if path not in known:
        is_asked = path.startswith("/") and is_there(DATABASE, host)
        known[path] = _look_for(path, host) if is_asked else []
    return known[path]


def _look_for(path: str, host: Host) -> list[Owner]:
    for names, sure in _candidates(path, host):
        if owners := _owners(names, host):
            return [replace(owner, confidence=sure) for owner in owners]
    return []


def diversion_of(path: str, host: Host) -> Diversion | None:
    """Give the diversion that made room for the file at a path."""
    names = spellings(path)
    return next((found for found in _diversions(host) if found.path in names), None)


def _candidates(path: str, host: Host) -> Iterator[tuple[Sequence[str], Confidence]]:
    """Give the names that the database may know it by, each asked only if those before are not."""
    yield spellings(path), Confidence.CERTAIN
    if compiled := _COMPILED.fullmatch(path):  # made when the package was installed
        yield spellings(f"{compiled['folder']}{compiled['name']}.py"), Confidence.LIKELY
    elif (target := resolved(path, host)) != path:  # such as update-alternatives(1) makes
        yield spellings(target), Confidence.CERTAIN


def spellings(path: str) -> Sequence[str]:
    """Name a path as it is, and as before or after /bin became a link to /usr/bin."""
    merged = _MERGED.fullmatch(path)
    if not merged:
        return (path,)
    return path, merged["below"] if merged["usr"] else f"/usr{merged['below']}"


def _owners(names: Sequence[str], host: Host) -> list[Owner]:
    for diversion in _diversions(host):
        if diversion.path in names:  # the file of who diverted it, or nobody's
            by = diversion.by
            return [Owner(by, diversion.path, diversion.evidence)] if by != NOBODY else []
        if diversion.moved_to in names:  # the file of who would own the other path
            owners = _search(spellings(diversion.path), host)
            return [owner for owner in owners if owner.package != diversion.by]
    return [*_search(names, host)]


def _diversions(host: Host) -> Iterator[Diversion]:
    """Read what dpkg-divert(1) wrote: three lines each."""
    try:
        lines = [*host.read(DIVERSIONS).lines()]
    except CannotAsk:  # there never was one
        return
    for path, moved_to, by in zip(lines[::3], lines[1::3], lines[2::3], strict=False):
        yield Diversion(path, moved_to, by, path.evidence)


def _search(names: Sequence[str], host: Host) -> Iterator[Owner]:
    """Search the lists of all packages, as ``dpkg-query -S`` does in five times the time."""
    patterns = [word for name in names for word in ("-e", name)]
    try:
        found = host.run("grep", "-rxFH", "--include=*.list", *patterns, LISTS)
    except CannotAsk as refusal:
        if refusal.because == "exit status 1":  # no line matched, grep(1)
            return
        raise
    for line in found.lines():
        package, _, owned = line.partition(".list:")
        if owned in names:
            yield Owner(posixpath.basename(package), owned, line.evidence)
