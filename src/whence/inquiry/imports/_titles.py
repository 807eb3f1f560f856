"""Rows below titles, which say what the columns are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from whence.inquiry.imports._declare import Lines


def below_titles(
    lines: Lines, columns_of: Callable[[str], list[str]]
) -> Iterator[tuple[int, list[str], str]]:
    """Give each line with the columns of the titles above it; none where no titles were there.

    ``columns_of`` gives the columns of a line of titles, and nothing of another. Who finds that a
    table has ended clears the columns.
    """
    columns: list[str] = []
    for line, text in lines:
        if not text or text.isspace():
            continue
        if found := columns_of(text):
            columns = found
            lines.part()
        else:
            yield line, columns, text
