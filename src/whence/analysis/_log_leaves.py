"""Lines of two times, added up by what they have in common, so that little is left to think on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from whence.analysis._log_dimensions import COLUMNS, DIMENSIONS, NETWORK_MACRO
from whence.analysis._log_search import Leaf

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEAST_SHARE = 0.01  # of the increase: a value that has less is told as one of the others
MOST_LEAVES = 4_000  # of more, only what has a larger share
DIVERSE = tuple(each.name for each in DIMENSIONS if each.family in ("from", "to", "port", "user"))


@dataclass(frozen=True, slots=True)
class Interval:
    """A time, its end not included; both aware."""

    begin: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.begin

    def moved(self, by: timedelta) -> Interval:
        """Give the same length of time, earlier or later."""
        return Interval(self.begin + by, self.end + by)

    def sql(self, column: str = "received") -> str:
        """Write the condition that a moment lies in it."""
        return f"{column} >= {literal(self.begin)} AND {column} < {literal(self.end)}"


@dataclass(frozen=True, slots=True)
class Summed:
    """The lines of a window and of its reference."""

    leaves: tuple[Leaf, ...]
    now: float  # events, in the window
    usual: float  # events that the reference leads to expect


def literal(moment: datetime) -> str:
    """Write a moment as the engine wants it: in UTC, without saying so."""
    return f"TIMESTAMP '{moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' ')}'"


def summed(tables: DuckDBPyConnection, window: Interval, reference: Sequence[Interval]) -> Summed:
    """Add up ``logs`` by all dimensions, in the window and in the times it is compared with.

    The table ``log_combos`` is left behind for as long as the connection lives. Values that
    neither time has LEAST_SHARE of the increase of cannot matter, and become NULL; that is exact,
    since what is added up by more attributes is never more.
    """
    before = sum((part.length for part in reference), timedelta())
    scale = window.length / before if before else 0.0
    tables.execute(NETWORK_MACRO)
    _combine(tables, window, reference, scale)
    [(now, usual)] = tables.execute("SELECT sum(now), sum(usual) FROM log_combos").fetchall()
    [(gross,)] = tables.execute(
        """SELECT sum(abs(now - usual)) FROM (SELECT sum(now) AS now, sum(usual) AS usual
        FROM log_combos GROUP BY host, template)"""
    ).fetchall()
    share = max(2.0, (gross or 0.0) * LEAST_SHARE)
    least = {each.name: share for each in DIMENSIONS}
    while len(rows := _leaves(tables, least)) > MOST_LEAVES:
        least |= {name: 2 * least[name] for name in DIVERSE}
    found = tuple(Leaf(tuple(values), a, b) for *values, a, b in rows)
    return Summed(found, now or 0.0, usual or 0.0)


def _combine(
    tables: DuckDBPyConnection, window: Interval, reference: Sequence[Interval], scale: float
) -> None:
    cells = ", ".join(f"{each.sql} AS {_name(each.name)}" for each in COLUMNS)
    keys = ", ".join(_name(each.name) for each in COLUMNS)
    inside = window.sql()
    anywhere = " OR ".join(f"({part.sql()})" for part in (window, *reference))
    tables.execute(
        f"""CREATE OR REPLACE TEMP TABLE log_added AS
        WITH counted AS (
            SELECT {cells}, {inside} AS inside, coalesce(weight, 1) AS weight
            FROM logs WHERE {anywhere}
        )
        SELECT {keys}, coalesce(sum(weight) FILTER (inside), 0)::DOUBLE AS now,
            coalesce(sum(weight) FILTER (NOT inside), 0)::DOUBLE * {scale!r} AS usual
        FROM counted GROUP BY ALL"""
    )
    tables.execute(
        """CREATE OR REPLACE TEMP TABLE log_combos AS
        WITH addresses AS (
            SELECT address, log_network(address, 3, 4) AS network,
                log_network(address, 2, 3) AS region
            FROM (SELECT source AS address FROM log_added UNION
                SELECT destination FROM log_added)
            WHERE address IS NOT NULL
        )
        SELECT a.*, s.network AS source_network, s.region AS source_region,
            d.network AS destination_network, d.region AS destination_region
        FROM log_added a LEFT JOIN addresses s ON a.source = s.address
            LEFT JOIN addresses d ON a.destination = d.address"""
    )


def _leaves(
    tables: DuckDBPyConnection, least: Mapping[str, float]
) -> list[tuple[str | float | None, ...]]:
    """Give what every dimension's frequent values add up to."""
    cells = []
    for each in DIMENSIONS:
        name = _name(each.name)
        values = [
            value
            for (value,) in tables.execute(
                f"""SELECT {name} FROM log_combos WHERE {name} IS NOT NULL GROUP BY 1
                HAVING greatest(sum(now), sum(usual)) >= $least""",
                {"least": least[each.name]},
            ).fetchall()
        ]
        listed = ", ".join(map(quoted, values))
        cells.append(f"CASE WHEN {name} IN ({listed}) THEN {name} END" if values else "NULL")
    columns = ", ".join(cells)
    return tables.execute(
        f"SELECT {columns}, sum(now), sum(usual) FROM log_combos GROUP BY ALL"
    ).fetchall()


def quoted(text: str) -> str:
    """Write text as a constant of SQL."""
    return "'" + text.replace("'", "''") + "'"


def _name(column: str) -> str:
    return f'"{column}"'
