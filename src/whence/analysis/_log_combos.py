"""Lines of two times, grouped by all that they have in common: the table ``log_combos``.

What a device says of itself and of its kinds of line (a *shape*) is long text that comes again and
again. So lines are grouped by one number for it, which stands for the text, and the text of each
shape is read from one of its lines: grouping by a dozen columns of text takes twice as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from whence.analysis._log_dimensions import (
    CALLED_PORT,
    IPV4,
    IPV6,
    NETWORK_MACRO,
    SHAPE,
    TURNED,
    UNTOLD,
    ZONE,
    turned_macro,
)
from whence.analysis._log_interval import Interval

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

OFTEN, MOST_PORTS = 0.002, 200  # of lines have a port: a server's; ephemeral ones are many
WINDOW, REFERENCE = 1, 2  # of a group's lines; 0: of neither
AGAIN = 3  # lines that say it was called
ADDRESS = f"{IPV4}|{IPV6}{ZONE}"

# Two of a million shapes have the same number once in forty million logs; their lines would be
# told under one name.
SHAPE_NUMBER = f"hash({', '.join(SHAPE.values())})"
GROUPED = {
    "shape": SHAPE_NUMBER, "source": "source", "destination": "destination", "user": '"user"',
    "turned": TURNED, "destination_port": CALLED_PORT,
}  # fmt: skip
# What became of a connection, and a number for all that tells it.
OUTCOME = f"hash(transport, action, code, reason, bytes > 0, {UNTOLD})"


def combine(
    tables: DuckDBPyConnection, window: Interval, reference: Sequence[Interval], scale: float
) -> None:
    """Make ``log_combos`` of ``logs``, for as long as the connection lives.

    A row is a combination of attributes, with its ``lines`` and ``events``, those of the window
    (``now``) and those that the reference leads to expect (``usual``). What only the time shortly
    before the window has is there, too, and counts nothing. The source of a row is who began;
    ``log_shapes`` has what a row's shape stands for. Its rows are those of ``log_groups``, which
    tell apart what became of connections, too: hardly more of them, which saves a pass over lines.
    """
    inside, before = window.sql(), window.before().sql()
    compared = " OR ".join(f"({part.sql()})" for part in reference) or "FALSE"
    counts = f"(({inside}) OR ({compared}))"
    anywhere = f"({counts} OR ({before}))"
    tables.execute(NETWORK_MACRO)
    tables.execute(turned_macro(_called_ports(tables, counts)))
    tables.execute(
        f"""CREATE OR REPLACE TEMP TABLE log_groups AS
        WITH lines AS (
            SELECT {_named(GROUPED)}, {OUTCOME} AS outcome,
                CASE WHEN {inside} THEN {WINDOW} WHEN {counts} THEN {REFERENCE}
                ELSE 0 END AS within, coalesce(weight, 1) AS weight, received, "position"
            FROM logs WHERE {anywhere}
        )
        SELECT {_names(GROUPED)}, outcome, within, count(*) AS lines, sum(weight)::DOUBLE AS events,
            min(received) AS first, max(received) AS last, min("position") AS "position"
        FROM lines GROUP BY ALL"""
    )
    _name_shapes(tables, anywhere)
    _forget_files(tables)
    tables.execute(
        f"""CREATE OR REPLACE TEMP VIEW log_combos AS
        SELECT hash({_names(GROUPED)}) AS number, shape, turned, {_names(SHAPE, "_interface")},
            {either("source", "destination")},
            {either("source_interface", "destination_interface")},
            destination_port, "user", if(within > 0, lines, 0) AS lines,
            if(within > 0, events, 0) AS events, if(within = {WINDOW}, events, 0) AS now,
            if(within = {REFERENCE}, events, 0) * {scale!r} AS usual
        FROM log_groups JOIN log_shapes USING (shape)"""
    )


def line_number() -> str:
    """Write the number of the row of ``log_combos`` that a line of ``logs`` belongs to."""
    return f"hash({', '.join(GROUPED.values())})"


def _name_shapes(tables: DuckDBPyConnection, anywhere: str) -> None:
    """Read what each shape stands for from the first of its lines."""
    known = ", ".join(f'any_value({sql}) AS "{name}"' for name, sql in SHAPE.items())
    tables.execute(
        f"""CREATE OR REPLACE TEMP TABLE log_shapes AS
        WITH first AS (SELECT min("position") AS "position" FROM log_groups GROUP BY shape)
        SELECT {SHAPE_NUMBER} AS shape, {known}
        FROM logs JOIN first USING ("position") WHERE {anywhere} GROUP BY ALL"""
    )


def _forget_files(tables: DuckDBPyConnection) -> None:
    """Forget from which file lines are, where the other time is in other files.

    A log of each day has a file of its own: that a file had nothing a week earlier says nothing. A
    sender's address that is new does.
    """
    tables.execute(
        f"""UPDATE log_shapes SET peer = NULL WHERE peer IN (
            SELECT peer FROM log_groups JOIN log_shapes USING (shape)
            WHERE within > 0 AND NOT regexp_full_match(peer, '{ADDRESS}')
            GROUP BY peer HAVING count(DISTINCT within) = 1)"""
    )


def _called_ports(tables: DuckDBPyConnection, counts: str) -> list[int]:
    """Find the ports of servers, for lines that do not say who began: those that many of these
    have, at one end or the other, and those that are called in lines that do say it.
    """
    rows = tables.execute(
        f"""WITH ports AS (
            SELECT source_port, destination_port, count(*) AS lines FROM logs
            WHERE {counts} AND {UNTOLD} AND destination_port IS NOT NULL GROUP BY ALL
        ), ends AS (
            SELECT source_port AS port, lines FROM ports UNION ALL
            SELECT destination_port, lines FROM ports
        )
        SELECT port FROM ends WHERE port IS NOT NULL GROUP BY port
        HAVING sum(lines) >= greatest(20, (SELECT sum(lines) FROM ports) * {OFTEN!r})
        ORDER BY sum(lines) DESC LIMIT {MOST_PORTS}"""
    ).fetchall()
    told = tables.execute(
        f"""SELECT CASE WHEN initiator = 'destination' THEN source_port ELSE destination_port END
            AS port FROM logs WHERE {counts} AND initiator IS NOT NULL GROUP BY port
        HAVING port IS NOT NULL AND count(*) >= {AGAIN}
        ORDER BY count(*) DESC, port LIMIT {MOST_PORTS}"""
    ).fetchall()
    return [*dict.fromkeys(port for (port,) in (*rows, *told))]


def at_positions(rows: Sequence[tuple[int]]) -> str:
    """Write the condition that a line is at one of these positions."""
    listed = ", ".join(f"{position}::UBIGINT" for (position,) in rows)
    return f'"position" IN ({listed or "NULL"})'


def either(one: str, other: str) -> str:
    """Write two ends, the one who began first."""
    return (
        f"CASE WHEN turned THEN {other} ELSE {one} END AS {one}, "
        f"CASE WHEN turned THEN {one} ELSE {other} END AS {other}"
    )


def _named(columns: dict[str, str]) -> str:
    return ", ".join(f'{sql} AS "{name}"' for name, sql in columns.items())


def _names(columns: dict[str, str], without: str = " ") -> str:
    return ", ".join(f'"{name}"' for name in columns if not name.endswith(without))
