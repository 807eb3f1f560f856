"""Flows, ARP and names as tables of an engine that lives as long as the question."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Protocol

import duckdb

from whence.model.flow_tables import ARP, FLOWS, NAMES, SKETCHES, TABLES
from whence.model.refusals import Refusal

MEMORY = "128MB"  # of the engine; what is more stays in a private folder of temporary files
NOTHING_FROM_OUTSIDE: dict[str, str | bool | int | float | list[str]] = {
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
}
TIMES = ("first", "last", "time")


class Columns(Protocol):
    """Where the rows come from: Arrow streams, each read once (Arrow PyCapsule interface)."""

    def flows(self, columns: Sequence[str] | None = None) -> object:
        """Give the flows; after the last of them the others are complete."""
        ...

    def arp(self) -> object:
        """Give what was asked and answered by ARP."""
        ...

    def names(self) -> object:
        """Give what machines are called."""
        ...

    def refused(self) -> Sequence[Refusal]:
        """Give what ICMP errors said."""
        ...


def empty_tables(columns: Sequence[str] | None = None) -> duckdb.DuckDBPyConnection:
    """Make the tables, with nothing in them; ``flows`` has the columns of lines, or those named."""
    tables = duckdb.connect(config=NOTHING_FROM_OUTSIDE)
    for table, types in TABLES.items():
        wanted = [
            f'"{column}" {kind}'
            for column, kind in types.items()
            if table != "flows" or column in (FLOWS if columns is None else columns)
        ]
        tables.execute(f"CREATE TABLE {table} ({', '.join(wanted)})")
    return tables


@contextmanager
def filled_tables(
    source: Columns,
    columns: Sequence[str] | None = None,
    during: Callable[[Callable[[], None]], None] = lambda read: read(),
    relations: Sequence[str] | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Read everything into tables, for a ``with`` block.

    They are in memory; what is more than it may take goes to files that only this user can read,
    and that are gone afterwards. To pack them into a file took a third of the time of reading.
    ``during`` is handed what reads, and can watch it while it calls it. Of the names, only those
    with some ``relations`` if these are given.
    """
    wanted = [column for column in FLOWS | SKETCHES if columns is None or column in columns]
    with tempfile.TemporaryDirectory(prefix="whence-") as folder:
        tables = empty_tables(wanted)

        def read() -> None:
            _put_stream(tables, "flows", source.flows(wanted), wanted)
            _put_stream(tables, "arp", source.arp(), [*ARP])
            _put_stream(tables, "names", source.names(), [*NAMES], relations)
            put_rows(tables, "refused", [*map(_row, source.refused())])

        try:
            tables.execute(f"SET memory_limit = '{MEMORY}'")
            tables.execute(f"SET temp_directory = '{folder}'")
            # Each thread of the engine wants memory of its own, and there is one stream to read.
            tables.execute("SET threads = 1")
            during(read)
            yield tables
        finally:
            tables.close()


def put_rows(
    tables: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Put rows into a table, all with the same columns; others stay empty."""
    if not rows:
        return
    types = TABLES[table]
    columns = [*dict.fromkeys(column for row in rows for column in row if column in types)]
    lists = ", ".join(
        f'unnest(${number}::{types[column]}[]) AS "{column}"'
        for number, column in enumerate(columns, start=1)
    )
    values = [[row.get(column) for row in rows] for column in columns]
    tables.execute(f"INSERT INTO {table} BY NAME SELECT {lists}", values)


def _row(refusal: Refusal) -> dict[str, Any]:
    """Give it as a row, whose times are UTC and say nothing of it."""
    row = asdict(refusal)
    return row | {name: row[name].replace(tzinfo=None) for name in ("first", "last")}


def _put_stream(
    tables: duckdb.DuckDBPyConnection,
    table: str,
    stream: object,
    columns: Sequence[str],
    relations: Sequence[str] | None = None,
) -> None:
    """Put an Arrow stream into a table, batch by batch; moments are in UTC."""
    # By way of numbers: a cast would take the time zone of the session.
    cells = ", ".join(
        f'make_timestamp(epoch_ns("{name}") // 1000) AS "{name}"' if name in TIMES else f'"{name}"'
        for name in columns
    )
    tables.register("incoming", stream)
    try:
        rows = f"INSERT INTO {table} BY NAME SELECT {cells} FROM incoming"
        if relations is None:
            tables.execute(rows)
        else:
            chosen = " WHERE list_contains($relations::VARCHAR[], relation)"
            tables.execute(rows + chosen, {"relations": [*relations]})
    finally:
        tables.unregister("incoming")
