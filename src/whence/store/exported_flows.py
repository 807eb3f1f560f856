"""Flows of exporters, in the tables beside those of captures."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb

from whence.model.flow_tables import EXPORTED, FLOWS
from whence.store.flow_tables import TIMES

# In a capture, what came in and did not go out has ended. An exporter may count on one interface
# only what goes on by another, so its direction says that only where the other one is 0: it
# ended at the exporter (or was dropped), or began there.
DIRECTION = """CASE WHEN (input_interface = 0) <> (output_interface = 0)
    THEN direction_in ELSE '' END AS direction_in"""


def add_flows(
    tables: duckdb.DuckDBPyConnection,
    flows: object,
    since: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """Put an Arrow stream of flows into ``flows``, numbered on, and say how many are estimates.

    With ``since`` and ``until``, only flows of which something was in that time.
    """
    there = {name for name, *_ in tables.execute("DESCRIBE flows").fetchall()}
    cells = [
        DIRECTION if name == "direction_in" else _cell(name)
        for name in FLOWS
        if name in there and name != "flow"
    ]
    tables.register("incoming", flows)
    try:
        tables.execute(
            f"CREATE OR REPLACE TEMP TABLE arrived AS SELECT {', '.join(cells)}, "
            "flow AS arrived, sampling, exporter, input_interface, output_interface, "
            f"{_cell('first', 'begun')}, {_cell('last', 'ended')} FROM incoming"
        )
    finally:
        tables.unregister("incoming")
    chosen = """FROM arrived WHERE ended >= coalesce($since::TIMESTAMP, ended)
        AND begun <= coalesce($until::TIMESTAMP, begun)"""
    times = {"since": _naive(since), "until": _naive(until)}
    numbered = f"""SELECT *, row_number() OVER (ORDER BY arrived)
        + (SELECT coalesce(max(flow), 0) FROM flows) AS flow {chosen}"""
    tables.execute(
        f"INSERT INTO exported BY NAME SELECT {', '.join(EXPORTED)} FROM ({numbered})", times
    )
    tables.execute(
        f"""INSERT INTO flows BY NAME SELECT * EXCLUDE (arrived, sampling, begun, ended, exporter,
        input_interface, output_interface) FROM ({numbered})""",
        times,
    )
    estimates = tables.execute(f"SELECT count(*) FILTER (sampling <> 1) {chosen}", times).fetchone()
    tables.execute("DROP TABLE arrived")
    return int(estimates[0]) if estimates else 0


def _cell(name: str, called: str = "") -> str:
    """Give a column; moments by way of numbers: a cast would take the session's time zone."""
    if name in TIMES:
        return f'make_timestamp(epoch_ns("{name}") // 1000) AS "{called or name}"'
    return f'"{name}"'


def _naive(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)
