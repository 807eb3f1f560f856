"""From a program to what its manual page says that it is for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from whence.model import Fact, Line, Program, Reading, probe
from whence.probes._files import read_if_there
from whence.world import Host

SECTIONS = ("1", "8", "6")  # programs, programs for root, games: man(1)
_BIN = re.compile(r"(?P<prefix>/usr|/usr/local|/opt/[^/]+)?/(?:s?bin|games)/[^/]+")
# How groff(7) writes what is plain text here, and what it does with it that is none.
_ESCAPES = (
    (r"\\f(?:\(..|\[[^]]*\]|.)|\\s[-+]?\d", ""), (r"\\\*?\((?:aq|cq|oq)", "'"),
    (r"\\-|\\\((?:em|en|hy)", "-"), (r"\\~", " "), (r"\\e", r"\\"),
    (r"\\[&/,|^%c:]|\\\(..|\\\[[^]]*\]", ""),
)  # fmt: skip


@probe(answers="is-for", near=2)
def man_page(program: Program, host: Host) -> Iterator[Fact]:
    """What does the manual say that this program is for?"""
    place = _BIN.fullmatch(program.path)
    if program.host != host.name or not place:
        return
    page = _page(place["prefix"] or "/usr", posixpath.basename(program.path), host)
    if page and (found := _purpose(page)):
        text, line = found
        yield program.fact("is-for", text, line.evidence)
        yield program.fact("documented-in", page.source, page.whole())


def _page(prefix: str, name: str, host: Host) -> Reading | None:
    """Find the page of a name in the section where it is; a page may only lead to another."""
    for section in SECTIONS:
        for ending in (f"{section}.gz", section):
            path = f"{prefix}/share/man/man{section}/{name}.{ending}"
            if page := read_if_there(host, path):
                other = re.match(r"\.so\s+(man\d\w*/[\w.+:-]+)\s*$", page.text.strip())
                if other is None:
                    return page
                target = f"{prefix}/share/man/{other[1]}"
                return read_if_there(host, f"{target}.gz") or read_if_there(host, target)
    return None


def _purpose(page: Reading) -> tuple[str, Line] | None:
    """Read the line of the section NAME: ``ls \\- list directory contents``, or mdoc's ``.Nd``."""
    inside, text, first = False, "", None
    for line in page.lines():
        if re.match(r"\.S[Hh]\s", line):
            if inside:
                break
            inside = bool(re.match(r"\.S[Hh]\s+\"?name\"?", line, re.IGNORECASE))
        elif inside and line.startswith(".Nd"):
            return _plain(line[3:]), line
        elif inside and not re.match(r"\.(?!B |I |BR? |IR? |SB )|'|\\\"", line):
            first = first or line
            text += " " + re.sub(r"^\.(?:B|I|BR|IR|SB) ", "", line)
    parts = re.split(r"\s(?:\\-|\\\(em|\\\(en|--?|–|—)\s", text, maxsplit=1)
    return (_plain(parts[1]), first) if len(parts) == 2 and first else None


def _plain(text: str) -> str:
    for pattern, replacement in _ESCAPES:
        text = re.sub(pattern, replacement, text)
    return " ".join(text.split()).strip('" ').rstrip(".")
