"""The names that addresses had while the recorder ran: one file beside its history.

A row is a name of an address, how it was heard, when first and last, and how often. What was not
heard for as long as history is kept is dropped, and of too many names those heard longest ago.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from whence.model import CannotAsk, Reading
from whence.model.heard_names import HeardName
from whence.store.creation import create
from whence.store.database import Database
from whence.store.file_format import Format
from whence.store.recorder import Clock
from whence.store.segment_format import microseconds, moment
from whence.store.soundness import check

FILE = "names.heard"
MOST = 500_000  # names, some 100 bytes each
TOLD = 50  # of one address
TRIM = timedelta(hours=1)  # between two looks for what is too old

HEARD = Format(
    name="file of heard names",
    application_id=0x57484E4D,  # "WHNM"
    version=1,
    checked_by="quick_check",
    statements=(
        """CREATE TABLE name (
  address TEXT NOT NULL,
  name TEXT NOT NULL,
  how TEXT NOT NULL, -- a key of model.heard_names.HOW
  first INTEGER NOT NULL, -- microseconds since 1970
  last INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (address, name, how)
) WITHOUT ROWID""",
        "CREATE INDEX name_by_last ON name (last)",
    ),
)
PUT = """INSERT INTO name VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (address, name, how) DO UPDATE SET
  last = max(last, excluded.last), count = count + excluded.count"""
OLDEST = """DELETE FROM name WHERE (address, name, how) IN
  (SELECT address, name, how FROM name ORDER BY last LIMIT ?)"""


class HeardNames:
    """The names of one history. One process writes; others read at the same time."""

    def __init__(self, history: Path, clock: Clock, observer: str = "") -> None:
        self._path = history / FILE
        self._clock = clock
        self._observer = observer
        self._writer: Database | None = None
        self._trimmed: datetime | None = None

    def exists(self) -> bool:
        """Say whether names were ever kept here."""
        return self._path.exists()

    def add(self, names: Sequence[HeardName], keep: timedelta) -> None:
        """Keep names; a crash of this process does not lose them.

        Raises
        ------
        BadInput, CannotStore
            If the file is damaged, or the disk is full or fails.

        """
        database = self._open()
        rows = [
            (one.address, one.name, one.how, microseconds(one.at), microseconds(one.at), one.count)
            for one in names
        ]
        with database.transaction(through_power_loss=False):
            database.run_each(PUT, rows)
        now = self._clock()
        if self._trimmed is None or now - self._trimmed >= TRIM:
            self._trimmed = now
            self._trim(database, now - keep)

    def heard_for(self, address: str) -> Reading:
        """Give the names of an address, the latest first: see ``world.NamesHeard``."""
        if not self.exists():
            raise CannotAsk(
                "no names were heard", because="nobody recorded", try_="whence record install"
            )
        with closing(Database.look_into(self._checked())) as database:
            rows = database.rows(
                "SELECT name, how, first, last, count FROM name WHERE address = ?"
                " ORDER BY last DESC, name LIMIT ?",
                (address, TOLD),
            )
        lines = (
            json.dumps(
                {
                    "name": name,
                    "how": how,
                    "first": f"{moment(first):%Y-%m-%dT%H:%M:%SZ}",
                    "last": f"{moment(last):%Y-%m-%dT%H:%M:%SZ}",
                    "count": count,
                }
            )
            for name, how, first, last, count in rows
        )
        text = "".join(f"{line}\n" for line in lines)
        return Reading(f"names heard for {address}", text, self._clock(), self._observer)

    def resolving_to(self, address: str) -> tuple[str, ...]:
        """Name what name servers said has the address; what clients ask for may be made up."""
        rows = map(json.loads, filter(None, self.heard_for(address).text.splitlines()))
        return tuple(row["name"] for row in rows if row["how"] == "dns")

    def close(self) -> None:
        """Stop writing."""
        if self._writer:
            self._writer.close()
            self._writer = None

    def _open(self) -> Database:
        if self._writer is None:
            if not self._path.exists():
                create(self._path, HEARD, 0o640, ())
            self._writer = Database.open(self._checked())
        return self._writer

    def _checked(self) -> Path:
        check(self._path, HEARD)
        return self._path

    @staticmethod
    def _trim(database: Database, oldest: datetime) -> None:
        with database.transaction(through_power_loss=False):
            database.run("DELETE FROM name WHERE last < ?", (microseconds(oldest),))
            ((count,),) = database.rows("SELECT count(*) FROM name")
            if count > MOST:
                database.run(OLDEST, (count - MOST,))
