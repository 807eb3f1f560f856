"""Lines of two times, added up by what they have in common, so that little is left to think on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from whence.analysis._log_combos import combine
from whence.analysis._log_dimensions import DIMENSIONS, SHAPE
from whence.analysis._log_interval import Interval, quoted
from whence.analysis._log_search import Leaf

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEAST_SHARE = 0.01  # of the increase: a value that has less is told as one of the others
MOST_LEAVES = 4_000  # of more, only what has a larger share
ENDS = ("source", "destination")
LEVELS = ("address", "network", "region")  # of what is told of an end
DIVERSE = ("destination_port", '"user"')

Told = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Summed:
    """The lines of a window and of its reference."""

    leaves: tuple[Leaf, ...]
    now: float  # events, in the window
    usual: float  # events that the reference leads to expect


def summed(tables: DuckDBPyConnection, window: Interval, reference: Sequence[Interval]) -> Summed:
    """Add up ``logs`` by all dimensions, in the window and in the times it is compared with.

    The table ``log_combos`` is left behind for as long as the connection lives. Values that
    neither time has LEAST_SHARE of the increase of cannot matter, and become NULL; that is exact,
    since what is added up by more attributes is never more.
    """
    before = sum((part.length for part in reference), timedelta())
    scale = window.length / before if before else 0.0
    combine(tables, window, reference, scale)
    [(now, usual)] = tables.execute("SELECT sum(now), sum(usual) FROM log_combos").fetchall()
    [(gross,)] = tables.execute(
        """SELECT sum(abs(now - usual)) FROM (SELECT sum(now) AS now, sum(usual) AS usual
        FROM log_combos GROUP BY host, template)"""
    ).fetchall()
    least = max(2.0, (gross or 0.0) * LEAST_SHARE)
    diverse = least
    while len(rows := _leaves(tables, least, diverse)) > MOST_LEAVES:
        diverse *= 2
    return Summed(tuple(rows), now or 0.0, usual or 0.0)


def _leaves(tables: DuckDBPyConnection, least: float, diverse: float) -> list[Leaf]:
    """Give what every dimension's frequent values add up to."""
    shapes = _shape_labels(tables, least)
    ends = {end: _end_labels(tables, end, diverse) for end in ENDS}
    cells = ["log_shape_labels.label"] + [f"log_{end}_labels.label" for end in ENDS]
    for name in DIVERSE:
        kept = (
            f"SELECT {name} FROM log_combos WHERE {name} IS NOT NULL GROUP BY 1 {_often(diverse)}"
        )
        values = [quoted(str(value)) for (value,) in tables.execute(kept).fetchall()]
        cells.append(
            f"CASE WHEN {name} IN ({', '.join(values)}) THEN {name} END" if values else "NULL"
        )
    joins = " ".join(
        f"LEFT JOIN log_{end}_labels ON log_combos.{end} = log_{end}_labels.address" for end in ENDS
    )
    rows = tables.execute(
        f"""SELECT {", ".join(cells)}, sum(now), sum(usual), sum(events) / sum(lines)
        FROM log_combos JOIN log_shape_labels USING (shape, turned) {joins}
        WHERE lines > 0 GROUP BY ALL"""
    ).fetchall()
    leaves = (_leaf(row[:-3], shapes, ends, *row[-3:]) for row in rows)
    # Of what is as good, the first is told: that must not hang on the engine's order.
    return sorted(leaves, key=lambda leaf: [value or "" for value in leaf.values])


def _shape_labels(tables: DuckDBPyConnection, least: float) -> list[Told]:
    """Number what is told of the shapes of lines: their values, as far as frequent."""
    names = ", ".join(SHAPE)
    tables.execute(
        f"""CREATE OR REPLACE TEMP TABLE log_shape_sums AS
        SELECT shape, turned, {", ".join(f"any_value({name}) AS {name}" for name in SHAPE)},
            sum(now) AS now, sum(usual) AS usual
        FROM log_combos WHERE lines > 0 GROUP BY shape, turned"""
    )
    told = [f"CASE WHEN {_kept(name, 'log_shape_sums', least)} THEN {name} END" for name in SHAPE]
    columns = ", ".join(f"{sql} AS told_{name}" for name, sql in zip(SHAPE, told, strict=True))
    names = ", ".join(f"told_{name}" for name in SHAPE)
    return _numbered(
        tables, "log_shape_labels", f"SELECT shape, turned, {columns} FROM log_shape_sums", names
    )


def _end_labels(tables: DuckDBPyConnection, end: str, least: float) -> list[Told]:
    """Number what is told of an end: its address, network and region, as far as frequent."""
    tables.execute(
        f"""CREATE OR REPLACE TEMP TABLE log_{end}s AS
        SELECT {end} AS address, log_network({end}, 3, 4) AS network,
            log_network({end}, 2, 3) AS region, sum(now) AS now, sum(usual) AS usual
        FROM log_combos WHERE {end} IS NOT NULL AND lines > 0 GROUP BY {end}"""
    )
    kept = [_kept(level, f"log_{end}s", least) for level in LEVELS]
    columns = ", ".join(
        f"CASE WHEN {test} THEN {level} END AS told_{level}"
        for level, test in zip(LEVELS, kept, strict=True)
    )
    names = ", ".join(f"told_{level}" for level in LEVELS)
    frequent = f"SELECT address, {columns} FROM log_{end}s WHERE {' OR '.join(kept)}"
    return _numbered(tables, f"log_{end}_labels", frequent, names)


def _numbered(tables: DuckDBPyConnection, table: str, sql: str, names: str) -> list[Told]:
    """Number the different values of columns in a table; give the values of each number."""
    tables.execute(
        f"""CREATE OR REPLACE TEMP TABLE {table} AS
        SELECT *, dense_rank() OVER (ORDER BY {names}) - 1 AS label FROM ({sql})"""
    )
    rows = tables.execute(f"SELECT DISTINCT label, {names} FROM {table} ORDER BY label").fetchall()
    return [tuple(None if value is None else str(value) for value in row[1:]) for row in rows]


def _kept(name: str, table: str, least: float) -> str:
    """Write the condition that a value is frequent in a table."""
    known = f"SELECT {name} FROM {table} WHERE {name} IS NOT NULL GROUP BY 1"
    return f"{name} IN ({known} {_often(least)})"


def _often(least: float) -> str:
    return f"HAVING greatest(sum(now), sum(usual)) >= {least!r}"


def _leaf(
    values: Sequence[int | str | None],
    shapes: Sequence[Told],
    ends: Mapping[str, Sequence[Told]],
    now: float,
    usual: float,
    weight: float,
) -> Leaf:
    shape, source, destination, *diverse = values
    told = dict(zip(SHAPE, shapes[int(shape or 0)], strict=True))
    for end, label in zip(ENDS, (source, destination), strict=True):
        known = (None, None, None) if label is None else ends[end][int(label)]
        told[end], told[f"{end}_network"], told[f"{end}_region"] = known
    for name, value in zip(DIVERSE, diverse, strict=True):
        told[name.strip('"')] = None if value is None else str(value)
    return Leaf(tuple(told[each.name] for each in DIMENSIONS), now, usual, weight or 1.0)
