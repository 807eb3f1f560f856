"""A journal in which each entry holds the hash of the one before it. Pure.

Whoever has noted the hash of the last entry can tell later that no entry was changed, removed
or put in between, as with the log of git or RFC 9162.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

BEGINNING = "0" * 64  # what stands for the entry before the first
Body = dict[str, Any]

_KIND = re.compile(r"[a-z][a-z-]{0,40}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to a case."""

    seq: int  # 1 is the first
    at: str  # as ``moment_text`` writes it
    kind: str
    body: str  # as ``canonical`` writes it
    previous: str
    hash: str

    @classmethod
    def after(cls, previous: Entry | None, at: datetime, kind: str, body: Body) -> Entry:
        """Make the entry that follows another."""
        seq = previous.seq + 1 if previous else 1
        head = previous.hash if previous else BEGINNING
        text, moment = canonical(body), moment_text(at)
        return cls(seq, moment, kind, text, head, _hash(head, seq, moment, kind, text))

    @property
    def moment(self) -> datetime:
        """When it happened, by the clock of the machine that wrote it."""
        return read_moment(self.at)

    @property
    def content(self) -> Body:
        """The body, read.

        Raises
        ------
        ValueError, TypeError
            If it is no JSON object.

        """
        content: Body = json.loads(self.body)
        if not isinstance(content, dict):
            raise TypeError("the body is not a JSON object")
        return content

    @property
    def is_well_formed(self) -> bool:
        """Whether its time and its kind are written as we write them: a stranger may have."""
        try:
            return moment_text(self.moment) == self.at and bool(_KIND.fullmatch(self.kind))
        except (ValueError, OverflowError):
            return False

    @property
    def computed_hash(self) -> str:
        """The hash that the entry must have, by what it says."""
        return _hash(self.previous, self.seq, self.at, self.kind, self.body)


def broken_links(entries: Iterable[Entry]) -> Iterator[str]:
    """Say, in words, where a journal is not what it was when it was written."""
    head = BEGINNING
    for expected, entry in enumerate(entries, start=1):
        if entry.seq != expected:
            yield f"the chain is broken: entry {expected} is missing"
            return
        if not entry.is_well_formed:
            yield f"entry {entry.seq} has a time or a kind that nobody writes"
        if entry.previous != head:
            yield f"the chain is broken at entry {entry.seq}: it does not follow the one before"
        if entry.computed_hash != entry.hash:
            yield f"the chain is broken at entry {entry.seq}: its words do not give its hash"
        head = entry.hash


def canonical(body: Body) -> str:
    """Write JSON in the one way that is hashed: sorted, ASCII, without spaces."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def moment_text(moment: datetime) -> str:
    """Write a time in UTC, with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_moment(text: str) -> datetime:
    """Read a time that ``moment_text`` wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _hash(previous: str, seq: int, at: str, kind: str, body: str) -> str:
    words = f"{previous}\n{seq}\n{at}\n{kind}\n{body}"
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()
