"""Is a case what it was when it was written? The answer is a list of problems in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from whence.model import BadInput, Evidence, Reading
from whence.store.case_format import CASE, stored_entries
from whence.store.database import Database, check
from whence.store.journal import Entry, broken_links
from whence.store.ledger import Ledger, Look
from whence.store.texts import unpacked


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
    entries = [*stored_entries(database)]
    packed: dict[str, bytes] = dict(database.rows("SELECT digest, packed FROM text"))
    yield from problems(entries, packed)


def problems(entries: Iterable[Entry], packed: Mapping[str, bytes]) -> Iterator[str]:
    """Say where entries and texts are not what they were, or do not belong together."""
    entries = [*entries]
    yield from broken_links(entries)
    if not entries or entries[0].kind != "opened":
        yield "the journal does not begin with the opening of a case"
    ledger = Ledger()
    for entry in entries:
        try:
            ledger.add(entry)
        except BadInput as reason:
            yield _in_a_line(reason)
    looks = {look.digest for _, look in ledger.answers if isinstance(look, Look)}
    yield from _problems_of_texts(looks, packed)
    yield from _problems_of_evidence(ledger.evidence, looks, packed)


def _problems_of_texts(looks: set[str], packed: Mapping[str, bytes]) -> Iterator[str]:
    for digest in sorted(looks - packed.keys()):
        yield f"the text of reading {digest[:12]} is missing"
    for digest in sorted(packed.keys() - looks):
        yield f"nobody took reading {digest[:12]}: the journal does not speak of it"
    for digest, blob in packed.items():
        try:
            unpacked(digest, blob)
        except BadInput as reason:
            yield _in_a_line(reason)


def _problems_of_evidence(
    evidence: Iterable[Evidence], looks: set[str], packed: Mapping[str, bytes]
) -> Iterator[str]:
    for number, piece in enumerate(evidence, start=1):
        if piece.reading not in looks:
            yield f"E{number} rests on reading {piece.reading[:12]}, which was not kept"
        elif piece.reading in packed and not _stands_there(piece, packed[piece.reading]):
            yield f"E{number} is not what line {piece.line} of {piece.source} says"


def _stands_there(piece: Evidence, blob: bytes) -> bool:
    try:
        text = unpacked(piece.reading, blob)
    except BadInput:
        return True  # has been said already
    reading = Reading(piece.source, text, piece.taken, piece.observer)
    if piece.line == 0:
        return reading.whole() == piece
    lines = text.split("\n")
    return 0 < piece.line <= len(lines) and lines[piece.line - 1] == piece.excerpt


def _in_a_line(reason: BadInput) -> str:
    return f"{reason}: {reason.because}" if reason.because else str(reason)
