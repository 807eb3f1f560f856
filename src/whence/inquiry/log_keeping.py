"""From the spool into the lake: what was received becomes rows that can be asked."""

from __future__ import annotations

import contextlib
import time
from datetime import timedelta
from pathlib import Path

import duckdb

from whence.model import CannotStore, WhenceError
from whence.store.log_files import engine
from whence.store.log_lake import LogLake
from whence.store.log_upkeep import Upkeep
from whence.store.log_wordings import Wordings
from whence.world.log_losses import Losses
from whence.world.log_spool import HEAD, OFFSETS, position, prune, segments
from whence.world.log_spool_rows import Known, SegmentRows
from whence.world.this_host import utc_now

EVERY = 1.0  # seconds between two files of the lake
WORDINGS_EVERY = 60.0  # seconds after which new wordings are kept
MOST, FEWEST = 100_000, 20  # rows of one
TIDY = timedelta(hours=1)
OFFSET = (1 << OFFSETS) - 1


class LogKeeping:
    """Takes records in order. The lake knows up to where, so that each is there once."""

    def __init__(self, spool: Path, lake: Path) -> None:
        self._spool = spool
        self._lake = LogLake(lake)
        self._kept = self._cursor = 0
        self._begun = False
        self._losses = Losses(lake.parent)
        self._tables = engine()
        self._wordings: Wordings | None = None
        self._before: Known | None = None
        self._next_wordings = 0.0
        self._most = MOST
        self._next_time = 0.0
        self._tidied = utc_now()
        self._more = False
        self.rows = 0
        self.behind = 0.0
        self.problem = ""
        self.notes: list[str] = []
        self._damage: set[tuple[str, int, str]] = set()

    def step(self, *, at_once: bool = False) -> bool:
        """Take what there is, if it is time or much waits; say whether more waits."""
        now = time.monotonic()
        if now < self._next_time and not self._more and not at_once:
            return False
        self._next_time = now + EVERY
        try:
            self._more = self._take()
            self._tidy()
            if now >= self._next_wordings:
                self._keep_wordings()
            self.problem = ""
        except (WhenceError, duckdb.OutOfMemoryException) as e:
            because = getattr(e, "because", "")
            self._more = self._most > FEWEST  # fewer at once may go: long lines take memory
            if not self._more:  # until it is time again: what waits is in the spool
                self.problem = f"{e}: {because}" if because else str(e)
            self._most = max(FEWEST, self._most // 8)
        if not self._more:
            self._lake.close()  # so that files can be loaded in between
        return self._more

    def close(self) -> None:
        """Let another process take."""
        with contextlib.suppress(CannotStore):  # without them, ids may begin anew
            self._keep_wordings()
        self._tables.close()
        self._lake.close()

    def _take(self) -> bool:
        """Take rows of one segment; say whether more waits."""
        self._lake.take_turn()  # another may have it for a while: the spool waits
        if not self._begun:
            self._kept = self._cursor = self._lake.reached()
            self._wordings = Wordings(self._lake.folder)
            self._begun = True
        known = [
            (number, path)
            for number, path in segments(self._spool)
            if number >= self._cursor >> OFFSETS
        ]
        if not known:
            return False
        (number, path), *later = known
        is_same = number == self._cursor >> OFFSETS
        offset = max(HEAD.size, self._cursor & OFFSET if is_same else 0)
        most = self._most
        count = self._keep(path, offset) if path.stat().st_size > offset else 0
        if count == most:
            return True
        if later:  # it was complete before it was read: the next had been begun
            self._cursor = position(later[0][0], 0)
            prune(self._spool, self._cursor)
            return True
        self.behind = 0.0
        return False

    def _keep(self, path: Path, offset: int) -> int:
        """Put rows of a segment into the lake; say how many."""
        known = self._wordings.known if self._wordings and not self._before else ()
        found = SegmentRows.read(path, offset, self._most, known, self._before)
        self._tables.register("spooled", found.stream)
        self._tables.execute("CREATE OR REPLACE TEMP TABLE incoming AS SELECT * FROM spooled")
        self._tables.unregister("spooled")
        ((count, last),) = self._tables.execute(
            "SELECT count(*), max(epoch_us(received)) FROM incoming"
        ).fetchall()
        self._losses.note(found.gaps)
        if count:
            self._lake.append(self._tables.table("incoming"), self._kept, found.next)
            self._kept = found.next
            self.behind = max(0.0, time.time() - last / 1e6)
        self._cursor = max(self._cursor, found.next)
        self._before = found.reading
        for place in {*found.damage} - self._damage:
            self._damage.add(place)
            self.notes.append("{} cannot be read from byte {} on: {}".format(*place))
        self.rows += count
        self._most = min(MOST, 2 * self._most)
        return int(count)

    def _keep_wordings(self) -> None:
        self._next_wordings = time.monotonic() + WORDINGS_EVERY
        if self._wordings and self._before:
            self._wordings.keep(self._before.templates(), utc_now().date())

    def _tidy(self) -> None:
        now = utc_now()
        if abs(now - self._tidied) > TIDY:
            self._tidied = now
            self._lake.tidy(Upkeep(), now)
