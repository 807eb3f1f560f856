"""From a program to what menus say of it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from whence.model import Fact, Line, Program, Reading, probe
from whence.probes._dpkg import LISTS, owners_of
from whence.probes._files import read_if_there
from whence.world import Host

_ENTRY = re.compile(r"/usr/share/applications/[^/]+\.desktop")


@probe(answers="in-menus-as", near=0)
def desktop_entry(program: Program, host: Host) -> Iterator[Fact]:
    """What does the menu entry of its package say that this program is for?"""
    if program.host != host.name:
        return
    for owner in owners_of(program.path, host):
        reading = read_if_there(host, f"{LISTS}/{owner}.list")
        for line in reading.lines() if reading else ():
            entry = read_if_there(host, line) if _ENTRY.fullmatch(line) else None
            if entry and (said := _said(entry, program.path)):
                yield program.fact("in-menus-as", said.partition("=")[2].strip(), said.evidence)


def _said(entry: Reading, path: str) -> Line | None:
    """Give the comment, or else the name, of an entry that starts this program; Desktop Entry."""
    found: dict[str, Line] = {}
    for line in entry.lines():
        key, _, value = line.partition("=")
        if line.startswith("[") and found:
            break  # an action of the entry
        if value:
            found.setdefault(key.strip(), line)
    word = found["Exec"].partition("=")[2].split()[:1] if "Exec" in found else []
    starts = bool(word) and word[0].strip('"') in (path, posixpath.basename(path))
    return (found.get("Comment") or found.get("Name")) if starts else None
