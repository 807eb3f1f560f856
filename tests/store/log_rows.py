"""Log lines as rows, made by the engine."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb

from whence.model.log_tables import LOGS

FIRST = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
_CELLS = {
    "received": "make_timestamp({first} + (n - {base})::BIGINT * {step})",
    "peer": "'192.0.2.1'",
    "host": "'fw-' || n % 3",
    "vendor": "'cisco_asa'",
    "severity": "4",
    "code": "'419002'",
    "template": "'cisco_asa:419002'",
    "source": "'192.0.2.' || n % 7",
    "destination": "'198.51.100.9'",
    "destination_port": "10050",
    "weight": "2",
    "size": "100",
    "original": "'line ' || n",
}


def rows(
    tables: duckdb.DuckDBPyConnection,
    begin: int,
    end: int,
    first: datetime = FIRST,
    step: float = 1.0,
    base: int = 0,
) -> duckdb.DuckDBPyRelation:
    """Make a row for each position, one each ``step`` seconds; that of ``base`` is the first."""
    cells = {"position": "n::UBIGINT", **_CELLS}
    texts = ", ".join(
        f'({cells.get(name, "NULL")})::{type_} AS "{name}"' for name, type_ in LOGS.items()
    )
    numbers = f"(SELECT range::HUGEINT + {base} AS n FROM range({begin - base}, {end - base}))"
    microseconds = round(first.timestamp() * 1e6)
    return tables.sql(
        f"SELECT {texts} FROM {numbers}".format(
            first=microseconds, step=round(step * 1e6), base=base
        )
    )
