"""Objects of YAML in a text, as kubectl prints them: one a document, or each of a list of items."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import yaml

from whence.inquiry.imports._declare import Lines
from whence.inquiry.imports._json_objects import Object

MOST_CHARACTERS = 1 << 21  # of an object: etcd takes 1.5 MB of one
MOST_EVENTS = 50_000  # of an object: a scalar is one, a list and a mapping are two
DEEPEST = 100
ALIASES = "lines of YAML with aliases, which are not followed"
TOO_MUCH = "lines of YAML that is too long or nested too deeply"
BEGINNING = "apiVersion: "  # kubectl sorts by name
_BORDER = re.compile(r"(?:---|\.\.\.)(?:\s.*)?")
_ABOVE = re.compile(r"[A-Za-z]\w{0,100}:(?:\s.*)?|[-#](?:\s.*)?")  # not indented, and yet of it
_ITEMS = re.compile(r"items:\s*")
_ENTRY = re.compile(r"( *)-(?:\s|$)")
ANY = -1  # the indentation of a list that has no entry yet
_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,17})")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # by libyaml, where it is there
_Take = Callable[[int, str, Object], None]


class _Refused(ValueError):
    """What of YAML is not read, although it is YAML."""


def documents(
    lines: Lines, source: Iterable[tuple[int, str]], take: _Take
) -> Iterator[tuple[int, str]]:
    """Hand each object on with its first line; give the lines that are of no YAML.

    Who takes it counts its first line; the others are counted as parts of it.
    """
    above = _Piece(lines, take)  # a document, or what stands around its list of items
    item = _Piece(lines, take)
    indent: int | None = None  # of the list, if there is one
    for number, text in source:
        if not text.strip():
            continue
        if _BORDER.fullmatch(text) or text.startswith(BEGINNING):
            item.end()
            above.end(is_read=indent is None)
            indent = None
            if text.startswith(BEGINNING):
                above.add(number, text)
            else:
                lines.part()
            continue
        if not above:
            yield number, text
            continue
        entry = None if indent is None else _ENTRY.match(text)
        if entry and indent in (ANY, len(entry[1])):
            item.end()
            indent = len(entry[1])
            item.add(number, text)
        elif item and indent is not None and not text[: indent + 1].strip():
            item.add(number, text)
        elif text[0] == " " or _ABOVE.fullmatch(text):
            item.end()
            indent = ANY if _ITEMS.fullmatch(text) else indent
            above.add(number, text)
        else:
            item.end()
            above.end(is_read=indent is None)
            indent = None
            yield number, text
    item.end()
    above.end(is_read=indent is None)


class _Piece:
    """Lines of one object."""

    def __init__(self, lines: Lines, take: _Take) -> None:
        self._lines = lines
        self._take = take
        self._own: list[tuple[int, str]] = []
        self._size = 0

    def __bool__(self) -> bool:
        return bool(self._own)

    def add(self, number: int, text: str) -> None:
        """Add a line; of what is too long, the lines are counted and no more."""
        self._size += len(text)
        if self._size > MOST_CHARACTERS:
            self._lines.leave_out(TOO_MUCH)
        else:
            self._own.append((number, text))

    def end(self, *, is_read: bool = True) -> None:
        """Read what was added, or count it as what stands around something else."""
        own, size = self._own, self._size
        self._own, self._size = [], 0
        if not own:
            return
        if not is_read:
            self._lines.part(len(own))
            return
        try:
            if size > MOST_CHARACTERS:
                raise _Refused(TOO_MUCH)
            told = decode("\n".join(text for _, text in own))
        except _Refused as reason:
            self._lines.leave_out(str(reason), len(own))
            return
        except (yaml.YAMLError, ValueError):
            told = None
        if isinstance(told, list) and len(told) == 1:
            told = told[0]
        if isinstance(told, dict):
            self._lines.part(len(own) - 1)
            self._take(*own[0], told)
            return
        for number, text in own:
            self._lines.strange(number, text)


def decode(text: str) -> Any:
    """Read one document of the values that JSON has; tags mean nothing, aliases are refused.

    Raises
    ------
    yaml.YAMLError, ValueError
        If it is none, or larger than anything that is written by a tool.

    """
    events = islice(yaml.parse(text, Loader=_LOADER), MOST_EVENTS)
    for event in events:
        if not isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
            return _value(event, events, DEEPEST)
    raise _Refused(TOO_MUCH)


def _value(event: Any, events: Iterator[Any], deeper: int) -> Any:
    if not deeper:
        raise _Refused(TOO_MUCH)
    match event:
        case yaml.ScalarEvent():
            return _scalar(event.value) if event.implicit[0] else event.value
        case yaml.SequenceStartEvent():
            return [*_values(events, yaml.SequenceEndEvent, deeper)]
        case yaml.MappingStartEvent():
            values = _values(events, yaml.MappingEndEvent, deeper)
            return {str(key): next(values) for key in values}
        case yaml.AliasEvent():
            raise _Refused(ALIASES)
    raise _Refused(TOO_MUCH)


def _values(events: Iterator[Any], end: type, deeper: int) -> Iterator[Any]:
    while not isinstance(event := next(events, None), end):
        yield _value(event, events, deeper - 1)


def _scalar(text: str) -> Any:
    """Read what stands without quotes, as in JSON: YAML 1.1 takes “no” and 12:30 for others."""
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _WHOLE.fullmatch(text) else text
