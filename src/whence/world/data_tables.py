"""Tables that came with whence, with the system, or that the user brought: whose, and of when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from whence.model import CannotAsk

NO_TABLE = "there is no table of"  # followed by the name of its kind

Row = Mapping[str, str]  # what a table has of an address


@dataclass(frozen=True, slots=True)
class DataTable:
    """A file of data that ages."""

    name: str  # what it is a table of: "cloud ranges"
    path: Path
    date: date  # of the data, as far as the file says; else when the file was written
    source: str  # who made it
    licence: str = ""


class TableKind(Protocol):
    """A kind of table: where its files are, and how one is read."""

    name: str  # as the user reads it
    advice: str  # how to get one, where there is none

    def files(self, folder: Path) -> Iterator[DataTable]:
        """Find the tables that there are; ``folder`` holds those of the user.

        Raises CannotAsk where one cannot be read.
        """
        ...

    def rows(self, table: DataTable, address: str) -> Iterator[Row]:
        """Give what a table has of an address, the most specific first."""
        ...


def written_on(path: Path) -> date:
    """Say when a file was written, for tables that do not date themselves."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()


def unreadable(path: Path, reason: Exception) -> CannotAsk:
    """Say that a table is not as it should be."""
    because = reason.strerror if isinstance(reason, OSError) else str(reason)
    return CannotAsk(
        f"the table {path} cannot be read",
        because=because or type(reason).__name__,
        try_=f"replace it, or remove {path}",
    )
