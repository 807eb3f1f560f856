"""The spool of log lines: what was received, in order, in files that are whole at any moment.

A segment is a file ``<number>.spool``: 16 bytes of head (``whspool1`` and its number), then
records: 16 bytes (length of the payload, microseconds since 1970 UTC, kind, length of the peer's
text, its port; little-endian), the peer's text, and the payload, which is the message without
framing. A record that is not whole at the end of the newest segment is still being written, or a
killed writer left it: the next writer cuts it off. A position is number × 2³² + offset.
"""

from __future__ import annotations

import contextlib
import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import chain, repeat
from pathlib import Path

from whence.world.durable import changing

MAGIC = b"whspool1"
HEAD = struct.Struct("<8sQ")
RECORD = struct.Struct("<IQBBH")
SUFFIX = ".spool"
LARGEST = 1 << 20  # bytes of a payload; a longer one is damage
PEER = 255  # bytes of a peer's text
OFFSETS = 32  # bits of a position that are the offset

_length = struct.Struct("<I").pack
_time = struct.Struct("<Q").pack


class Kind(IntEnum):
    """How a message came; a gap is no message but a word about those that are missing."""

    UDP = 1
    TCP = 2
    TLS = 3
    UNIX = 4
    FILE = 5  # its port: bytes of the file that belong to it beside the payload, as the line's end
    JOURNAL = 6
    GAP = 7


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the spool."""

    position: int
    received: int  # µs since 1970 UTC
    kind: Kind
    peer: str
    port: int
    payload: bytes


def position(number: int, offset: int) -> int:
    """Name a place in the spool."""
    return number << OFFSETS | offset


def mark(kind: Kind, peer: str = "", port: int = 0) -> bytes:
    """Write the part of a record that all messages of a sender have in common.

    A text that is too long loses its beginning: the end of a path tells more.
    """
    text = peer.encode("utf-8", "surrogateescape")[-PEER:]
    return struct.pack("<BBH", kind, len(text), port) + text


def records(now: int, messages: Sequence[bytes], marks: Iterable[bytes]) -> bytes:
    """Write messages as records; ``now`` is in µs since 1970."""
    lengths = map(_length, map(len, messages))
    return b"".join(chain.from_iterable(zip(lengths, repeat(_time(now)), marks, messages)))


def gap(now: int, lost: int, why: str, **more: object) -> bytes:
    """Write what was lost, or, with ``lost`` 0, what else the next reader should know."""
    text = json.dumps({"lost": lost, "why": why, **more}, separators=(",", ":")).encode()
    return records(now, [text], [mark(Kind.GAP)])


def segments(folder: Path) -> list[tuple[int, Path]]:
    """Name the segments of a spool by number, oldest first."""
    try:
        names = [path for path in folder.iterdir() if path.suffix == SUFFIX]
    except FileNotFoundError:
        return []
    return sorted((int(path.stem), path) for path in names if path.stem.isdigit())


def prune(folder: Path, before: int) -> int:
    """Remove segments that end before a position, never the newest; say how many."""
    removed = 0
    for number, path in segments(folder)[:-1]:
        if number < before >> OFFSETS:
            with changing(path):
                path.unlink(missing_ok=True)
            removed += 1
    return removed


@dataclass(frozen=True, slots=True)
class Damage:
    """A place from which on a segment cannot be read."""

    file: Path
    offset: int
    why: str


class SpoolReader:
    """Reads records from a position on, and goes on where it was when asked again."""

    def __init__(self, folder: Path, begin: int = 0) -> None:
        self._folder = folder
        self.position = begin
        self.damage: list[Damage] = []
        self.cut = 0  # bytes of records that killed writers had not written whole

    def records(self) -> Iterator[Record]:
        """Yield what is whole now."""
        known = segments(self._folder)
        for place, (number, path) in enumerate(known):
            if number < self.position >> OFFSETS:
                continue
            is_newest = place + 1 == len(known)
            yield from self._segment(number, path, is_newest=is_newest)
            if not is_newest:
                self.position = position(known[place + 1][0], 0)

    def _segment(self, number: int, path: Path, *, is_newest: bool) -> Iterator[Record]:
        offset = self.position & ((1 << OFFSETS) - 1) if number == self.position >> OFFSETS else 0
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            if offset < HEAD.size:
                if file.read(HEAD.size) != HEAD.pack(MAGIC, number):
                    self._damaged(path, 0, "it does not begin as a segment does")
                    return
                offset = HEAD.size
            file.seek(offset)
            while len(head := file.read(RECORD.size)) == RECORD.size:
                length, received, kind, text, port = RECORD.unpack(head)
                if length > LARGEST or not Kind.UDP <= kind <= Kind.GAP:
                    self._damaged(path, offset, "no such record can be")
                    return
                rest = file.read(text + length)
                if len(rest) < text + length:
                    break
                peer = rest[:text].decode("utf-8", "surrogateescape")
                begin = position(number, offset)
                offset += RECORD.size + text + length
                self.position = position(number, offset)
                yield Record(begin, received, Kind(kind), peer, port, rest[text:])
            self.position = position(number, offset)
            if not is_newest:
                self.cut += path.stat().st_size - offset

    def _damaged(self, path: Path, offset: int, why: str) -> None:
        found = Damage(path, offset, why)
        if found not in self.damage:
            self.damage.append(found)
