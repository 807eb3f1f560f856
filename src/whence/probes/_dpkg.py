"""Whose file it is, by the package database of Debian, Ubuntu and their kin."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from whence.model import CannotAsk, Confidence, Evidence, Fact, Line, Observable
from whence.probes._packages import is_there, labelled, package_facts, resolved
from whence.world import Host

DATABASE = "/var/lib/dpkg/status"
FORMAT = (
    "-f=Name: ${Package}\\nVersion: ${Version}\\nMaintainer: ${Maintainer}\\n"
    "Homepage: ${Homepage}\\nSummary: ${binary:Summary}\\n"
)
_MERGED = re.compile(r"(?P<usr>/usr)?(?P<below>/(?:s?bin|lib(?:32|64|x32|o32)?)/.+)", re.DOTALL)
_OWNERS = re.compile(r"(?P<owners>[a-z0-9][^ /]*(?:, [^ /]+)*): (?P<path>/.*)")
_DIVERTED = re.compile(r"(?:diversion by (?P<by>\S+)|local diversion) from: (?P<path>/.*)")
_MOVED = re.compile(r"(?:diversion by \S+|local diversion) to: (?P<path>/.*)")
_COMPILED = re.compile(r"(?P<folder>.*/)__pycache__/(?P<name>[^/.]+)\.[^/]*\.pyc")


@dataclass(frozen=True, slots=True)
class Owner:
    """A package that owns a file, and the line that says so."""

    package: str  # with its architecture where there could be several: libc6:amd64
    evidence: Evidence


def dpkg_facts(thing: Observable, path: str, host: Host) -> Iterator[Fact]:
    """State which packages the file at ``path`` came with, for ``thing``, which it defines."""
    if not path.startswith("/") or not is_there(DATABASE, host):
        return
    for candidate, sure in _candidates(path, host):
        if owners := _owners(candidate, host):
            for owner in owners:
                described = labelled(host.run("dpkg-query", "-W", FORMAT, owner.package).lines())
                yield from package_facts(thing, "dpkg", described, owner.evidence, confidence=sure)
            return


def _candidates(path: str, host: Host) -> Iterator[tuple[str, Confidence]]:
    """Give the paths that the database may know it by, each asked only if those before are not."""
    for name in _names(path):
        yield name, Confidence.CERTAIN
    if compiled := _COMPILED.fullmatch(path):  # made when the package was installed
        yield f"{compiled['folder']}{compiled['name']}.py", Confidence.LIKELY
    elif (target := resolved(path, host)) != path:  # such as update-alternatives(1) makes
        for name in _names(target):
            yield name, Confidence.CERTAIN


def _names(path: str) -> Iterator[str]:
    """Name a path as it is, and as before or after /bin became a link to /usr/bin."""
    yield path
    if merged := _MERGED.fullmatch(path):
        yield merged["below"] if merged["usr"] else f"/usr{merged['below']}"


def _owners(path: str, host: Host) -> list[Owner]:
    lines = _search(path, host)
    for moved, next_line in itertools.pairwise(lines):  # a diversion is two lines, from and to
        diverted, to = _DIVERTED.fullmatch(moved), _MOVED.fullmatch(next_line)
        if diverted and diverted["path"] == path:  # another package's file, or nobody's
            return [Owner(diverted["by"], moved.evidence)] if diverted["by"] else []
        if diverted and to and to["path"] == path:  # the file that would stand at the other path
            owners = _owned(_search(diverted["path"], host), diverted["path"])
            return [owner for owner in owners if owner.package != diverted["by"]]
    return [*_owned(lines, path)]


def _owned(lines: list[Line], path: str) -> Iterator[Owner]:
    for line in lines:
        if (owned := _OWNERS.fullmatch(line)) and owned["path"] == path:
            yield from (Owner(name, line.evidence) for name in owned["owners"].split(", "))


def _search(path: str, host: Host) -> list[Line]:
    """Ask for one path only: of several, dpkg-query fails if it does not find each."""
    literal = re.sub(r"([*?\[\\])", r"\\\1", path)  # it reads its argument as glob(7)
    try:
        return [*host.run("dpkg-query", "-S", literal).lines()]
    except CannotAsk as refusal:
        if "no path found" in refusal.because:
            return []
        raise
