"""Log lines as rows of LOGS, read by the native part."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from whence import _native

NOW = 1_772_600_000_000_000  # 2026-03-04 04:53:20 UTC


def rows(file: Path, **options: Any) -> list[dict[str, Any]]:
    """Read a file, and give each line as a row."""
    stream, _reading = _native.parse_logs([file], **({"now": NOW} | options))
    engine = duckdb.connect()
    engine.register("logs", stream)
    found = engine.sql("FROM logs")
    names = found.columns
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def parsed(folder: Path, lines: Sequence[bytes | str], **options: Any) -> list[dict[str, Any]]:
    """Write lines into a file, and read them."""
    file = folder / "lines.log"
    whole = (line if isinstance(line, bytes) else line.encode() for line in lines)
    file.write_bytes(b"".join(line + b"\n" for line in whole))
    return rows(file, **options)
