"""Puts other words in the place of words, everywhere in a report."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

Value = TypeVar("Value")

# The words of whence itself, which nothing of a stranger can be in.
OWN = frozenset(
    {
        "action",
        "case",
        "digest",
        "head",
        "kind",
        "label",
        "labels",
        "reading",
        "relation",
        "sensor",
        "version",
    }
)


def rewritten(value: Value, words: Callable[[str], str]) -> Value:
    """Give a value in which each text is what ``words`` makes of it; the same text is so once."""
    known: dict[str, str] = {}

    def once(text: str) -> str:
        if text not in known:
            known[text] = words(text)
        return known[text]

    changed: Value = _rewritten(value, once)
    return changed


def texts(value: object) -> Iterator[str]:
    """Give each text in a value, in its order."""
    if isinstance(value, str):
        if not isinstance(value, enum.Enum):
            yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from texts(part)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in OWN:
                yield from texts(getattr(value, field.name))


def _rewritten(value: Any, words: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, enum.Enum) else words(value)
    if isinstance(value, tuple):
        return tuple(_rewritten(part, words) for part in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {}
    for field in fields(value):
        if field.name in OWN:
            continue
        before = getattr(value, field.name)
        after = _rewritten(before, words)
        if after != before:
            changes[field.name] = after
    return replace(value, **changes) if changes else value
