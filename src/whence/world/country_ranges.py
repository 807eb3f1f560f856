"""Countries of addresses: Debian's tor-geoipdb where it is installed, or a file of that form.

Never bundled: the data of IPFire, which it is made of, is CC BY-SA 4.0.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from whence.world.data_tables import DataTable, Row, unreadable, written_on
from whence.world.sorted_lines import line_before, number_of, table_bytes

INSTALLED = Path("/usr/share/tor")
FILES = {"geoip": 4, "geoip6": 6}  # geoip(5) of Tor: first,last,CC
HEAD = 4096  # bytes in which the notes at the top say of when it is
_GENERATED = re.compile(rb"Generated: \w{3}, (\d{1,2} \w{3} \d{4})")


class CountryRanges:
    """Which country an address is used in, as a table says."""

    name = "countries"
    advice = "apt install tor-geoipdb, or put its files geoip and geoip6, or a country.mmdb, there"

    def files(self, folder: Path) -> Iterator[DataTable]:
        """Give Tor's tables, of the system and the user's own."""
        for place in (INSTALLED, folder):
            for name in FILES:
                path = place / name
                if path.is_file():
                    yield _described(path)

    def rows(self, table: DataTable, address: str) -> Iterator[Row]:
        """Give the country of the range that holds the address."""
        asked = ipaddress.ip_address(address)
        if FILES[table.path.name] != asked.version:
            return
        try:
            line = line_before(table_bytes(table.path), int(asked), _first)
        except (OSError, ValueError, EOFError) as e:
            raise unreadable(table.path, e) from e
        first, last, country = [*line.split(","), "", "", ""][:3]
        end = number_of(last)
        if end is not None and int(asked) <= end and re.fullmatch("[A-Z]{2}", country.strip()):
            yield {"network": f"{first} - {last}", "country": country.strip()}


def _first(line: str) -> int | None:
    return None if line.startswith("#") else number_of(line.partition(",")[0])


def _described(path: Path) -> DataTable:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
        day = _date(head) or written_on(path)
    except OSError as e:
        raise unreadable(path, e) from e
    return DataTable("countries", path, day, "IPFire Location, as Tor has it", "CC BY-SA 4.0")


def _date(head: bytes) -> date | None:
    if found := _GENERATED.search(head):
        try:
            return datetime.strptime(found[1].decode(), "%d %b %Y").date()  # noqa: DTZ007
        except ValueError:
            return None
    return None
