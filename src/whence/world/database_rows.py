"""Where an address stands in a PostgreSQL or MySQL database that the user names: only by reading.

Each question is asked in a transaction that may not write, and is ended by the server after a
time. The password is used once, and neither kept nor shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from importlib import import_module
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from whence.model import BadInput, CannotAsk
from whence.model.address_forms import Finder, Form, Spot, literals
from whence.model.mentions import Mention, NotRead, shown
from whence.world.sqlite_rows import spot_of

PATIENCE = 20  # seconds that one question may take
MOST_TABLES = 2000
MOST_ROWS = 20_000  # of one table that may hold it, as far as the server can tell
MOST_FOUND = 20  # of one table
LONGEST = 10_000  # characters of a cell
PORTS = {"postgresql": 5432, "mysql": 3306}
KINDS = {"postgres": "postgresql", "mariadb": "mysql"}
EXTRA = "pip install 'whence[databases]'"
FORMS = "postgresql://USER:PASSWORD@HOST:PORT/NAME or mysql://…; ?host=/folder for a socket"


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Which database, and who asks."""

    kind: str
    host: str
    port: int
    name: str
    user: str
    password: str | None = field(repr=False)
    socket: str | None = None  # the folder of PostgreSQL's socket, or the file of MySQL's

    @classmethod
    def parse(cls, url: str, environment: Mapping[str, str] = os.environ) -> DatabaseAddress:
        """Read a connection URL; what it leaves out is taken from PGUSER, PGPASSWORD, MYSQL_PWD.

        Raises
        ------
        BadInput
            If it is none; the words do not repeat it, for the password in it.

        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as e:
            raise BadInput("this is not the address of a database", try_=f"give {FORMS}") from e
        kind = KINDS.get(parts.scheme, parts.scheme)
        if kind not in PORTS:
            raise BadInput("this is not the address of a database", try_=f"give {FORMS}")
        user_variable, word = (
            ("PGUSER", "PGPASSWORD") if kind == "postgresql" else ("", "MYSQL_PWD")
        )
        user = unquote(parts.username or "") or environment.get(user_variable, "")
        socket = next(iter(parse_qs(parts.query).get("host", [])), None)
        return cls(
            kind, parts.hostname or "localhost", port or PORTS[kind],
            unquote(parts.path.lstrip("/")), user or environment.get("USER", ""),
            unquote(parts.password) if parts.password is not None else environment.get(word),
            socket if socket and socket.startswith("/") else None,
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind}://{self.socket or f'{self.host}:{self.port}'}/{self.name}"


def database_rows(url: str, finder: Finder, not_read: NotRead) -> list[Mention]:
    """Give the cells of a database that hold the address.

    Raises
    ------
    BadInput
        If the URL is none.
    CannotAsk
        If the database cannot be asked, or what speaks with it is not installed.

    """
    address = DatabaseAddress.parse(url)
    ask = _postgresql if address.kind == "postgresql" else _mysql
    try:
        return [*ask(address, finder, not_read)]
    except ImportError as e:
        raise CannotAsk(f"{e.name} is not installed", try_=EXTRA) from e
    except (CannotAsk, BadInput):
        raise
    except Exception as e:  # noqa: BLE001  two libraries, each with errors of its own
        said = str(e).replace(address.password, "…") if address.password else str(e)
        raise CannotAsk(f"{address} gave no answer", because=said[:300]) from None


def _postgresql(address: DatabaseAddress, finder: Finder, not_read: NotRead) -> Iterator[Mention]:
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
        columns = _columns(cursor, _PG_COLUMNS)
        words = (_either(finder), finder.wanted.address)

        def ask(table: tuple[str, str], names: Sequence[tuple[str, str]]) -> list[Any]:
            tests = " OR ".join(_pg_test(name, kind) for name, kind in names)
            cells = ", ".join(f"left({_quoted(name)}::text, {LONGEST})" for name, _ in names)
            needs = [word for _, kind in names for word in _pg_words(kind, words)]
            cursor.execute(
                f"SELECT ctid::text, {cells} FROM {'.'.join(map(_quoted, table))} "
                f"WHERE {tests} LIMIT {MOST_ROWS}",
                needs,
            )
            return list(cursor.fetchall())

        yield from _told(address, columns, ask, connection.rollback, finder, not_read)


_PG_COLUMNS = f"""SELECT n.nspname, c.relname, a.attname, t.typname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relkind IN ('r', 'm') AND a.attnum > 0 AND NOT a.attisdropped
    AND n.nspname !~ '^pg_(catalog|toast)' AND n.nspname <> 'information_schema'
    AND t.typname ~
    '^_?(text|varchar|bpchar|name|inet|cidr|json|jsonb|xml|int4|int8|citext|hstore|bytea)$'
    AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2, a.attnum LIMIT {MOST_TABLES * 20}"""
_NETWORKS = ("inet", "cidr")


def _pg_test(name: str, kind: str) -> str:
    if kind in _NETWORKS:
        return f"{_quoted(name)} >>= %s::inet"
    return f"{_quoted(name)}::text ~* %s"


def _pg_words(kind: str, words: tuple[str, str]) -> list[str]:
    return [words[1]] if kind in _NETWORKS else [words[0]]


def _mysql(address: DatabaseAddress, finder: Finder, not_read: NotRead) -> Iterator[Mention]:
    driver = import_module("pymysql")
    with closing(
        driver.connect(host=address.host, port=address.port, user=address.user,
                       password=address.password or "", database=address.name or None,
                       unix_socket=address.socket, connect_timeout=PATIENCE,
                       read_timeout=PATIENCE + 5, charset="utf8mb4")
    ) as connection:  # fmt: skip
        cursor = connection.cursor()
        for statement in _MYSQL_LIMITS:
            try:
                cursor.execute(statement)
            except driver.err.Error:  # MariaDB has the one, MySQL the other
                continue
        cursor.execute("START TRANSACTION READ ONLY")
        columns = _columns(cursor, _MYSQL_COLUMNS)
        word = _either(finder)

        def ask(table: tuple[str, str], names: Sequence[tuple[str, str]]) -> list[Any]:
            cells = [f"CAST({_ticked(name)} AS CHAR)" for name, _ in names]
            tests = " OR ".join(f"{cell} REGEXP %s" for cell in cells)
            shortened = ", ".join(f"LEFT({cell}, {LONGEST})" for cell in cells)
            cursor.execute(
                f"SELECT '?', {shortened} FROM {'.'.join(map(_ticked, table))} "
                f"WHERE {tests} LIMIT {MOST_ROWS}",
                [word] * len(cells),
            )
            return list(cursor.fetchall())

        yield from _told(address, columns, ask, lambda: None, finder, not_read)


_MYSQL_LIMITS = (
    f"SET SESSION max_execution_time = {PATIENCE * 1000}",
    f"SET SESSION max_statement_time = {PATIENCE}",
)
_MYSQL_COLUMNS = f"""SELECT table_schema, table_name, column_name, data_type
    FROM information_schema.columns WHERE table_schema NOT IN
    ('information_schema', 'performance_schema', 'mysql', 'sys')
    AND (data_type LIKE '%text' OR data_type LIKE '%char' OR data_type IN
    ('json', 'int', 'bigint', 'inet4', 'inet6', 'varbinary', 'binary'))
    ORDER BY table_schema, table_name, ordinal_position LIMIT {MOST_TABLES * 20}"""


def _columns(cursor: Any, question: str) -> dict[tuple[str, str], list[tuple[str, str]]]:
    cursor.execute(question)
    tables: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for schema, table, column, kind in cursor.fetchall():
        tables.setdefault((str(schema), str(table)), []).append((str(column), str(kind)))
    return tables


def _told(
    address: DatabaseAddress,
    tables: Mapping[tuple[str, str], list[tuple[str, str]]],
    ask: Callable[[tuple[str, str], Sequence[tuple[str, str]]], list[Any]],
    go_on: Callable[[], object],
    finder: Finder,
    not_read: NotRead,
) -> Iterator[Mention]:
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
    table: tuple[str, str],
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
    finder: Finder,
) -> Iterator[Mention]:
    for row, *cells in rows:
        for (column, _), cell in zip(columns, cells, strict=True):
            if spot := _spot(cell, finder):
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


def _either(finder: Finder) -> str:
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


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _ticked(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
