"""Results as JSON lines, each with the engine that made it: those of another are made again."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

import whence

ENGINE = ("model/bisection*.py", "inquiry/bisect_*.py", "switches/mirror_*.py",
          "world/mirror*.py")  # fmt: skip
# Engines of which a later one differs in nothing that a search does: it, and what was changed.
ALIKE = {
    "670126b28112": (
        "95463339cd3d",
        "an answer of ovs-vsctl that lacks a column, which none of these searches met, is refused",
    ),
}
T = TypeVar("T")


@cache
def engine() -> str:
    """Name the code that searches, by its content."""
    source = Path(whence.__file__).parent
    files = sorted(file for pattern in ENGINE for file in source.glob(pattern))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def append(file: Path, result: object) -> None:
    """Write down one result."""
    line = {"engine": engine()} | msgspec.to_builtins(result)
    with file.open("ab") as opened:
        opened.write(msgspec.json.encode(line) + b"\n")


def read(file: Path, kind: type[T], which: str = "") -> list[T]:
    """Read what an engine came to; empty: any engine."""
    rows = [row for row in _lines(file) if not which or _engine_of(row) == which]
    return [msgspec.convert(row, kind) for row in rows]


def engines(file: Path) -> dict[str, int]:
    """Say which engines made how many results."""
    return Counter(map(_engine_of, _lines(file)))


def _engine_of(row: dict[str, Any]) -> str:
    made: str = row["engine"]
    return ALIKE[made][0] if made in ALIKE else made


def _lines(file: Path) -> list[dict[str, Any]]:
    lines = file.read_bytes().split(b"\n")[:-1] if file.exists() else []  # the last: unfinished
    return [msgspec.json.decode(line) for line in lines]
