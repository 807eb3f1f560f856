"""From a program to the Python package that pip installed it with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from whence.model import CannotAsk, Fact, Line, Program, probe
from whence.probes._packages import labelled, package_facts
from whence.world import Host

MOST = 300  # records of installed packages that are read for one program
_MODULE = re.compile(r"(?P<root>/.*/(?:site|dist)-packages)/(?P<below>.+)", re.DOTALL)
_COMMAND = re.compile(r"(?P<prefix>/.*)/(?P<below>bin/(?!python)[^/]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The line of a package's record that names a file, and the package's own folder."""

    folder: str
    line: Line


@probe(answers="belongs-to", near=3)
def pip_package(program: Program, host: Host) -> Iterator[Fact]:
    """Which Python package is this program part of?"""
    if recorded := recorded_line(program, host):
        described = labelled(host.read(f"{recorded.folder}/METADATA").lines())
        yield from package_facts(program, "pip", described, recorded.line.evidence)


def recorded_line(program: Program, host: Host) -> Recorded | None:
    """Find where pip wrote down that it installed a file; None where it did not."""
    if program.host != host.name:
        return None
    places = _places(program.path, host)
    found = (_find(root, below, host) for root, below in places)
    return next((recorded for recorded in found if recorded), None)


def _places(path: str, host: Host) -> Iterator[tuple[str, str]]:
    """Give the folders of packages that a file may have come to, and its name in a record there."""
    if module := _MODULE.fullmatch(path):
        yield module["root"], module["below"]
    elif (command := _COMMAND.fullmatch(path)) and command["prefix"] != "/usr":
        with suppress(CannotAsk):
            for name in host.list(f"{command['prefix']}/lib").lines():
                if name.startswith("python"):
                    for packages in ("site-packages", "dist-packages"):
                        root = f"{command['prefix']}/lib/{name}/{packages}"
                        yield root, f"../../../{command['below']}"


def _find(root: str, below: str, host: Host) -> Recorded | None:
    """Look for a file in the records that pip left, PEP 376."""
    beginnings = (f"{below},", f'"{below}",')
    for folder in _likely_first(root, below, host)[:MOST]:
        with suppress(CannotAsk):
            for line in host.read(f"{folder}/RECORD").lines():
                if line.startswith(beginnings):
                    return Recorded(folder, line)
    return None


def _likely_first(root: str, below: str, host: Host) -> list[str]:
    """List the packages, first those that are called like the file or its topmost folder."""
    try:
        names = [name for name in host.list(root).lines() if name.endswith(".dist-info")]
    except CannotAsk:
        return []
    called = _plain(below.removeprefix("../../../bin/").split("/")[0].split(".")[0])
    names.sort(key=lambda name: called not in _plain(name))
    return [f"{root}/{name}" for name in names]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
