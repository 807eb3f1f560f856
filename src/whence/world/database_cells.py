"""The cells of a database server that hold an address, told alike whatever kind of server it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from whence.model.address_forms import Finder, Form, Spot, literals
from whence.model.mentions import Mention, NotRead, shown
from whence.world.database_address import DatabaseAddress
from whence.world.sqlite_rows import spot_of

PATIENCE = 20  # seconds that one question may take
MOST_TABLES = 2000
MOST_COLUMNS = 20 * MOST_TABLES
MOST_ROWS = 20_000  # of one table that may hold it, as far as the server can tell
MOST_FOUND = 20  # of one table
LONGEST = 10_000  # characters of a cell
BYTES = "bytes"  # the type of a column that is read in hexadecimal
HEXADECIMAL = (Form.HEXADECIMAL, Form.REVERSED)

Table = tuple[str, str]  # schema and name
Column = tuple[str, str]  # name and type
Tables = Mapping[Table, Sequence[Column]]


def columns(cursor: Any, question: str) -> dict[Table, list[Column]]:
    """Ask for schema, table, column and type, and sort the columns by their tables."""
    cursor.execute(question)
    tables: dict[Table, list[Column]] = {}
    for schema, table, column, kind in cursor.fetchall():
        tables.setdefault((str(schema), str(table)), []).append((str(column), str(kind)))
    return tables


def told(
    address: DatabaseAddress,
    tables: Tables,
    ask: Callable[[Table, Sequence[Column]], list[Any]],
    go_on: Callable[[], object],
    finder: Finder,
    not_read: NotRead,
) -> Iterator[Mention]:
    """Ask one table after the other; one that gives no answer is counted, and hides no other.

    ``ask`` gives rows of a table that may hold the address: what names the row, or ``?``, and each
    of the columns. ``go_on`` makes the connection usable after an error.
    """
    for number, (table, columns) in enumerate(tables.items()):
        if number == MOST_TABLES:
            not_read.add(f"beyond the first {MOST_TABLES:,} tables", str(address))
            return
        try:
            rows = ask(table, columns)
        except Exception as e:  # noqa: BLE001  one table that may not be read hides no other
            not_read.add("tables that gave no answer", f"{'.'.join(table)}: {str(e)[:200]}")
            go_on()
            continue
        if len(rows) == MOST_ROWS:
            not_read.add(f"beyond {MOST_ROWS:,} rows of a table", ".".join(table))
        yield from islice(_cells(address, table, columns, rows, finder), MOST_FOUND)


def _cells(
    address: DatabaseAddress,
    table: Table,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    finder: Finder,
) -> Iterator[Mention]:
    for row, *cells in rows:
        for (column, kind), cell in zip(columns, cells, strict=True):
            spot = _spot(cell, finder)
            if spot and kind == BYTES:
                spot = replace(spot, form=Form.PACKED) if spot.form in HEXADECIMAL else None
            if spot:
                yield _mention(address, table, column, str(row), str(cell), spot)


def _spot(cell: object, finder: Finder) -> Spot | None:
    text = str(cell) if cell is not None else ""
    if re.fullmatch(r"-?\d{1,20}", text) and finder.is_number(int(text)):
        return Spot(Form.INTEGER, 0, 0, text)
    return spot_of(text, finder)


def _mention(
    address: DatabaseAddress, table: tuple[str, str], column: str, row: str, cell: str, spot: Spot
) -> Mention:
    at = "" if row == "?" else f", row {row}"
    return Mention(
        str(address), str(spot.form), spot.text, text=shown(cell, spot), free_bits=spot.free_bits,
        part=f"table {'.'.join(table)}, column {column}{at}",
    )  # fmt: skip


def either(finder: Finder) -> str:
    """Give an expression that both servers understand: any text form, or how a range begins."""
    address = finder.wanted.parsed()
    if address.version == 4:
        mask = "[ ,;]+(netmask|mask)?[ ]*(255|0)[.]"
        ranges = f"{address.packed[0]}[.][0-9.]*([*]|/[0-9]|[ ]?-[ ]?[0-9]|{mask})"
    else:
        ranges = f"{int(address) >> 112:x}:[0-9a-f:]*(/[0-9]|-)"
    texts = [
        literal.decode("ascii")
        for literal, form in literals(finder.wanted).items()
        if form not in (Form.UTF16, Form.PACKED) and literal.isascii()
    ]
    return "|".join([*(_escaped(text) for text in dict.fromkeys(texts)), ranges])


def _escaped(text: str) -> str:
    """Put what is neither letter nor digit into brackets, and the backslash behind another."""
    return re.sub(r"[^0-9A-Za-z_ \\]", r"[\g<0>]", text).replace("\\", "\\\\")
