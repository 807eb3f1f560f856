"""A cell of a database that holds the address is the reason itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from whence.inquiry.remedies._declare import Chain, remedy
from whence.inquiry.wide_ranges import is_wide_range
from whence.model import Fact, Setting
from whence.model.address_forms import Form
from whence.model.secrets import HIDDEN
from whence.model.suggestions import Invasive, Suggestion, Words, command

NEW = "NEW-ADDRESS"
_PART = re.compile(r"table (?P<table>[^,]+), column (?P<column>[^,]+?)(?:, row (?P<row>.+))?")
_ROW = re.compile(r"(?:(?P<key>\w+)=)?(?P<row>\d+)", re.ASCII)  # of SQLite, of MySQL's key
ELSEWHERE = re.compile(
    r"(?P<kind>postgresql|mysql)://"
    r"(?:(?P<socket>/[^\s]*)|(?P<host>\w[\w.-]*|\[[0-9a-fA-F:]+\]):(?P<port>\d+))/(?P<name>\w[\w$-]*)"
)


@dataclass(frozen=True, slots=True)
class _Cell:
    table: str
    column: str
    key: str  # the column that names the row; empty: not known, or no name that lasts
    row: str  # a number


@remedy
def correct_the_row(chain: Chain) -> Iterator[Suggestion]:
    """Put the row right that has the address, by SQL."""
    for fact in chain.known.about(chain.subject, "configured-in"):
        setting = fact.value
        if not isinstance(setting, Setting) or not (cell := _cell(setting)):
            continue
        if not chain.flow or not is_wide_range(chain.known, chain.flow, setting):
            yield _update(chain, setting, cell, fact)


def _cell(setting: Setting) -> _Cell | None:
    found = _PART.fullmatch(setting.part)
    if not found:
        return None
    named = _ROW.fullmatch(found["row"] or "")
    key, row = (named["key"] or "rowid", named["row"]) if named else ("", "")
    return _Cell(found["table"], found["column"], key, row)


def _update(chain: Chain, setting: Setting, cell: _Cell, fact: Fact) -> Suggestion:
    old = _old_value(chain, setting)
    tick = "`" if setting.place.startswith("mysql:") else '"'
    new, former = (
        (_sql(setting, cell, tick, old, NEW), _sql(setting, cell, tick, NEW, old))
        if old is not None
        else ((), ())
    )
    where = f"row {cell.row} of " if cell.row else ""
    said = f", which is “{old}”" if old is not None else ""
    advice = "" if new else " Its value was not kept whole: look at it first, and write it down."
    if new and not setting.place.startswith("/"):
        advice = " It takes a role that may write there."
    return Suggestion(
        f"Put column {cell.column} in {where}table {cell.table} of {setting.place} right{said}; "
        f"write the right value in place of {NEW}.{advice}",
        Invasive.CORRECTION,
        fact.evidence,
        new,
        former,
        "" if former else "set it back to what was written down",
        ("whatever else reads it" if cell.row else "every row of the table that has this value",),
        fact.confidence,
    )


def _old_value(chain: Chain, setting: Setting) -> str | None:
    """Give the value of the cell, if all of it is known as it stands."""
    said = chain.known.best(setting, "says")
    form = chain.known.best(setting, "written-as")
    if said is None or (form and str(form.value).startswith(str(Form.PACKED))):
        return None
    value = str(said.value)
    return None if HIDDEN in value or "…" in value else value


def _sql(setting: Setting, cell: _Cell, tick: str, before: str, after: str) -> tuple[Words, ...]:
    table = ".".join(_named(part, tick) for part in _parts(setting, cell))
    column = _named(cell.column, tick)
    which = f"{_named(cell.key, tick)} = {cell.row} AND " if cell.row else ""
    statement = (
        f"UPDATE {table} SET {column} = {_text(after)} WHERE {which}{column} = {_text(before)}"
    )
    return _client(setting.place, statement)


def _parts(setting: Setting, cell: _Cell) -> list[str]:
    return [cell.table] if setting.place.startswith("/") else cell.table.split(".", 1)


def _named(name: str, tick: str) -> str:
    return tick + name.replace(tick, tick * 2) + tick


def _text(value: str) -> str:
    return value if re.fullmatch(r"[1-9]\d{0,19}", value) else "'" + value.replace("'", "''") + "'"


def _client(place: str, statement: str) -> tuple[Words, ...]:
    if place.startswith("/"):
        return command("sqlite3", place, statement)
    found = ELSEWHERE.fullmatch(place)
    if not found or "\\" in statement:  # MySQL reads a backslash in a text as more than itself
        return ()
    where = [f"--socket={found['socket']}"]
    if found["host"]:
        where = [f"--host={found['host'].strip('[]')}", f"--port={found['port']}"]
    if found["kind"] == "postgresql":
        where = [f"--host={found['socket']}"] if found["socket"] else where
        return command("psql", *where, f"--dbname={found['name']}", "--command", statement)
    return command("mysql", *where, "--execute", statement)
