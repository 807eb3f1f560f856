"""Objects of JSON in a text: one a line, lists of them, or each over several lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from whence.inquiry.imports._declare import Head, Lines

Object = dict[str, Any]
LONGEST = 1 << 20  # characters of a line
MOST_CHARACTERS = 1 << 22  # of an object
MOST_LINES = 100_000  # of an object
TRIED = 20  # objects by which a file is recognised
BETWEEN = frozenset({"[", "]", ",", "],", "[]", "{}"})  # lines that belong to a list
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"?')
_ITEMS = '"items": ['
_ABOVE = re.compile(r'"(?:apiVersion|kind)": "[\w./]{1,100}",')
_FAULTS = (msgspec.DecodeError, RecursionError, ValueError)


def objects(
    lines: Lines,
    decode: Callable[[str], Any] = msgspec.json.decode,
    *,
    source: Iterable[tuple[int, str]] | None = None,
) -> Iterator[tuple[int, str, Object]]:
    """Give each object with its first line; the lines below are counted as parts of it.

    Who takes it counts it once: as a row, as left out, or as strange. ``source`` are the lines
    that it may be in, where others were taken already.
    """
    waiting: list[tuple[int, str]] = []  # lines of an object that is not complete yet
    depth = size = 0
    for number, text in lines if source is None else source:
        stripped = text.strip()
        if not stripped:
            continue
        if not waiting:
            if stripped in BETWEEN:
                lines.part()
                continue
            if (found := _entries(stripped, decode)) is not None:
                yield from _each(lines, [(number, text)], found)
                continue
            if stripped[0] not in "{[":
                lines.strange(number, text)
                continue
        waiting.append((number, text))
        depth += _deeper(stripped)
        size += len(text)
        if depth > 0 and size < MOST_CHARACTERS and len(waiting) < MOST_LINES:
            continue
        found = _entries("\n".join(text for _, text in waiting).strip(), decode)
        yield from _each(lines, waiting, found)
        waiting, depth, size = [], 0, 0
    yield from _each(lines, waiting, None)


def first_objects(
    head: Head, decode: Callable[[str], Any] = msgspec.json.decode
) -> Iterator[Object]:
    """Give some of the first objects, by which a file is recognised."""
    if "{" not in head.text:
        return
    lines = Lines(enumerate(head.text.splitlines()), LONGEST)
    for _, _, told in islice(objects(lines, decode), TRIED):
        yield told


def items(lines: Lines) -> Iterator[tuple[int, str]]:
    """Pass lines on, but those around a list of items as kubectl prints it; these are counted.

    Such a list may be longer than what is read as one object, and its items are objects.
    """
    before: list[tuple[int, str]] = []  # {, and what stands above the list
    indent: int | None = None  # of the list, within it
    is_after = False
    for number, text in lines:
        stripped = text.strip()
        if not stripped:
            continue
        if is_after and text[:1] in (" ", "}"):
            lines.part()
            is_after = text[:1] == " "
        elif indent is not None:
            is_after = stripped in ("]", "],") and len(text) - len(text.lstrip()) == indent
            if is_after:
                lines.part()
                indent = None
            else:
                yield number, text
        elif before and stripped == _ITEMS:
            lines.part(len(before) + 1)
            before, indent = [], len(text) - len(text.lstrip())
        elif (not before and text.rstrip() == "{") or (before and _ABOVE.fullmatch(stripped)):
            before.append((number, text))
        else:
            is_after = False
            yield from before
            before = []
            yield number, text
    yield from before


def word(told: Object, *names: str) -> str:
    """Give the first that is told of these, as text; empty where none is."""
    for name in names:
        value = told.get(name)
        if isinstance(value, str) and value:
            return value.encode("utf-8", "replace").decode()
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 62:
            return str(value)
    return ""


def within(told: Object, name: str) -> Object:
    """Give an object within another; an empty one where there is none."""
    value = told.get(name)
    return value if isinstance(value, dict) else {}


def listed(told: Object, name: str, most: int | None = None) -> list[Object]:
    """Give the objects among the first of a list within another; none where there is no list."""
    value = told.get(name)
    entries = value[:most] if isinstance(value, list) else []
    return [one for one in entries if isinstance(one, dict)]


def _entries(text: str, decode: Callable[[str], Any]) -> list[Object] | None:
    """Read an object, a list of them, or a part of a list; None where it is none of them."""
    try:
        told = decode(text)
    except _FAULTS:
        try:
            told = decode(f"[{text.removeprefix('[').rstrip('], ')}]")
        except _FAULTS:
            return None
    entries = told if isinstance(told, list) else [told]
    return entries if entries and all(isinstance(one, dict) for one in entries) else None


def _each(
    lines: Lines, waiting: list[tuple[int, str]], found: list[Object] | None
) -> Iterator[tuple[int, str, Object]]:
    if found is None:
        for number, text in waiting:
            if text and not text.isspace():
                lines.strange(number, text)
        return
    lines.part(len(waiting) - 1)
    lines.several(len(found))
    for told in found:
        yield (*waiting[0], told)


def _deeper(text: str) -> int:
    """Say how many more braces a line opens than it closes, but those within strings."""
    plain = _STRING.sub("", text)
    return plain.count("{") - plain.count("}")
