"""Puts messages into the spool as long as the disk has room, and counts them in any case."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from whence.model.log_receiving import SpoolLimits
from whence.world.log_spool import RECORD, gap, records
from whence.world.log_spool_writer import SpoolWriter

LOOK = 0.25  # seconds between two looks at the disk
AFTER = 1 << 20  # bytes after which it is looked at in any case
RESUME = 20  # a part of the floor that has to be free besides, before storing begins again
PEERS = 10_000  # senders that are counted one by one
TOP = 5  # of them that are shown
IN_GAP = 20  # of them that a gap names
OTHERS = "others"
FULL = "the disk is full: what is to stay free would be used up"
SEVERITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "informational",
              "debug", "unstated")  # fmt: skip
UNSTATED = 8
EACH = 12  # bytes of a record before its mark
MARK = RECORD.size - EACH  # where the text of a mark begins


class Keeper:
    """Everything that was received goes through here."""

    def __init__(
        self,
        spool: SpoolWriter,
        limits: SpoolLimits,
        disk: Callable[[], os.statvfs_result],
        now: Callable[[], int] = time.time_ns,
    ) -> None:
        self._spool, self._disk, self._now = spool, disk, now
        self._floor_bytes, self._floor_share = limits.floor, limits.floor_share
        self._looks_at = 0.0
        self._left = 0  # bytes that may be written before the next look
        self._peers: Counter[str] = Counter()
        self._unwritten: Counter[tuple[str, int]] = Counter()  # sender and severity, not told yet
        self._since = 0  # when the first of them came, µs since 1970
        self._lost: Counter[str] = Counter()  # why, not told yet
        self.received = self.stored = self.size = self.unstored = 0
        self.severities: Counter[str] = Counter()
        self.problem = ""

    def put(self, messages: Sequence[bytes], marks: Sequence[bytes]) -> None:
        """Store messages, or count them where that cannot be."""
        self._count(marks)
        if not self._write(messages, marks):
            self._note_unstored(messages, marks)

    def put_if_room(
        self, messages: Sequence[bytes], marks: Sequence[bytes], before: bytes = b""
    ) -> bool:
        """Store messages that can be had again; where that cannot be, it is as if not received.

        ``before`` are records that stand before them, or none of them is there.
        """
        if not self._write(messages, marks, before):
            return False
        self._count(marks)
        return True

    def count_unstored(self, messages: Sequence[bytes], marks: Sequence[bytes]) -> None:
        """Only count messages: there is no room for them, and they cannot be had again."""
        self._count(marks)
        self._note_unstored(messages, marks)

    def record(self, why: str, **more: object) -> bytes:
        """Make a record of what the next reader should know."""
        return gap(self._now() // 1000, 0, why, **more)

    def note(self, why: str, **more: object) -> bool:
        """Write what the next reader should know, if there is room; say whether it was written."""
        return self.has_room() and self._append(self.record(why, **more))

    def write(self, batch: bytes) -> bool:
        """Write whole records that are no messages; say whether they could be written."""
        return self._append(batch)

    def lose(self, count: int, why: str) -> None:
        """Note messages that never reached us."""
        self._lost[why] += count

    def has_room(self) -> bool:
        """Say whether messages can be stored now."""
        self._look(0)
        return not self.problem

    def tick(self) -> None:
        """Write what was lost since the last time; what cannot be written now, later."""
        if self.problem:
            self._look(0)
        now = self._now() // 1000
        if self._unwritten:
            told = gap(now, self._unwritten.total(), FULL, since=self._since, **self._who())
            if self._append(told):
                self._unwritten.clear()
        for why, count in [*self._lost.items()]:
            if self._append(gap(now, count, why)):
                del self._lost[why]
        self._spool.tick()

    @property
    def top(self) -> tuple[tuple[str, int], ...]:
        """Who sent most."""
        return tuple(self._peers.most_common(TOP))

    def _count(self, marks: Sequence[bytes]) -> None:
        self.received += len(marks)
        for sender, count in Counter(marks).items():
            self._peers[self._name(sender)] += count

    def _name(self, sender: bytes) -> str:
        name = sender[MARK:].decode("utf-8", "replace")
        return name if name in self._peers or len(self._peers) < PEERS else OTHERS

    def _write(
        self, messages: Sequence[bytes], marks: Sequence[bytes], before: bytes = b""
    ) -> bool:
        wanted = len(before) + EACH * len(messages) + sum(map(len, messages)) + sum(map(len, marks))
        if not self._look(wanted):
            return False
        batch = before + records(self._now() // 1000, messages, marks)
        if not self._append(batch):
            return False
        self.stored += len(messages)
        return True

    def _append(self, batch: bytes) -> bool:
        try:
            self._spool.append(batch)
        except OSError as e:
            self.problem = e.strerror or str(e)
            return False
        self.size += len(batch)
        self._left -= len(batch)
        return True

    def _look(self, wanted: int) -> bool:
        """Say whether so many bytes leave free what is to stay free."""
        now = time.monotonic()
        if now < self._looks_at and wanted <= self._left:
            return not self.problem
        self._looks_at = now + LOOK
        found = self._disk()
        floor = max(self._floor_bytes, round(found.f_blocks * found.f_frsize * self._floor_share))
        spare = found.f_bavail * found.f_frsize - floor
        if spare < wanted + (max(floor // RESUME, AFTER) if self.problem else 0):
            self.problem, self._left = FULL, -1
            return False
        self.problem, self._left = "", min(spare, AFTER)
        return True

    def _note_unstored(self, messages: Sequence[bytes], marks: Iterable[bytes]) -> None:
        if not self._unwritten:
            self._since = self._now() // 1000
        self.unstored += len(messages)
        levels = map(severity, messages)
        for (sender, level), count in Counter(zip(marks, levels, strict=True)).items():
            name = self._name(sender)
            key = (name, level)
            if key not in self._unwritten and len(self._unwritten) >= PEERS:
                key = (OTHERS, level)
            self._unwritten[key] += count
            self.severities[SEVERITIES[level]] += count

    def _who(self) -> dict[str, dict[str, int]]:
        """Say who sent what was not stored, and how grave it was; the many in one number."""
        peers: Counter[str] = Counter()
        levels: Counter[str] = Counter()
        for (name, level), count in self._unwritten.items():
            peers[name] += count
            levels[SEVERITIES[level]] += count
        top = dict(peers.most_common(IN_GAP))
        rest = peers.total() - sum(top.values())
        if rest:
            top[OTHERS] = top.get(OTHERS, 0) + rest
        return {"peers": top, "severities": dict(levels)}


def severity(message: bytes) -> int:
    """Give the severity that a message states, RFC 5424 section 6.2.1; 8: it states none."""
    if message[:1] == b"<":
        digits = message[1 : message.find(b">", 2, 5)]
        if digits.isdigit() and int(digits) < 192:
            return int(digits) & 7
    return UNSTATED
