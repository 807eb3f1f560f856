"""What the probes of tables of addresses have in common: rows, and how old they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from whence.model import Evidence, Line, Remote
from whence.model.special_ranges import inner_address
from whence.world import AddressTables

OLD = timedelta(days=180)  # addresses change hands; a table says so no sooner than it is replaced


@dataclass(frozen=True, slots=True)
class TableRow:
    """What a table has of an address."""

    told: Mapping[str, str]
    evidence: Evidence

    def dated(self, what: str) -> str:
        """Write the table's date behind what is said, and say so if that is long ago."""
        when = f"{what} ({self.told['table']} of {self.told['date']}"
        age = self.evidence.taken.date() - date.fromisoformat(self.told["date"])
        return f"{when}, old: {age.days} days)" if age > OLD else f"{when})"


def table_rows(remote: Remote, table: str, tables: AddressTables) -> Iterator[TableRow]:
    """Look an address up, or the IPv4 address that it stands for."""
    reading = tables.look_up(table, inner_address(remote.address) or remote.address)
    for line in reading.lines():
        told = _told(line)
        if "network" in told:
            yield TableRow(told, line.evidence)


def _told(line: Line) -> Mapping[str, str]:
    found: Mapping[str, str] = msgspec.json.decode(str(line), type=dict[str, str]) if line else {}
    return found
