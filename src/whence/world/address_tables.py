"""The tables of addresses of this machine, as a ``world.AddressTables``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from whence.model import CannotAsk, Reading
from whence.model.json_text import encode
from whence.world.cloud_ranges import CloudRanges
from whence.world.contracts import Clock
from whence.world.country_ranges import CountryRanges
from whence.world.data_tables import NO_TABLE, DataTable, TableKind
from whence.world.maxmind_tables import MaxmindCountries, MaxmindNetworks
from whence.world.network_owners import NetworkOwners
from whence.world.special_table import SpecialPurpose
from whence.world.tor_exits import TorExits

KINDS: Mapping[str, tuple[TableKind, ...]] = {
    "special": (SpecialPurpose(),),
    "cloud": (CloudRanges(),),
    "country": (CountryRanges(), MaxmindCountries()),
    "networks": (NetworkOwners(), MaxmindNetworks()),
    "tor-exits": (TorExits(),),
}


class LocalTables:
    """Looks addresses up in what lies on this machine; of tables of one kind, in the newest."""

    def __init__(self, folder: Path, observer: str, clock: Clock) -> None:
        self._folder = folder
        self._observer = observer
        self._clock = clock

    def look_up(self, table: str, address: str) -> Reading:
        """Say what the newest table of a kind has of an address; see ``world.AddressTables``.

        A table that has nothing of it leaves the question to an older one.
        """
        kinds = KINDS[table]
        found = [(one, kind) for kind in kinds for one in kind.files(self._folder)]
        if not found:
            raise CannotAsk(
                f"{NO_TABLE} {kinds[0].name} here",
                because=f"none came with this system, and none is in {self._folder}",
                try_=kinds[0].advice,
            )
        found.sort(key=lambda pair: pair[0].date, reverse=True)
        lines: list[Mapping[str, str]] = []
        for one, kind in found:
            rows = [{**_about(one), **row} for row in kind.rows(one, address)]
            lines += rows or [_about(one)]
            if rows:
                break
        text = "".join(encode({**line}) + "\n" for line in lines)
        return Reading(f"table {table} {address}", text, self._clock(), self._observer)

    def tables(self) -> Iterator[DataTable]:
        """Give each table that there is, with its date, for ``whence data status``."""
        for kinds in KINDS.values():
            for kind in kinds:
                yield from kind.files(self._folder)

    def absent(self) -> Iterator[TableKind]:
        """Give each kind of which there is no table, as where one would get it."""
        for kinds in KINDS.values():
            if not any(True for kind in kinds for _ in kind.files(self._folder)):
                yield kinds[0]


def _about(table: DataTable) -> dict[str, str]:
    return {
        "table": table.name,
        "date": table.date.isoformat(),
        "source": table.source,
        "path": str(table.path),
    }
