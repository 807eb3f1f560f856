"""What was imported from other people's tools: a file for each import, which never changes."""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from whence.model import CannotStore, WhenceError
from whence.store.creation import create
from whence.store.database import Database
from whence.store.file_format import Format, check_header
from whence.store.refusals import in_words

SUFFIX = ".import"
_ID = re.compile(r"[0-9a-f]{10}")
CACHED = 16  # blocks of text that are held unpacked

IMPORT = Format(
    name="file that whence imported",
    application_id=0x5748494D,  # "WHIM"
    version=1,
    checked_by="quick_check",
    statements=(
        "CREATE TABLE told (receipt TEXT NOT NULL) -- JSON: one row",
        """CREATE TABLE text (
  first INTEGER PRIMARY KEY, -- number of the first line of the block
  packed BLOB NOT NULL -- the lines, by zlib
)""",
        """CREATE TABLE process (
  number INTEGER PRIMARY KEY,
  entity TEXT NOT NULL UNIQUE, -- host/boot/pid/started
  lineage TEXT NOT NULL -- JSON: the process and its ancestors
)""",
        """CREATE TABLE connection (
  line INTEGER NOT NULL, -- of its first mention
  action TEXT NOT NULL,
  transport TEXT,
  source TEXT,
  source_port INTEGER,
  destination TEXT,
  destination_port INTEGER,
  first INTEGER NOT NULL, -- microseconds since 1970
  last INTEGER NOT NULL,
  count INTEGER NOT NULL,
  bytes_sent INTEGER NOT NULL,
  packets_sent INTEGER NOT NULL,
  bytes_received INTEGER NOT NULL,
  packets_received INTEGER NOT NULL,
  observer TEXT NOT NULL,
  process INTEGER, -- NULL: the file does not tell
  state TEXT NOT NULL,
  answered INTEGER, -- NULL: the file does not tell
  looks TEXT NOT NULL -- JSON: first and last of each run of looks
)""",
        """CREATE TABLE station (
  line INTEGER NOT NULL,
  at INTEGER, -- NULL: the file does not tell
  ip TEXT,
  mac TEXT,
  name TEXT NOT NULL,
  port TEXT NOT NULL, -- of the switch
  detail TEXT NOT NULL -- JSON: what else the line tells
)""",
        """CREATE TABLE change (
  line INTEGER NOT NULL, at INTEGER NOT NULL, host TEXT NOT NULL, kind TEXT NOT NULL,
  what TEXT NOT NULL, things TEXT NOT NULL, who TEXT NOT NULL
)""",
    ),
)
INDICES = (
    "CREATE INDEX connection_by_destination ON connection (destination, destination_port)",
    "CREATE INDEX connection_by_source ON connection (source, source_port)",
    "CREATE INDEX station_by_ip ON station (ip)",
    "CREATE INDEX station_by_mac ON station (mac)",
    "CREATE INDEX station_by_port ON station (port, mac)",
)
Statement = tuple[str, Sequence[object]]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an import is, and what came of it."""

    id: str
    file: str
    digest: str  # SHA-256 of the file as it was
    kinds: tuple[str, ...]
    host: str
    options: str  # how it was read, in words
    encoding: str
    imported: str  # RFC 3339
    lines: int
    rows: int
    connections: int
    processes: int
    looks: int
    strange: int
    remarks: tuple[str, ...]


class Import:
    """One import, opened for reading."""

    def __init__(self, path: Path) -> None:
        check_header(path, IMPORT)
        self._database = Database.look_into(path)
        self._blocks: OrderedDict[int, list[str]] = OrderedDict()
        rows = self._database.rows("SELECT receipt FROM told")
        fields = json.loads(rows[0][0])
        for name in ("kinds", "remarks"):
            fields[name] = tuple(fields[name])
        self.receipt = Receipt(**fields)

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Give all rows that a query finds."""
        return self._database.rows(query, values)

    def line(self, number: int) -> str:
        """Give a line of the file, as it was read."""
        found = self._database.rows(
            "SELECT first, packed FROM text WHERE first <= ? ORDER BY first DESC LIMIT 1",
            (number,),
        )
        if not found:
            return ""
        first, packed = found[0]
        if first not in self._blocks:
            text = zlib.decompress(packed).decode("utf-8", "surrogatepass")
            self._blocks[first] = text.split("\n")
            if len(self._blocks) > CACHED:
                self._blocks.popitem(last=False)
        lines = self._blocks[first]
        return lines[number - first] if number - first < len(lines) else ""

    def close(self) -> None:
        """Close its file."""
        self._database.close()


class Imports:
    """The folder of a user's imports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.unreadable: dict[Path, WhenceError] = {}

    def paths(self) -> list[Path]:
        """Name the files, sorted."""
        if not self.folder.is_dir():
            return []
        with in_words(self.folder):
            return sorted(path for path in self.folder.iterdir() if self._is_one(path))

    def each(self) -> Iterator[Import]:
        """Open one after the other; what cannot be read does not hide the others."""
        for path in self.paths():
            try:
                opened = Import(path)
            except WhenceError as reason:
                self.unreadable[path] = reason
                continue
            except (IndexError, KeyError, TypeError, ValueError, sqlite3.Error) as e:
                self.unreadable[path] = CannotStore(f"{path.name} is damaged", because=repr(e))
                continue
            with closing(opened):
                yield opened

    def receipt(self, name: str) -> Receipt | None:
        """Give the receipt of an import; None where there is none of that id."""
        path = self._path(name)
        if not path.exists():
            return None
        with closing(Import(path)) as opened:
            return opened.receipt

    def add(self, name: str, content: Iterable[Statement]) -> None:
        """Keep an import: all of it, or nothing.

        Raises
        ------
        CannotStore
            If it cannot be written, or somebody else writes it just now.

        """
        with in_words(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(name)
        if not create(path, IMPORT, 0o600, content):
            draft = path.with_name(f".{path.name}.draft")
            raise CannotStore(
                f"import {name} is being written by another whence",
                because=f"there is {draft}",
                try_=f"wait for it to end; if none runs, it was killed: rm {draft}",
            )

    def forget(self, name: str) -> bool:
        """Delete an import for good; say whether there was one."""
        path = self._path(name)
        with in_words(path):
            there = path.exists()
            for file in (
                path,
                path.with_name(f"{path.name}-wal"),
                path.with_name(f"{path.name}-shm"),
            ):
                file.unlink(missing_ok=True)
        return there

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{SUFFIX}"

    def _is_one(self, path: Path) -> bool:
        return path.suffix == SUFFIX and bool(_ID.fullmatch(path.stem))


def receipt_statement(receipt: Receipt) -> Statement:
    """Write a receipt."""
    return "INSERT INTO told VALUES (?)", (json.dumps(asdict(receipt)),)


def text_statement(first: int, lines: Sequence[str]) -> Statement:
    """Write a block of the text."""
    text = "\n".join(lines).encode("utf-8", "surrogatepass")
    return "INSERT INTO text VALUES (?, ?)", (first, zlib.compress(text, 1))
