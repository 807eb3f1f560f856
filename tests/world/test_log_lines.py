"""Log lines as documents and as a table."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.world.log_rows import rows
from tests.world.log_samples import ALL
from whence.model.log_tables import ECS
from whence.world.log_lines import LogLines

NOW = datetime(2026, 3, 4, 4, 53, 20, tzinfo=UTC)


def _file(folder: Path) -> Path:
    file = folder / "samples.log"
    file.write_text("".join(f"{line}\n" for line, _ in ALL))
    return file


def _at(document: dict[str, Any], path: str) -> Any:
    place: Any = document
    for name in path.split("."):
        place = place.get(name) if isinstance(place, dict) else None
    return place


def test_a_document_has_the_fields_of_the_contract(tmp_path: Path) -> None:
    file = _file(tmp_path)
    text = b"".join(LogLines([file], NOW).text("json")).decode()
    documents = [json.loads(line) for line in text.splitlines()]
    read = rows(file)
    assert len(documents) == len(read) == len(ALL)
    for document, row in zip(documents, read, strict=True):
        for column, path in ECS.items():
            value = row[column]
            if column == "duration" and value is not None:
                value *= 1_000_000_000
            if column == "time" and value is None:
                value = row["received"]
            if isinstance(value, datetime):
                value = value.isoformat(timespec="microseconds") + "Z"
            assert _at(document, path) == value, (column, row["original"])


def test_a_table_has_a_line_for_each_and_none_that_steers_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "evil.log"
    file.write_bytes(b"Mar  3 03:17:00 a-1 b: \x1b]0;gone\x07\nMar  3 03:17:00 a-1 b: \xc2\x9b2J\n")
    text = b"".join(LogLines([file], NOW).text("table")).decode()
    assert len(text.splitlines()) == 3
    assert "\x1b" not in text
    assert "\x9b" not in text
    assert "\\x1b]0;gone\\x07" in text


def test_what_was_cut_is_said(tmp_path: Path) -> None:
    file = tmp_path / "long.log"
    file.write_bytes(b"x" * 1_500_000 + b"\n\xff\n")
    lines = LogLines([file], NOW)
    assert sum(block.count(b"\n") for block in lines.text("json")) == 2
    assert lines.left_out() == [
        "1 line longer than 1 MiB, and cut there",
        "1 line not UTF-8: what is no text stands as \N{REPLACEMENT CHARACTER}",
    ]
