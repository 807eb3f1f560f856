"""From what a program's file says to facts: things of a kind together, hosts one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from whence.model import Confidence, Fact, Line, Program, Reading
from whence.model.program_contents import Said, said_of

RELATIONS = {
    "kind": "is-a",
    "interpreter": "interpreted-by",
    "compiled-from": "compiled-from",
    "compiled-by": "compiled-by",
    "build-id": "has-build-id",
    "symbols": "has-symbols",
}
TOGETHER = {  # one fact for several
    "library": "loads",
    "looks-in": "looks-for-libraries-in",
    "imports": "imports",
    "made-of": "made-of",
    "calls": "calls",
}
NAMES = {
    "host": "names-host",
    "address": "names-address",
    "port": "names-port",
    "url": "names-url",
}
LEFT_OUT = ("not-read", "left-out")
MOST = 40  # facts of a kind
IN_A_ROW = 12  # things in one fact


def facts_said(program: Program, reading: Reading) -> Iterator[Fact]:
    """State what a file is, is made of and names, each with the line that says so."""
    rows = [*said_of(reading.lines())]
    for what, relation in RELATIONS.items():
        for said, line in _of(rows, what):
            yield program.fact(relation, said.text, line.evidence)
    for what, relation in TOGETHER.items():
        found = _of(rows, what)
        for start in range(0, min(len(found), MOST * IN_A_ROW), IN_A_ROW):
            some = found[start : start + IN_A_ROW]
            text = ", ".join(dict.fromkeys(said.text for said, _ in some))
            sure = Confidence(some[0][0].sure)
            yield program.fact(relation, text, *(line.evidence for _, line in some[:3]),
                               confidence=sure)  # fmt: skip
    yield from names_said(program, rows)
    yield from left_out(program, rows)


def left_out(program: Program, rows: Sequence[tuple[Said, Line]]) -> Iterator[Fact]:
    """State what of a file was not looked into."""
    for what in LEFT_OUT:
        for said, line in _of(rows, what):
            yield program.fact("not-looked-into", said.text, line.evidence)


def names_said(program: Program, rows: Sequence[tuple[Said, Line]]) -> Iterator[Fact]:
    """State which hosts, addresses, ports and URLs a file names, and where."""
    for what, relation in NAMES.items():
        found = sorted(_of(rows, what), key=lambda row: row[0].sure != Confidence.CERTAIN)
        for said, line in found[:MOST]:
            text = f"{said.text} ({said.place})" if said.place else said.text
            yield program.fact(relation, text, line.evidence, confidence=Confidence(said.sure))
        if len(found) > MOST:
            text = f"{len(found) - MOST:,} more"
            yield program.fact(relation, text, found[MOST][1].evidence)


def _of(rows: Sequence[tuple[Said, Line]], what: str) -> list[tuple[Said, Line]]:
    return [row for row in rows if row[0].what == what]
