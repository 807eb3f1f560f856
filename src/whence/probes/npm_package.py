"""From a program to its npm package."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.model import Fact, Line, Package, Program, Reading, probe
from whence.probes._packages import resolved
from whence.world import Host

_MODULE = re.compile(r"(?P<folder>.*/node_modules/(?:@[^/]+/)?[^/@.][^/]*)/.+", re.DOTALL)
_SCRIPT_FOLDERS = re.compile(r".*/bin/[^/]+|.*\.[cm]?js")  # where npm puts links to scripts

_FIELD = re.compile(r'"(?P<label>\w+)"\s*:\s*"(?P<text>(?:[^"\\]|\\.)*)",?')
SAID = {"description": "described-as", "author": "maintained-by", "homepage": "homepage"}


@probe(answers="belongs-to", near=3)
def npm_package(program: Program, host: Host) -> Iterator[Fact]:
    """Which npm package is this program part of?"""
    if program.host != host.name:
        return
    path = program.path
    if "/node_modules/" not in path and _SCRIPT_FOLDERS.fullmatch(path):
        path = resolved(path, host)
    if module := _MODULE.fullmatch(path):
        name = module["folder"].rpartition("/node_modules/")[2]
        yield from _facts(program, name, host.read(f"{module['folder']}/package.json"))


def _facts(program: Program, name: str, manifest: Reading) -> Iterator[Fact]:
    fields = _fields(manifest)
    version = fields.get("version")
    package = Package("npm", name, _text(version) if version else "")
    yield program.fact("belongs-to", package, version.evidence if version else manifest.whole())
    for label, relation in SAID.items():
        if label in fields:
            yield package.fact(relation, _text(fields[label]), fields[label].evidence)


def _fields(manifest: Reading) -> dict[str, Line]:
    """Read the outermost fields that are text, line by line, so that each can be cited.

    A manifest is not read as JSON, for a password that was taken out of it may have broken it.
    """
    found: dict[str, Line] = {}
    outermost = None
    for line in manifest.lines(skip=1):
        indent = line[: -len(line.lstrip())]
        outermost = outermost or indent
        if (field := _FIELD.fullmatch(line.strip())) and indent == outermost:
            found.setdefault(field["label"], line)
    return found


def _text(line: Line) -> str:
    field = _FIELD.fullmatch(line.strip())
    return field["text"].replace('\\"', '"') if field else ""
