"""What the traffic itself says that addresses are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The nearer to the machine itself, the better: what it says of itself, what DNS said of it, what
# others asked it for; last, what whoever wrote the file noted, which no packet needs to have said.
RELATIONS = (
    "is-called",
    "resolves-to",
    "leased",
    "served-as",
    "certificate-subject",
    "noted-as",
)

# What is said of a machine beside its names.
TOLD = (
    *RELATIONS,
    "workgroup",
    "runs-software",
    "vendor-class",
    "dhcp-fingerprint",
    "tcp-syn",
    "is-model",
    "plugged-into",
)


def names_of(tables: DuckDBPyConnection) -> dict[str, str]:
    """Give the best name of each address that has one."""
    return best_names(
        tables.execute(
            """SELECT subject_ip, relation, value, count(*) FROM names
            WHERE subject_ip IS NOT NULL AND list_contains($relations::VARCHAR[], relation)
            GROUP BY ALL""",
            {"relations": [*RELATIONS]},
        ).fetchall()
    )


def best_names(told: Iterable[tuple[str, str, str, int]]) -> dict[str, str]:
    """Choose one name of each address: by relation, then the one told by most.

    What is told is (address, relation, name, how often).
    """
    best: dict[str, tuple[int, int, str]] = {}
    for address, relation, name, count in told:
        if not name or relation not in RELATIONS:
            continue
        rank = (RELATIONS.index(relation), -count, name)
        if address not in best or rank < best[address]:
            best[address] = rank
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
