"""Entries of systemd's journal as syslog messages (RFC 5424), each once.

A note in the spool gives the cursor of the entry before those that follow it, so that a cursor and
how many records come after it say where to go on.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

from whence.sensors.log_keeper import Keeper
from whence.world.journal import Entry, Journal, newest_cursor
from whence.world.log_spool import Kind, Record, gap, mark

MARK = mark(Kind.JOURNAL, "journal")
NIL = "-"  # RFC 5424: what is not known
USER, NOTICE = 1, 5  # facility and severity of messages that state none
LONGEST = 256 << 10  # bytes of a message


class JournalReader:
    """Follows the journal."""

    def __init__(self) -> None:
        # Of the last entry in the spool; empty: from the journal's begin; None: nobody read it yet.
        self._cursor: str | None = None
        self._after_note = 0  # entries that the spool has after its last note
        self._journal: Journal | None = None
        self._waiting: list[Entry] = []
        self.notes: list[str] = []

    def replay(self, record: Record) -> None:
        """Take in a record of the newest segment."""
        if record.kind is Kind.GAP:
            cursor = json.loads(record.payload).get("cursor")
            if cursor is not None:
                self._cursor, self._after_note = cursor, 0
        elif record.kind is Kind.JOURNAL:
            self._after_note += 1

    def note(self) -> bytes:
        """Write where we are: with this a segment begins."""
        if self._cursor is None:
            return b""
        now = time.time_ns() // 1000
        return gap(now, 0, "position in the journal", cursor=self._cursor)

    def start(self, keeper: Keeper) -> None:
        """Begin where an earlier run ended; at the very first, at the journal's end.

        Raises
        ------
        CannotAsk
            If there is no journalctl.

        """
        if self._cursor is None:
            self._cursor = newest_cursor()
            keeper.write(self.note())
        self._journal = Journal(self._cursor)

    def fileno(self) -> int:
        """Give the descriptor, to wait for it."""
        assert self._journal
        return self._journal.fileno()

    @property
    def is_held_back(self) -> bool:
        """Whether there is no room for what was read: then no more is to be read."""
        return bool(self._waiting)

    def read(self, keeper: Keeper) -> bool:
        """Put what is new into the spool; say whether more can come."""
        assert self._journal
        if not self._waiting:
            entries = self._journal.read()
            if entries is None:
                self.notes.append("journalctl has ended; the journal is not followed any more")
                return False
            skipped = entries[: self._after_note]
            self._after_note -= len(skipped)
            if skipped:
                self._cursor = skipped[-1]["__CURSOR"]
            self._waiting = entries[len(skipped) :]
        if self._waiting:
            messages = [message(entry) for entry in self._waiting]
            if keeper.put_if_room(messages, [MARK] * len(messages), self.note()):
                self._cursor = self._waiting[-1]["__CURSOR"]
                self._waiting = []
        return True

    def close(self) -> None:
        """End journalctl."""
        if self._journal:
            self._journal.close()


def message(entry: Entry) -> bytes:
    """Write an entry as RFC 5424 does."""
    priority = _number(entry.get("SYSLOG_FACILITY"), USER) * 8 + _number(
        entry.get("PRIORITY"), NOTICE
    )
    micros = _number(entry.get("__REALTIME_TIMESTAMP"), 0)
    when = datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
    name = entry.get("SYSLOG_IDENTIFIER") or entry.get("_COMM")
    parts = (
        f"<{priority}>1",
        when.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        _word(entry.get("_HOSTNAME"), 255),
        _word(name, 48),
        _word(entry.get("_PID") or entry.get("SYSLOG_PID"), 128),
        NIL,
        NIL,
    )
    return " ".join(parts).encode() + b" " + _text(entry.get("MESSAGE"))[:LONGEST]


def _text(value: object) -> bytes:
    """Give a field's bytes: what is no UTF-8 comes as a list of numbers."""
    if isinstance(value, list):
        if all(isinstance(one, int) and 0 <= one < 256 for one in value):
            return bytes(value)
        return b" ".join(map(_text, value))  # a field that is there several times
    return str(value or "").encode("utf-8", "surrogateescape")


def _word(value: object, longest: int) -> str:
    text = _text(value).decode("utf-8", "replace")
    return "".join(c for c in text if c.isprintable() and c != " ")[:longest] or NIL


def _number(value: object, otherwise: int) -> int:
    text = str(value)
    return int(text) if text.isdecimal() else otherwise
