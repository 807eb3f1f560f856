"""Tables in MaxMind's format (.mmdb), of whoever made them, if the user dropped one in.

Read by the package ``maxminddb``, which is an extra of whence; see docs/explanation/decisions.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from whence.model import CannotAsk
from whence.world.data_tables import DataTable, Row, unreadable

LONGEST = 200  # characters of a name


class MaxmindCountries:
    """Which country an address is used in."""

    name = "countries"
    advice = "put a country.mmdb there"

    def files(self, folder: Path) -> Iterator[DataTable]:
        """Give the user's tables of countries."""
        yield from _described(self.name, sorted(folder.glob("*[Cc]ountry*.mmdb")))

    def rows(self, table: DataTable, address: str) -> Iterator[Row]:
        """Give the country, in the forms of MaxMind, DB-IP and IPinfo."""
        network, found = _look_up(table.path, address)
        country = found.get("country") or found.get("country_code") or ""
        if isinstance(country, Mapping):
            country = country.get("iso_code", "")
        if isinstance(country, str) and len(country) == 2:
            yield {"network": network, "country": country.upper()}


class MaxmindNetworks:
    """Which network announces an address."""

    name = "announced networks"
    advice = "put an asn.mmdb there"

    def files(self, folder: Path) -> Iterator[DataTable]:
        """Give the user's tables of networks."""
        named = {*folder.glob("*[Aa][Ss][Nn]*.mmdb")}
        yield from _described(self.name, sorted(named))

    def rows(self, table: DataTable, address: str) -> Iterator[Row]:
        """Give the network, in the forms of MaxMind, DB-IP and IPinfo."""
        network, found = _look_up(table.path, address)
        number = found.get("autonomous_system_number") or found.get("asn") or ""
        name = found.get("autonomous_system_organization") or found.get("as_name") or ""
        if number:
            yield {
                "network": network,
                "number": str(number).upper().removeprefix("AS")[:20],
                "country": "",
                "name": str(name)[:LONGEST],
            }


def _described(name: str, paths: list[Path]) -> Iterator[DataTable]:
    for path in paths:
        with _opened(path) as database:
            metadata = database.metadata()
            day = datetime.fromtimestamp(metadata.build_epoch, UTC).date()
        yield DataTable(name, path, day, str(metadata.database_type)[:LONGEST])


def _look_up(path: Path, address: str) -> tuple[str, Mapping[str, Any]]:
    with _opened(path) as database:
        found, length = database.get_with_prefix_len(address)
    return f"{address}/{length}", found if isinstance(found, dict) else {}


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a table; what goes wrong with it is said so."""
    try:
        import maxminddb  # an extra
    except ModuleNotFoundError:
        raise CannotAsk(
            f"{path} is not read",
            because="the package maxminddb is not installed",
            try_="pip install 'whence[maxmind]'",
        ) from None
    try:
        with maxminddb.open_database(path) as database:
            yield database
    except (maxminddb.InvalidDatabaseError, OSError, ValueError, OverflowError) as e:
        raise unreadable(path, e) from e
