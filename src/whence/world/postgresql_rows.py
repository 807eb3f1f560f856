"""Where an address stands in a PostgreSQL database, by pg8000."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from importlib import import_module
from typing import Any

from whence.model.address_forms import Finder
from whence.model.mentions import Mention, NotRead
from whence.world.database_address import DatabaseAddress
from whence.world.database_cells import (
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


def postgresql_rows(
    address: DatabaseAddress, finder: Finder, not_read: NotRead
) -> Iterator[Mention]:
    """Give the cells that hold the address; only read, and each question only for a time."""
    driver = import_module("pg8000.dbapi")
    where: dict[str, Any] = {"host": address.host, "port": address.port}
    if address.socket:
        where = {"unix_sock": f"{address.socket}/.s.PGSQL.{address.port}"}
    with closing(
        driver.connect(user=address.user, password=address.password, database=address.name,
                       timeout=PATIENCE + 5, application_name="whence", **where)
    ) as connection:  # fmt: skip
        cursor = connection.cursor()
        cursor.execute("SET default_transaction_read_only = on")
        cursor.execute(f"SET statement_timeout = {PATIENCE * 1000}")
        connection.commit()
        tables = columns(cursor, _COLUMNS)
        words = (either(finder), finder.wanted.address)

        def ask(table: Table, names: Sequence[Column]) -> list[Any]:
            tests = " OR ".join(_test(name, kind) for name, kind in names)
            cells = ", ".join(f"left({_quoted(name)}::text, {LONGEST})" for name, _ in names)
            needs = [word for _, kind in names for word in _words(kind, words)]
            cursor.execute(
                f"SELECT ctid::text, {cells} FROM {'.'.join(map(_quoted, table))} "
                f"WHERE {tests} LIMIT {MOST_ROWS}",
                needs,
            )
            return list(cursor.fetchall())

        yield from told(address, tables, ask, connection.rollback, finder, not_read)


_COLUMNS = f"""SELECT n.nspname, c.relname, a.attname, t.typname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relkind IN ('r', 'm') AND a.attnum > 0 AND NOT a.attisdropped
    AND n.nspname !~ '^pg_(catalog|toast)' AND n.nspname <> 'information_schema'
    AND t.typname ~
    '^_?(text|varchar|bpchar|name|inet|cidr|json|jsonb|xml|int4|int8|citext|hstore|bytea)$'
    AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2, a.attnum LIMIT {MOST_COLUMNS}"""
_NETWORKS = ("inet", "cidr")


def _test(name: str, kind: str) -> str:
    if kind in _NETWORKS:
        return f"{_quoted(name)} >>= %s::inet"
    return f"{_quoted(name)}::text ~* %s"


def _words(kind: str, words: tuple[str, str]) -> list[str]:
    return [words[1]] if kind in _NETWORKS else [words[0]]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'
