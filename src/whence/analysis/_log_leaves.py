"""Lines of two times, added up by what they have in common, so that little is left to think on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from whence.analysis._log_dimensions import COLUMNS, DIMENSIONS, NETWORK_MACRO, turned_macro
from whence.analysis._log_search import Leaf

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEAST_SHARE = 0.01  # of the increase: a value that has less is told as one of the others
OFTEN, MOST_PORTS = 0.002, 200  # of lines have a port: a server's; ephemeral ones are many
MOST_LEAVES = 4_000  # of more, only what has a larger share
ENDS = ("source", "destination")


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
    _combine(tables, window, reference, scale)
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


def _combine(
    tables: DuckDBPyConnection, window: Interval, reference: Sequence[Interval], scale: float
) -> None:
    cells = ", ".join(f"{each.sql} AS {_name(each.name)}" for each in COLUMNS)
    keys = ", ".join(_name(each.name) for each in COLUMNS)
    inside = window.sql()
    anywhere = " OR ".join(f"({part.sql()})" for part in (window, *reference))
    tables.execute(NETWORK_MACRO)
    tables.execute(turned_macro(_called_ports(tables, anywhere)))
    tables.execute(
        f"""CREATE OR REPLACE TEMP TABLE log_combos AS
        WITH counted AS (
            SELECT {cells}, {inside} AS inside, coalesce(weight, 1) AS weight
            FROM logs WHERE {anywhere}
        )
        SELECT {keys}, count(*) AS lines, sum(weight)::DOUBLE AS events,
            coalesce(sum(weight) FILTER (inside), 0)::DOUBLE AS now,
            coalesce(sum(weight) FILTER (NOT inside), 0)::DOUBLE * {scale!r} AS usual
        FROM counted GROUP BY ALL"""
    )
    for end in ENDS:
        tables.execute(
            f"""CREATE OR REPLACE TEMP TABLE log_{end}s AS
            SELECT {end} AS address, log_network({end}, 3, 4) AS network,
                log_network({end}, 2, 3) AS region, sum(now) AS now, sum(usual) AS usual
            FROM log_combos WHERE {end} IS NOT NULL GROUP BY {end}"""
        )


def _called_ports(tables: DuckDBPyConnection, anywhere: str) -> list[int]:
    """Find the ports of servers: those that many lines have, at one end or the other."""
    rows = tables.execute(
        f"""WITH ports AS (
            SELECT source_port, destination_port, count(*) AS lines FROM logs
            WHERE ({anywhere}) AND destination_port IS NOT NULL GROUP BY ALL
        ), ends AS (
            SELECT source_port AS port, lines FROM ports UNION ALL
            SELECT destination_port, lines FROM ports
        )
        SELECT port FROM ends WHERE port IS NOT NULL GROUP BY port
        HAVING sum(lines) >= greatest(20, (SELECT sum(lines) FROM ports) * {OFTEN!r})
        ORDER BY sum(lines) DESC LIMIT {MOST_PORTS}"""
    ).fetchall()
    return [port for (port,) in rows]


def _leaves(tables: DuckDBPyConnection, least: float, diverse: float) -> list[Leaf]:
    """Give what every dimension's frequent values add up to."""
    labels = {end: _labels(tables, end, diverse) for end in ENDS}
    cells = []
    for each in COLUMNS:
        name = _name(each.name)
        if each.name in ENDS:
            cells.append(f"log_{each.name}_labels.label")
            continue
        limit = diverse if each.family in ("port", "user") else least
        values = [
            value
            for (value,) in tables.execute(
                f"""SELECT {name} FROM log_combos WHERE {name} IS NOT NULL GROUP BY 1
                HAVING greatest(sum(now), sum(usual)) >= {limit!r}"""
            ).fetchall()
        ]
        listed = ", ".join(map(quoted, values))
        cells.append(f"CASE WHEN {name} IN ({listed}) THEN {name} END" if values else "NULL")
    joins = " ".join(
        f"LEFT JOIN log_{end}_labels ON log_combos.{end} = log_{end}_labels.address" for end in ENDS
    )
    rows = tables.execute(
        f"""SELECT {", ".join(cells)}, sum(now), sum(usual), sum(events) / sum(lines)
        FROM log_combos {joins} GROUP BY ALL"""
    ).fetchall()
    return [_leaf(row[:-3], labels, *row[-3:]) for row in rows]


def _labels(
    tables: DuckDBPyConnection, end: str, least: float
) -> list[tuple[str | None, str | None, str | None]]:
    """Number what is told of an end: its address, network and region, as far as frequent."""
    kept = [
        f"""{level} IN (SELECT {level} FROM log_{end}s WHERE {level} IS NOT NULL
            GROUP BY {level} HAVING greatest(sum(now), sum(usual)) >= {least!r})"""
        for level in ("address", "network", "region")
    ]
    tables.execute(
        f"""CREATE OR REPLACE TEMP TABLE log_{end}_labels AS
        WITH told AS (
            SELECT address AS key, CASE WHEN {kept[0]} THEN address END AS told_address,
                CASE WHEN {kept[1]} THEN network END AS told_network,
                CASE WHEN {kept[2]} THEN region END AS told_region
            FROM log_{end}s WHERE {" OR ".join(kept)}
        )
        SELECT key AS address, told_address, told_network, told_region,
            dense_rank() OVER (ORDER BY told_address, told_network, told_region) - 1 AS label
        FROM told"""
    )
    rows = tables.execute(
        f"""SELECT DISTINCT label, told_address, told_network, told_region
        FROM log_{end}_labels ORDER BY label"""
    ).fetchall()
    return [(address, network, region) for _, address, network, region in rows]


def _leaf(
    values: Sequence[str | int | None],
    labels: Mapping[str, Sequence[tuple[str | None, str | None, str | None]]],
    now: float,
    usual: float,
    weight: float,
) -> Leaf:
    told: dict[str, str | None] = {}
    for each, value in zip(COLUMNS, values, strict=True):
        if each.name in ENDS:
            known = (None, None, None) if value is None else labels[each.name][int(value)]
            told[each.name], told[f"{each.name}_network"], told[f"{each.name}_region"] = known
        else:
            told[each.name] = None if value is None else str(value)
    return Leaf(tuple(told[each.name] for each in DIMENSIONS), now, usual, weight or 1.0)


def quoted(text: str) -> str:
    """Write text as a constant of SQL."""
    return "'" + text.replace("'", "''") + "'"


def _name(column: str) -> str:
    return f'"{column}"'
