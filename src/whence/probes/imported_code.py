"""From a Python program to the files that its code is in: what is compiled may have no source."""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import islice

from whence.model import CannotAsk, Confidence, Fact, Line, Program, Reading, probe
from whence.model.program_contents import said_of
from whence.probes._packages import is_there, resolved
from whence.probes._said import facts_said
from whence.world import Host, Programs

MOST = 12  # modules that are looked for
# In the order in which Python looks, importlib/_bootstrap_external.py.
ENDS = (".abi3.so", ".so", ".py", ".pyc")
_PYTHON = re.compile(r"(?P<prefix>/.*)/bin/python(?P<version>\d\.\d+)?[\d.]*")
_ADDED = re.compile(r"\bsys\.path\.(?:insert\(\s*-?\d+\s*,|append\()\s*(['\"])(?P<folder>/.+?)\1")


@probe(answers="takes-code-from", near=0)
def imported_code(program: Program, host: Host, programs: Programs) -> Iterator[Fact]:
    """In which files is the code that this Python program imports, and is there a source of it?"""
    if program.host != host.name or not program.path.startswith("/"):
        return
    rows = [*said_of(programs.contents_of(program.path).lines())]
    named = next((said.text for said, _ in rows if said.what == "interpreter"), "")
    if not (python := _PYTHON.match(_interpreter(named, host))):
        return
    folders = [*dict.fromkeys(_folders(program.path, python, host))]
    modules = [(said.text, line) for said, line in rows if said.what == "imports"]
    # “.agent” begins with nothing: it is of the package that the program itself is in.
    own = {"", *sys.stdlib_module_names}
    others = (one for one in modules if one[0].split(".")[0] not in own)
    listed = _Listed(host)
    for module, line in islice(others, MOST):
        if found := _file(module, folders, listed):
            path, entry = found
            code = Program(program.host, path)
            # PYTHONPATH may say otherwise, and nobody ran it.
            yield program.fact("takes-code-from", code, line.evidence, entry.evidence,
                               confidence=Confidence.LIKELY)  # fmt: skip
            if path.endswith(".pyc"):
                yield from _compiled(code, programs.contents_of(path), host)


def _interpreter(named: str, host: Host) -> str:
    """Name the interpreter with its version: /usr/bin/python3 is a link."""
    words = [word for word in named.split() if not word.startswith("-")]
    if words[1:] and posixpath.basename(words[0]) == "env":
        words = [f"/usr/bin/{words[1]}"]
    return resolved(words[0], host) if words and "python" in words[0] else ""


def _folders(path: str, python: re.Match[str], host: Host) -> Iterator[str]:
    """Give where Python looks for modules: what the program adds, its own folder, site(3)."""
    for line in host.read(path).lines():
        yield from (found["folder"] for found in _ADDED.finditer(line))
    yield posixpath.dirname(path)
    for prefix in dict.fromkeys((python["prefix"], "/usr/local", "/usr")):
        if version := python["version"]:
            yield f"{prefix}/lib/python{version}/site-packages"
            yield f"{prefix}/lib/python{version}/dist-packages"
        yield f"{prefix}/lib/python3/dist-packages"


class _Listed:
    """What is in folders; each is listed once."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._known: dict[str, dict[str, Line]] = {}

    def entries(self, folder: str) -> dict[str, Line]:
        """Give the entries of a folder by name; none if there is no such folder."""
        if folder not in self._known:
            try:
                lines = self._host.list(folder).lines()
                self._known[folder] = {str(line): line for line in lines}
            except CannotAsk:
                self._known[folder] = {}
        return self._known[folder]


def _file(module: str, folders: Iterable[str], listed: _Listed) -> tuple[str, Line] | None:
    """Look for a package before a module, in each folder, as Python does."""
    *above, name = module.split(".")
    for folder in folders:
        place = posixpath.join(folder, *above)
        inside = [(f"{place}/{name}", "__init__")] if name in listed.entries(place) else []
        for where, stem in (*inside, (place, name)):
            for end in ENDS:
                if entry := listed.entries(where).get(f"{stem}{end}"):
                    return f"{where}/{entry}", entry
    return None


def _compiled(code: Program, contents: Reading, host: Host) -> Iterator[Fact]:
    """Say what a compiled file says of itself, and that its source is missing, if it is."""
    yield from facts_said(code, contents)
    for said, line in said_of(contents.lines()):
        source = posixpath.join(posixpath.dirname(code.path), said.text)
        if said.what == "compiled-from" and not is_there(source, host):
            text = f"compiled from {said.text}, which is not here"
            yield code.fact("has-no-source", text, line.evidence)
