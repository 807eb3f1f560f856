"""What commands print as JSON, object by object, each with the line it stands in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from whence.model import Evidence, Line, Reading


@dataclass(frozen=True, slots=True)
class Told:
    """An object, and where it was read."""

    fields: dict[str, Any]
    evidence: Evidence

    def text(self, name: str) -> str:
        """Give a field if it is text."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int | None:
        """Give a field if it is a number."""
        value = self.fields.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def inside(self, *names: str) -> dict[str, Any]:
        """Give the object that is found by following names; empty where there is none."""
        value: Any = self.fields
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}


def objects(reading: Reading) -> Iterator[Told]:
    """Yield the objects of a list that has one a line."""
    for line in reading.lines():
        value = _element(line)
        if isinstance(value, dict):
            yield Told(value, line.evidence)


def rows(reading: Reading) -> Iterator[Told]:
    """Yield the rows of a table as ovs-vsctl prints it, with the names of its columns."""
    heads: list[str] = []
    for line in reading.lines():
        if line.startswith('{"rest":'):
            opening = msgspec.json.decode(f"{line}]}}")
            heads = opening["rest"].get("headings", [])
        elif isinstance(values := _element(line), list) and len(values) == len(heads):
            yield Told({head: _plain(value) for head, value in zip(heads, values, strict=True)},
                       line.evidence)  # fmt: skip


def _element(line: Line) -> Any:
    try:
        return msgspec.json.decode(str(line).removesuffix(","))
    except msgspec.DecodeError:
        return None


def _plain(value: Any) -> Any:
    """Read a value of OVSDB (RFC 7047 section 5.1): sets, maps and references are tagged lists."""
    if isinstance(value, list) and len(value) == 2:
        kind, content = value
        if kind == "set":
            return [_plain(one) for one in content]
        if kind == "map":
            return {str(name): _plain(one) for name, one in content}
        if kind == "uuid":
            return content
    return value
