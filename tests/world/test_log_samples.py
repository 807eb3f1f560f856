"""What each vendor's lines say."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.world.log_rows import parsed
from tests.world.log_samples import ALL

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    folder: Path = tmp_path_factory.mktemp("samples")
    return parsed(folder, [line for line, _ in ALL])


@pytest.mark.parametrize("place", range(len(ALL)), ids=[line[:70] for line, _ in ALL])
def test_a_line_says_what_its_vendor_means(place: int, rows: Rows) -> None:
    line, known = ALL[place]
    row = rows[place]
    assert {name: _plain(row[name]) for name in known} == known
    assert row["original"] == line
    assert row["size"] == len(line.encode())


def _plain(value: Any) -> Any:
    """A moment as the samples write it; anything else as it is."""
    if not isinstance(value, datetime):
        return value
    text = value.isoformat(" ")
    return text.rstrip("0") if value.microsecond else text
