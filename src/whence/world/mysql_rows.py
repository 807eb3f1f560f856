"""Where an address stands in a MySQL or MariaDB database, by PyMySQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from importlib import import_module
from typing import Any

from whence.model.address_forms import Finder
from whence.model.mentions import Mention, NotRead
from whence.world.database_address import DatabaseAddress
from whence.world.database_cells import (
    BYTES,
    LONGEST,
    MOST_COLUMNS,
    MOST_ROWS,
    PATIENCE,
    Column,
    Table,
    columns,
    either,
    told,
)

BINARY = ("varbinary", "binary")
CAST = "CAST({} AS CHAR)"
CELL = {BYTES: "HEX({})"} | dict.fromkeys(BINARY, "CONVERT({} USING latin1)")


def mysql_rows(address: DatabaseAddress, finder: Finder, not_read: NotRead) -> Iterator[Mention]:
    """Give the cells that hold the address; only read, and each question only for a time."""
    driver = import_module("pymysql")
    with closing(
        driver.connect(host=address.host, port=address.port, user=address.user,
                       password=address.password or "", database=address.name or None,
                       unix_socket=address.socket, connect_timeout=PATIENCE,
                       read_timeout=PATIENCE + 5, charset="utf8mb4")
    ) as connection:  # fmt: skip
        cursor = connection.cursor()
        for statement in _LIMITS:
            try:
                cursor.execute(statement)
            except driver.err.Error:  # MariaDB has the one, MySQL the other
                continue
        cursor.execute("START TRANSACTION READ ONLY")
        tables = _twice(columns(cursor, _COLUMNS))
        keys = columns(cursor, _KEYS)
        word = either(finder)

        def ask(table: Table, names: Sequence[Column]) -> list[Any]:
            cells = [CELL.get(kind, CAST).format(_ticked(name)) for name, kind in names]
            row = _row([name for name, _ in keys.get(table, ())])
            tests = " OR ".join(f"{cell} REGEXP %s" for cell in cells)
            shortened = ", ".join(f"LEFT({cell}, {LONGEST})" for cell in cells)
            cursor.execute(
                f"SELECT {row}, {shortened} FROM {'.'.join(map(_ticked, table))} "
                f"WHERE {tests} LIMIT {MOST_ROWS}",
                [word] * len(cells),
            )
            return list(cursor.fetchall())

        yield from told(address, tables, ask, lambda: None, finder, not_read)


_LIMITS = (
    f"SET SESSION max_execution_time = {PATIENCE * 1000}",
    f"SET SESSION max_statement_time = {PATIENCE}",
)
_COLUMNS = f"""SELECT table_schema, table_name, column_name, data_type
    FROM information_schema.columns WHERE table_schema NOT IN
    ('information_schema', 'performance_schema', 'mysql', 'sys')
    AND (data_type LIKE '%text' OR data_type LIKE '%char' OR data_type IN
    ('json', 'int', 'bigint', 'inet4', 'inet6', 'varbinary', 'binary'))
    ORDER BY table_schema, table_name, ordinal_position LIMIT {MOST_COLUMNS}"""
_KEYS = """SELECT table_schema, table_name, column_name, ''
    FROM information_schema.key_column_usage WHERE constraint_name = 'PRIMARY'
    ORDER BY table_schema, table_name, ordinal_position"""


def _twice(tables: dict[Table, list[Column]]) -> Mapping[Table, Sequence[Column]]:
    """Let columns of bytes be read in hexadecimal, too: as inet6_aton() packs an address."""
    return {
        table: [*names, *((name, BYTES) for name, kind in names if kind in BINARY)]
        for table, names in tables.items()
    }


def _row(keys: Sequence[str]) -> str:
    """Give what names a row: its primary key."""
    parts = (f"{_text(f'{key}=')}, CAST({_ticked(key)} AS CHAR)" for key in keys)
    return f"""CONCAT({", ', ', ".join(parts)})""" if keys else "'?'"


def _ticked(name: str) -> str:
    return "`" + name.replace("`", "``").replace("%", "%%") + "`"


def _text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''").replace("%", "%%") + "'"
