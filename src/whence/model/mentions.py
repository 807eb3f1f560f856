"""Where an address is mentioned, as a search of files, processes and databases tells it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from whence.model.address_forms import Form, Spot
from whence.model.errors import BadInput
from whence.model.evidence import Line
from whence.model.secrets import redact

LONGEST = 300  # characters of a line that are told, around the address


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where the address stands."""

    place: str  # a file's path, a process's memory, a database
    form: str  # one of Form
    written: str  # as it stands there
    line: int = 0  # 0: there are no lines
    part: str = ""  # within the file: a table, column and row; a key; a section
    text: str = ""  # the line, redacted
    free_bits: int = 0  # of a range
    more: int = 0  # further places in the same file that are not told
    binary: bool = False
    owner: int | None = None  # uid
    size: int = 0  # bytes of the file
    modified: float = 0  # seconds since 1970
    changed: float = 0

    @property
    def is_range(self) -> bool:
        """Whether it is a range that holds the address, rather than the address."""
        return self.form == Form.RANGE

    def __str__(self) -> str:
        at = f"{self.place}:{self.line}" if self.line else self.place
        return f"{at} ({self.part})" if self.part else at


@dataclass(slots=True)
class NotRead:
    """What a search did not look into: how often for which reason, and an example of each."""

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, reason: str, example: str, count: int = 1) -> None:
        """Count something that was not read."""
        self.counts[reason] = self.counts.get(reason, 0) + count
        self.examples.setdefault(reason, as_text(example))

    def merge(self, other: NotRead) -> None:
        """Take in what another search did not read."""
        for reason, count in other.counts.items():
            self.add(reason, other.examples.get(reason, ""), count)


def as_text(name: str) -> str:
    """Give a name of a file, which may be any bytes, as a text that can be stored."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def encode_mentions(found: Iterable[Mention], not_read: NotRead) -> str:
    """Write mentions, a JSON object a line, and in the last line what was not read."""
    lines = [msgspec.json.encode(mention).decode() for mention in found]
    lines.append(msgspec.json.encode({"not_read": not_read}).decode())
    return "".join(f"{line}\n" for line in lines)


def decode_mention(line: str) -> Mention | NotRead:
    """Read a line that ``encode_mentions`` wrote.

    Raises
    ------
    BadInput
        If the line is none.

    """
    try:
        if line.startswith('{"not_read"'):
            return msgspec.json.decode(str(line), type=dict[str, NotRead])["not_read"]
        return msgspec.json.decode(str(line), type=Mention)
    except (msgspec.DecodeError, KeyError) as e:
        raise BadInput("this is not a place as whence writes it", because=str(e)) from e


def mentions_of(lines: Iterable[Line], not_read: NotRead) -> Iterator[tuple[Mention, Line]]:
    """Read what a search told; what was not read is added to ``not_read``."""
    for line in lines:
        told = decode_mention(line)
        if isinstance(told, NotRead):
            not_read.merge(told)
        else:
            yield told, line


def shown(text: str, spot: Spot | None = None) -> str:
    """Give the line that an address stands in, cut to a length, without secrets."""
    text = text.strip("\r\n")
    if len(text) > LONGEST:
        middle = text.find(spot.text) if spot else 0
        start = max(0, middle - LONGEST // 3)
        text = ("…" if start else "") + text[start : start + LONGEST] + "…"
    return redact(text)
