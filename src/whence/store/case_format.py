"""The tables of a case file, and how such a file comes to be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from whence.model import CannotStore
from whence.store.creation import create
from whence.store.database import Database
from whence.store.file_format import Format
from whence.store.journal import Entry
from whence.store.refusals import damaged, in_words

SUFFIX = ".case"
ATTEMPTS = 100  # names that are tried before giving up

CASE = Format(
    name="case",
    application_id=0x57484E43,  # "WHNC"
    version=1,
    statements=(
        """CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL, -- JSON
  previous TEXT NOT NULL, -- hash of the entry before this one
  hash TEXT NOT NULL -- SHA-256 of previous, seq, at, kind and body, a line each
)""",
        """CREATE TABLE text (
  digest TEXT NOT NULL PRIMARY KEY, -- SHA-256 of the text in UTF-8
  packed BLOB NOT NULL -- zlib
)""",
        """CREATE TRIGGER journal_is_not_rewritten BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal of a case is only added to'); END""",
        """CREATE TRIGGER journal_is_not_shortened BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal of a case is only added to'); END""",
        """CREATE VIEW step AS SELECT seq, at,
  json_extract(body, '$.probe') AS probe,
  json_extract(body, '$.about') AS about,
  json_extract(body, '$.refused.what') AS refused
FROM journal WHERE kind = 'step'""",
        """CREATE VIEW fact AS SELECT seq, at,
  json_extract(each.value, '$.subject') AS subject,
  json_extract(each.value, '$.relation') AS relation,
  json_extract(each.value, '$.value') AS value,
  json_extract(each.value, '$.confidence') AS confidence,
  json_extract(each.value, '$.evidence') AS evidence
FROM journal, json_each(journal.body, '$.facts') AS each WHERE kind = 'step'""",
        """CREATE VIEW evidence AS SELECT
  json_extract(each.value, '$.number') AS number,
  json_extract(each.value, '$.observer') AS observer,
  json_extract(each.value, '$.source') AS source,
  json_extract(each.value, '$.line') AS line,
  json_extract(each.value, '$.excerpt') AS excerpt,
  json_extract(each.value, '$.taken') AS taken,
  json_extract(each.value, '$.reading') AS reading
FROM journal, json_each(journal.body, '$.evidence') AS each WHERE kind = 'step'""",
    ),
)
INSERT_ENTRY = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)"
INSERT_TEXT = "INSERT OR IGNORE INTO text VALUES (?, ?)"
ENTRIES = "SELECT seq, at, kind, body, previous, hash FROM journal"
TYPES = (int, str, str, str, str, str)


def entry_row(entry: Entry) -> tuple[int, str, str, str, str, str]:
    """Give the row of an entry."""
    return (entry.seq, entry.at, entry.kind, entry.body, entry.previous, entry.hash)


def stored_entries(database: Database, after: int = 0) -> Iterator[Entry]:
    """Give the entries that follow a number, oldest first.

    Raises
    ------
    BadInput
        If a row is not what an entry can be.

    """
    return _entries(database, "WHERE seq > ? ORDER BY seq", after)


def first_entry(database: Database) -> Entry | None:
    """Give the entry with which a case was opened."""
    return next(_entries(database, "WHERE seq = ?", 1), None)


def last_entry(database: Database, kind: str = "%") -> Entry | None:
    """Give the last entry of a kind, or of any kind."""
    found = _entries(database, "WHERE kind LIKE ? ORDER BY seq DESC LIMIT 1", kind)
    return next(found, None)


def _entries(database: Database, which: str, value: int | str) -> Iterator[Entry]:
    for row in database.rows(f"{ENTRIES} {which}", (value,)):
        if tuple(map(type, row)) != TYPES:
            raise damaged(database.path, f"entry {row[0]!r} of its journal is not text")
        entry = Entry(*row)
        if not entry.is_well_formed:
            raise damaged(database.path, f"entry {entry.seq} of its journal makes no sense")
        yield entry


def stored(database: Database) -> tuple[list[Entry], dict[str, bytes]]:
    """Give all of a case as it is at one moment: its entries, and its texts by digest, packed."""
    with database.snapshot():
        texts = database.rows("SELECT digest, packed FROM text")
        return [*stored_entries(database)], dict(texts)


def place(
    directory: Path,
    names: Iterator[str],
    entries: Sequence[Entry],
    texts: Mapping[str, bytes] | None = None,
) -> Path:
    """Make the file of a case under the first name that is free."""
    with in_words(directory):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    content: list[tuple[str, Sequence[object]]] = [
        *((INSERT_ENTRY, entry_row(entry)) for entry in entries),
        *((INSERT_TEXT, text) for text in (texts or {}).items()),
    ]
    for name in islice(names, ATTEMPTS):
        path = directory / (name + SUFFIX)
        if create(path, CASE, 0o600, content):
            return path
    raise CannotStore(f"no name for a case is free in {directory}")
