"""Is a case what it was when it was written? The answer is a list of problems in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from whence.model import BadInput, Evidence
from whence.model.evidence import EXCERPT
from whence.store.case_format import CASE, stored
from whence.store.database import Database
from whence.store.journal import Entry, broken_links
from whence.store.ledger import Ledger, Look
from whence.store.soundness import check
from whence.store.texts import unpacked

# Entries whose time may be before that of the entry before them: the one that says so, and the
# first that another machine wrote.
OTHER_CLOCK = ("clock-went-back", "imported")


def problems_of_file(path: Path) -> list[str]:
    """Say what is wrong with the file of a case; nothing is written to it.

    Raises
    ------
    CannotStore
        If it cannot be read.

    """
    try:
        check(path, CASE)
        with closing(Database.look_into(path)) as database:
            return [*problems_of(database)]
    except BadInput as reason:
        return [_in_a_line(reason)]


def problems_of(database: Database) -> Iterator[str]:
    """Say what is wrong with an open case."""
    entries, packed = stored(database)
    yield from problems(entries, packed)


def problems(entries: Iterable[Entry], packed: Mapping[str, bytes]) -> Iterator[str]:
    """Say where entries and texts are not what they were, or do not belong together."""
    entries = [*entries]
    yield from broken_links(entries)
    yield from _problems_of_order(entries)
    ledger = Ledger()
    told_of: set[Look] = set()
    for entry in entries:
        cited_before, answered_before = len(ledger.evidence), len(ledger.answers)
        try:
            ledger.add(entry)
        except BadInput as reason:
            yield _in_a_line(reason)
        answers = ledger.answers[answered_before:]
        told_of |= {look for _, look in answers if isinstance(look, Look)}
        yield from _problems_of_origin(ledger, cited_before, told_of, entry)
    looks = {look.digest for look in told_of}
    cited = defaultdict(list)
    for number, piece in enumerate(ledger.evidence, start=1):
        cited[piece.reading].append((number, piece))
    for digest in sorted(looks | packed.keys() | cited.keys()):
        blob = packed.get(digest)
        if digest not in looks:
            yield f"the journal does not speak of reading {digest[:12]}, which is stored or cited"
        if blob is None:
            yield f"the text of reading {digest[:12]} is missing"
        else:
            yield from _problems_of_text(digest, blob, cited[digest])


def _problems_of_order(entries: Sequence[Entry]) -> Iterator[str]:
    if not entries or entries[0].kind != "opened":
        yield "the journal does not begin with the opening of a case"
    for before, entry in pairwise(entries):
        if entry.kind == "opened":
            yield f"entry {entry.seq} opens the case again"
        if entry.at < before.at and entry.kind not in OTHER_CLOCK:
            yield (
                f"entry {entry.seq} is older than the one before it, "
                "and none says that the clock went back"
            )


def _problems_of_origin(
    ledger: Ledger, cited_before: int, looks: set[Look], entry: Entry
) -> Iterator[str]:
    """Say which evidence of an entry tells of a look that was not taken in before."""
    for number, piece in enumerate(ledger.evidence[cited_before:], start=cited_before + 1):
        if Look(piece.source, piece.reading, piece.taken, piece.observer) not in looks:
            yield (
                f"E{number} is of a look that the journal does not tell of before entry "
                f"{entry.seq}: {piece.source}, read {piece.taken:%Y-%m-%d %H:%M:%S} "
                f"on {piece.observer}"
            )


def _problems_of_text(
    digest: str, blob: bytes, cited: Iterable[tuple[int, Evidence]]
) -> Iterator[str]:
    try:
        text = unpacked(digest, blob)
    except BadInput as reason:
        yield _in_a_line(reason)
        return
    lines = text.split("\n")
    for number, piece in cited:
        if not _stands_there(piece, text, lines):
            yield f"E{number} is not what line {piece.line} of {piece.source} says"


def _stands_there(piece: Evidence, text: str, lines: list[str]) -> bool:
    if piece.line == 0:
        return piece.excerpt == text[:EXCERPT]
    return 0 < piece.line <= len(lines) and lines[piece.line - 1] == piece.excerpt


def _in_a_line(reason: BadInput) -> str:
    return f"{reason}: {reason.because}" if reason.because else str(reason)
