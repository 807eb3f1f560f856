"""What a fact rests on: a reading, and the exact line of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec

from whence.model.errors import CannotAsk


@dataclass(frozen=True, slots=True)
class Evidence:
    """The exact words that a fact was read from, and where and when they stood."""

    reading: str  # Reading.digest
    source: str
    line: int  # 1 is the first; 0: the reading as a whole
    excerpt: str
    taken: datetime
    observer: str

    def __str__(self) -> str:
        return f"{self.observer}:{self.source}:{self.line}"


class Line(str):
    """A line of a reading that remembers where it came from."""

    evidence: Evidence


EXCERPT = 400  # characters of a whole reading that an evidence shows; the reading keeps them all


@dataclass(frozen=True)
class Reading:
    """One look at the world: a file's text, a command's output, what a sensor saw."""

    source: str
    text: str
    taken: datetime
    observer: str

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text, in hex: the name under which the text is stored."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    def lines(self, *, skip: int = 0) -> Iterator[Line]:
        """Yield the lines after the first ``skip``, each carrying its evidence."""
        for number, text in enumerate(self.text.split("\n"), start=1):
            if number > skip and (text or number == 1):
                line = Line(text)
                line.evidence = self.cite(number, text)
                yield line

    def json(self) -> Any:
        """Read the text as JSON.

        Raises
        ------
        CannotAsk
            If the text is not JSON: whoever answered did not say what was asked for.

        """
        try:
            return msgspec.json.decode(self.text)
        except msgspec.DecodeError as e:
            raise CannotAsk(f"{self.source} did not give JSON", because=str(e)) from e

    def whole(self) -> Evidence:
        """Cite the reading as a whole."""
        return self.cite(0, self.text[:EXCERPT])

    def cite(self, number: int, text: str) -> Evidence:
        """Cite a line by its number, from 1, and its text."""
        return Evidence(self.digest, self.source, number, text, self.taken, self.observer)
