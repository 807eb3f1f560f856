"""Which addresses are called and say nothing themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST = 200


def silent_addresses(tables: DuckDBPyConnection, most: int = MOST) -> list[str]:
    """Name the addresses that are called or looked for and say nothing, the most called first."""
    rows = tables.execute(
        r"""WITH speakers AS (
            SELECT source_ip AS ip FROM counted
            UNION SELECT destination_ip FROM counted WHERE destination_packets > 0
            UNION SELECT sender_ip FROM arp
        ), called AS (
            SELECT destination_ip AS ip, source_packets AS tries FROM counted
            UNION ALL SELECT target_ip, "count" FROM arp
        )
        SELECT ip FROM called ANTI JOIN speakers USING (ip)
        WHERE ip IS NOT NULL
            AND NOT regexp_matches(ip, '^(0|22[4-9]|23\d|255)\.|\.255$|^ff|^::$')
        GROUP BY ip ORDER BY sum(tries) DESC, ip LIMIT $most""",
        {"most": most},
    ).fetchall()
    return [ip for (ip,) in rows]
