"""Objects as PowerShell writes them: as a table, as a list, and as CSV. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator

Numbered = list[tuple[int, str]]
# Lines, and the properties that they tell; none: a heading. None: they are no part of an object.
Told = tuple[Numbered, dict[str, str] | None]
DELIMITERS = (",", ";", "\t")  # Export-Csv -UseCulture takes that of the country
MOST = 200  # lines of an object in a list
_RULE = re.compile(r"-+(?: +-+)+\s*")
_PAIR = re.compile(r"(?P<name>[A-Za-z]\w*) *:(?: (?P<value>.*))?")
_WORD = re.compile(r"\S+")


def objects(lines: Iterable[tuple[int, str]], needed: Collection[str]) -> Iterator[Told]:
    """Give the objects that have all properties that are needed; blank lines are left out."""
    reader = _Reader(frozenset(needed))
    for number, text in lines:
        yield from reader.take(number, text)
    yield from reader.end()


class _Reader:
    """What was read of an object so far, and how the rows after a heading read."""

    def __init__(self, needed: frozenset[str]) -> None:
        self._needed = needed
        self._heading: Numbered = []  # a line that is one, if a rule is below it
        self._spans: list[tuple[int, int, str]] = []  # of a table: where each name stands
        self._columns: list[str] = []  # of CSV
        self._delimiter = ""
        self._list: Numbered = []
        self._pairs: dict[str, str] = {}

    def take(self, number: int, text: str) -> Iterator[Told]:
        line = [(number, text)]
        if not text.strip():
            yield from self.end()
            self._spans = []
        elif self._heading and _RULE.fullmatch(text):
            yield from self._begin_table(line)
        elif text.startswith("#TYPE "):
            yield from self.end()
            yield line, {}
        elif columns := self._csv_heading(text):
            yield from self.end()
            self._columns, self._spans = columns, []
            yield line, {}
        elif self._is_heading(text):
            yield from self.end()
            self._heading, self._columns = line, []
        elif self._spans:
            yield line, _cells(text, self._spans)
        elif self._columns:
            yield line, self._row(text)
        else:
            yield from self._take_pair(line)

    def end(self) -> Iterator[Told]:
        """Give what waits for its end."""
        if self._heading:
            yield self._heading, None
        if self._list:
            yield self._list, self._pairs if self._needed <= self._pairs.keys() else None
        self._heading, self._list, self._pairs = [], [], {}

    def _begin_table(self, rule: Numbered) -> Iterator[Told]:
        runs = [*_WORD.finditer(rule[0][1])]
        names = self._heading[0][1].split()
        heading, self._heading = [*self._heading, *rule], []
        if len(runs) == len(names):
            spans = zip(runs, names, strict=True)
            self._spans = [(run.start(), run.end(), name) for run, name in spans]
            yield heading, {}
        else:
            yield heading, None

    def _is_heading(self, text: str) -> bool:
        return self._needed <= {*text.split()}

    def _csv_heading(self, text: str) -> list[str]:
        for delimiter in DELIMITERS:
            names = [name.strip().strip('"') for name in text.split(delimiter)]
            if self._needed <= {*names}:
                self._delimiter = delimiter
                return names
        return []

    def _row(self, text: str) -> dict[str, str] | None:
        try:
            [values] = csv.reader([text], delimiter=self._delimiter)
        except (csv.Error, ValueError):
            return None
        told = dict(zip(self._columns, values, strict=False))
        return told if self._needed <= told.keys() else None

    def _take_pair(self, line: Numbered) -> Iterator[Told]:
        text = line[0][1]
        found = _PAIR.fullmatch(text)
        if found and (found["name"] in self._pairs or len(self._list) >= MOST):
            yield from self.end()
        if found:
            self._pairs[found["name"]] = (found["value"] or "").strip()
            self._list += line
        elif self._list and text[:1].isspace():  # a value that goes on
            self._list += line
        else:
            yield from self.end()
            yield line, None


def _cells(text: str, spans: list[tuple[int, int, str]]) -> dict[str, str]:
    """Give each word to the column below whose name it stands, or to the one before it.

    Columns of numbers are flush right, those of text flush left.
    """
    told = dict.fromkeys((name for _, _, name in spans), "")
    for word in _WORD.finditer(text):
        before = [name for start, _, name in spans if start < word.end()]
        under = [name for start, end, name in spans if start < word.end() and word.start() < end]
        name = under[0] if under else before[-1] if before else spans[0][2]
        told[name] = f"{told[name]} {word[0]}".strip()
    return told
