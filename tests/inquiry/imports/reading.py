"""Reads text as an import does, without a file."""

from datetime import UTC

from whence.inquiry.importing import kinds
from whence.inquiry.imports._declare import HEAD, Given, Head, Lines
from whence.model.reported import Row

NOON = 1_795_600_800_000_000  # µs since 1970: when the file was written
KINDS = {kind.name: kind for kind in kinds()}


def likeliest(text: str) -> str:
    head = Head(text[:HEAD])
    name = max(KINDS, key=lambda name: KINDS[name].recognise(head))
    return name if KINDS[name].recognise(head) >= 0.5 else ""


def given(name: str = "x.txt") -> Given:
    return Given(name, NOON, UTC)


def read(text: str, name: str = "") -> tuple[list[Row], Lines]:
    numbered = enumerate(text.replace("\r\n", "\n").split("\n"), start=1)
    kind = KINDS[name or likeliest(text)]
    lines = Lines(numbered, kind.longest)
    return [*kind.read(lines, given())], lines


def is_complete(rows: list[Row], lines: Lines) -> bool:
    """Say whether each line is counted, as a row or as something else."""
    counted = lines.blank + lines.parts + lines.strange_count + lines.left_out.total()
    return lines.count == counted + len(rows) - lines.surplus
