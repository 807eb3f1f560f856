"""The registries of special-purpose addresses, as a table like others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import whence.model.special_ranges as registry
from whence.world.data_tables import DataTable, Row


class SpecialPurpose:
    """What an address is set aside for, if it is."""

    name = "special-purpose addresses"
    advice = "install whence again: the table comes with it"

    def files(self, folder: Path) -> Iterator[DataTable]:
        """Give the one table, which is part of the code."""
        path, day = Path(registry.__file__), date.fromisoformat(registry.DATE)
        yield DataTable(self.name, path, day, "IANA, RFC 6890")

    def rows(self, table: DataTable, address: str) -> Iterator[Row]:
        """Give the narrowest range that holds the address."""
        if found := registry.special_range(address):
            inner = registry.inner_address(address)
            yield {
                "network": found.network,
                "purpose": found.purpose + (f"; it stands for {inner}" if inner else ""),
                "standard": found.standard,
            }
