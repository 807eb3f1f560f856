"""Where traffic of the Tor network comes out: lists that the user dropped in."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path

from whence.world.data_tables import DataTable, Row, unreadable, written_on
from whence.world.sorted_lines import table_bytes

PATTERN = "tor-exit*"  # torbulkexitlist: an address a line; exit-addresses: “ExitAddress A DATE”


class TorExits:
    """Whether an address is an exit of Tor."""

    name = "Tor exits"
    advice = "put the list of check.torproject.org/torbulkexitlist there, as tor-exits.txt"

    def files(self, folder: Path) -> Iterator[DataTable]:
        """Give the user's lists."""
        for path in sorted(folder.glob(PATTERN)):
            try:
                yield DataTable(self.name, path, written_on(path), "the Tor Project")
            except OSError as e:
                raise unreadable(path, e) from e

    def rows(self, table: DataTable, address: str) -> Iterator[Row]:
        """Give the line that names the address."""
        asked = ipaddress.ip_address(address)
        try:
            lines = table_bytes(table.path).decode("utf-8", "replace").splitlines()
        except (OSError, ValueError, EOFError) as e:
            raise unreadable(table.path, e) from e
        for line in lines:
            words = line.removeprefix("ExitAddress").split()
            try:
                if words and ipaddress.ip_address(words[0].strip("[]")) == asked:
                    yield {"network": address, "line": line[:200]}
                    return
            except ValueError:  # a note, or another row of the list
                continue
