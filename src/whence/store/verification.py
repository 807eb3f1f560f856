"""Is a case what it was when it was written? The answer is a list of problems in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from whence.model import BadInput, Evidence
from whence.model.evidence import EXCERPT
from whence.store.case_format import CASE, stored
from whence.store.database import Database
from whence.store.journal import Entry, broken_links
from whence.store.ledger import Ledger, Look
from whence.store.soundness import check
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
    entries, packed = stored(database)
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
