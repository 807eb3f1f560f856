"""What a program's file says of itself and names, as whoever read it tells it: a line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import msgspec

from whence.model.errors import BadInput
from whence.model.evidence import Line
from whence.model.secrets import redact

SURE, UNSURE = "certain", "possible"
MOST = 1000  # of what a file names, that is told; the rest is counted


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a file says, and where in it.

    ``what`` is "kind" (of file), "host", "address", "port", "url", "imports", "calls" (a command),
    "interpreter", "library", "compiled-from", "compiled-by", "build-id", "made-of" (a module with
    its version), "symbols", "not-read", or "left-out".
    """

    what: str
    text: str
    line: int = 0  # 0: there are no lines
    offset: int = -1  # bytes from the file's beginning; -1: not known
    within: str = ""  # the function
    sure: str = SURE

    @property
    def place(self) -> str:
        """Where it stands, in words; empty where that is not known."""
        within = f" in {self.within}" if self.within and self.within != "<module>" else ""
        if self.line:
            return f"line {self.line}{within}"
        return f"byte {self.offset:#x}" if self.offset >= 0 else within.strip()


def once(rows: Iterable[Said], most: int = MOST) -> Iterator[Said]:
    """Give each thing once, where it is surest and stands first; count what is too much."""
    found: dict[tuple[str, str], Said] = {}
    left = 0
    for row in rows:
        key = (row.what, row.text)
        known = found.get(key)
        if known is None and len(found) >= most:
            left += 1
        elif known is None or (known.sure != SURE and row.sure == SURE):
            found[key] = row if known is None else replace(row, line=row.line or known.line)
    yield from found.values()
    if left:
        yield Said("left-out", f"{left:,} more that it says")


def encode_said(rows: Iterable[Said]) -> str:
    """Write what a file says, a JSON object a line, without secrets."""
    return "".join(
        f"{msgspec.json.encode(replace(row, text=redact(row.text))).decode()}\n" for row in rows
    )


def said_of(lines: Iterable[Line]) -> Iterator[tuple[Said, Line]]:
    """Read what ``encode_said`` wrote, each with the line it stood in.

    Raises
    ------
    BadInput
        If a line is none of these.

    """
    for line in lines:
        if line:
            try:
                yield msgspec.json.decode(str(line), type=Said), line
            except msgspec.DecodeError as e:
                what = "this is not what a program says as whence writes it"
                raise BadInput(what, because=str(e)) from e
