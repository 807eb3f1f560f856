"""From a program to its Alpine package."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.model import CannotAsk, Fact, Package, Program, probe
from whence.probes._packages import is_there
from whence.world import Host

DATABASE = "/lib/apk/db/installed"
_OWNED = re.compile(r".* is owned by (?P<name>.+?)-(?P<version>\d[^-]*-r\d+)")


@probe(answers="belongs-to", near=3)
def apk_package(program: Program, host: Host) -> Iterator[Fact]:
    """Which Alpine package is this program part of?"""
    if program.host != host.name or not is_there(DATABASE, host):
        return
    try:
        answer = host.run("apk", "info", "--who-owns", program.path)
    except CannotAsk as refusal:
        if "not find owner" in refusal.because:
            return
        raise
    for line in answer.lines():
        if owned := _OWNED.fullmatch(line):
            package = Package("apk", owned["name"], owned["version"])
            yield program.fact("belongs-to", package, line.evidence)
