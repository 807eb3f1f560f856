"""From a program to whether it is the file that its Debian package brought."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from whence.model import CannotAsk, Fact, Line, Program, probe
from whence.probes._dpkg import DATABASE, LISTS, NOBODY, Diversion, recorded_as
from whence.probes._packages import is_there
from whence.probes._sums import compared
from whence.world import Host, Programs


@probe(answers="agrees-with-package", near=2)
def dpkg_sum(program: Program, host: Host, programs: Programs) -> Iterator[Fact]:
    """Is this program as its Debian package brought it, by its sum?"""
    path = program.path
    if program.host != host.name or not path.startswith("/") or not is_there(DATABASE, host):
        return
    for names, diversion in recorded_as(path, host):
        if diversion and diversion.by == NOBODY and diversion.path in names and path in names:
            return  # the administrator's own file, of which no package knows
        for line, package, expected in _known(names, path, diversion, host):
            is_setting = not package
            yield compared(program, programs, "md5", expected, line.evidence,
                           package=package or "the package", is_setting=is_setting)  # fmt: skip
            return


def _known(
    names: Sequence[str], path: str, diversion: Diversion | None, host: Host
) -> Iterator[tuple[Line, str, str]]:
    """Give the line that has the sum, the package, and the sum; a setting's has no package."""
    for line, package, expected in _listed(names, host):
        if diversion is None or (package == diversion.by) == (path in _both(diversion.path)):
            yield line, package, expected
    if any(name.startswith("/etc/") for name in names):
        for name in names:
            yield from _settings(name, host)


def _both(path: str) -> tuple[str, str]:
    return path, path.removeprefix("/usr") if path.startswith("/usr/") else f"/usr{path}"


def _listed(names: Sequence[str], host: Host) -> Iterator[tuple[Line, str, str]]:
    """Look through the sums that packages came with, deb-md5sums(5)."""
    words = "|".join(re.sub(r"([][\\.^$*+?(){}|])", r"\\\1", name[1:]) for name in names)
    if "\n" in words:
        return
    try:
        found = host.run("grep", "-rxEH", "--include=*.md5sums", "-e",
                         f"[0-9a-f]{{32}}  ({words})", LISTS)  # fmt: skip
    except CannotAsk as refusal:
        if refusal.because == "exit status 1":  # no line matched, grep(1)
            return
        raise
    for line in found.lines():
        package, _, rest = line.partition(".md5sums:")
        if rest:
            yield line, posixpath.basename(package).partition(":")[0], rest[:32]


def _settings(name: str, host: Host) -> Iterator[tuple[Line, str, str]]:
    """Look for a setting's sum, which stands in the database: dpkg-query(1), Conffiles."""
    with suppress(CannotAsk):
        for line in host.run("grep", "-F", "-e", f" {name} ", DATABASE).lines():
            fields = line.split()
            if line.startswith(" ") and fields[:1] == [name] and len(fields) > 1:
                yield line, "", fields[1]
