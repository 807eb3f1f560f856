"""What the traffic itself says that addresses are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The nearer to the machine itself, the better: what it says of itself, what DNS said of it, what
# others asked it for.
RELATIONS = ("is-called", "resolves-to", "leased", "served-as", "certificate-subject")


def names_of(tables: DuckDBPyConnection) -> dict[str, str]:
    """Give the best name of each address that has one: by relation, then the one heard most."""
    found = tables.execute(
        """SELECT subject_ip, value FROM names
        WHERE subject_ip IS NOT NULL AND value <> ''
            AND list_contains($relations::VARCHAR[], relation)
        GROUP BY subject_ip, relation, value
        QUALIFY row_number() OVER (PARTITION BY subject_ip ORDER BY
            list_position($relations::VARCHAR[], relation), count(*) DESC, value) = 1""",
        {"relations": [*RELATIONS]},
    ).fetchall()
    return dict(found)


def addresses_of(tables: DuckDBPyConnection, name: str) -> list[str]:
    """Give the addresses that are called by a name, or by one that begins with it and a dot."""
    found = tables.execute(
        """SELECT DISTINCT subject_ip FROM names
        WHERE subject_ip IS NOT NULL AND list_contains($relations::VARCHAR[], relation)
            AND (lower(value) = $name OR starts_with(lower(value), $name || '.'))
        ORDER BY subject_ip""",
        {"name": name.lower().rstrip("."), "relations": [*RELATIONS]},
    ).fetchall()
    return [ip for (ip,) in found]
