"""From a program to what a public collection of known files has of it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Confidence, Fact, Program, Reach, probe
from whence.probes._sums import sum_of
from whence.world import Host, Internet, Programs

# Fields of an answer of CIRCL hashlookup, and how they are told.
SAID = {
    "KnownMalicious": "known as malicious by {}",
    "FileName": "as {}",
    "ProductName": "of {}",
    "PackageName": "of the package {}",
    "source": "from {}",
    "db": "in {}",
}
LONGEST = 200


@probe(answers="known-as", reach=Reach.REMOTE, near=0)
def known_file(
    program: Program, host: Host, programs: Programs, internet: Internet
) -> Iterator[Fact]:
    """Is this very file known to a collection of files, by its SHA-256?"""
    if program.host != host.name or not program.path.startswith("/"):
        return
    sha256, own = sum_of(program, programs, "sha256")
    reading = internet.known_file(sha256)
    told = reading.json()
    if not isinstance(told, dict) or not told:
        return
    said = [words.format(_text(told[name])) for name, words in SAID.items() if told.get(name)] or [
        "without any description"
    ]
    relation = "known-as-malware" if told.get("KnownMalicious") else "known-as"
    yield program.fact(relation, ", ".join(said), reading.whole(), own.whole(),
                       confidence=Confidence.REPORTED)  # fmt: skip


def _text(value: object) -> str:
    return str(value)[:LONGEST]
