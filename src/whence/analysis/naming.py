"""What the traffic itself says that addresses are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The nearer to the machine itself, the better: what it says of itself, what DNS said of it, what
# others asked it for.
RELATIONS = ("is-called", "resolves-to", "leased", "served-as", "certificate-subject")


def names_of(tables: DuckDBPyConnection) -> dict[str, str]:
    """Give the best name of each address that has one."""
    found = tables.execute(
        """SELECT subject_ip, relation, value, count(*) FROM names
        WHERE subject_ip IS NOT NULL AND list_contains($relations::VARCHAR[], relation)
        GROUP BY subject_ip, relation, value""",
        {"relations": [*RELATIONS]},
    ).fetchall()
    return best_names(found)


def best_names(said: Iterable[tuple[str, str, str, int]]) -> dict[str, str]:
    """Choose the best name of each address: by relation, then the one that was said most often.

    What was said is an address, a relation, a name, and how often.
    """
    ranks = {relation: rank for rank, relation in enumerate(RELATIONS)}
    best: dict[str, tuple[int, int, str]] = {}
    for address, relation, name, count in said:
        rank = ranks.get(relation)
        if rank is None or not name:
            continue
        worth = (rank, -count, name)
        if address not in best or worth < best[address]:
            best[address] = worth
    return {address: name for address, (_, _, name) in best.items()}


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
