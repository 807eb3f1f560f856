"""From a program to what its package brought to read, to start it by, and to click on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.model import Fact, Line, Program, probe
from whence.probes._dpkg import LISTS, owners_of
from whence.probes._files import read_if_there
from whence.world import Host

MOST = 4  # files of documentation that are named
_READABLE = re.compile(
    r"/usr/share/(?:doc/[^/]+/(?!copyright|changelog|NEWS|AUTHORS|THANKS)[^/]+|info/.+)"
)


@probe(answers="documented-in", near=0)
def documentation(program: Program, host: Host) -> Iterator[Fact]:
    """Which documentation did this program's Debian package bring?"""
    if program.host != host.name:
        return
    for owner in owners_of(program.path, host):
        for line in _brought(owner, host)[:MOST]:
            yield program.fact("documented-in", str(line), line.evidence)


def _brought(owner: str, host: Host) -> list[Line]:
    reading = read_if_there(host, f"{LISTS}/{owner}.list")
    lines = [*reading.lines()] if reading else []
    return [line for line in lines if _READABLE.fullmatch(line) and not _is_folder(line, lines)]


def _is_folder(path: str, lines: list[Line]) -> bool:
    return any(line.startswith(f"{path}/") for line in lines)
