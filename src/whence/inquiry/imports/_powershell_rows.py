"""Objects of PowerShell as rows, each line counted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeVar

from whence.inquiry.imports._declare import Head, Lines
from whence.model.powershell_objects import objects

R = TypeVar("R")


def has_objects(head: Head, needed: Collection[str]) -> bool:
    """Say whether there is an object that has all these properties."""
    return any(values for _, values in objects(enumerate(head.text.split("\n")), needed))


def rows(
    lines: Lines,
    needed: Collection[str],
    row_of: Callable[[int, Mapping[str, str]], R | None],
) -> Iterator[R]:
    """Give what is made of each object; lines of which nothing can be made are strange."""
    for told, values in objects(lines, needed):
        row = row_of(told[0][0], values) if values else None
        if row is not None:
            lines.part(len(told) - 1)
            yield row
        elif values == {}:
            lines.part(len(told))
        else:
            for number, text in told:
                lines.strange(number, text)
