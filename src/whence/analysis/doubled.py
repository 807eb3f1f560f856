"""Captures that hold each packet twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whence.model.plural import many

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEAST = 10  # connections; of fewer, all may have been retransmitted
SHARE = 0.8


def doubled(tables: DuckDBPyConnection) -> str:
    """Say so if nearly all connections have both their SYN and its answer more than once.

    A mirror of both directions of several ports copies a packet where it comes in and where it
    goes out. Retransmissions repeat the one or the other, and not in nearly every connection.
    """
    [(twice, whole)] = tables.execute(
        """SELECT count(*) FILTER (syns >= 2 AND answers >= 2), count(*)
        FROM counted WHERE transport = 'tcp' AND syns > 0 AND answers > 0"""
    ).fetchall()
    if twice < LEAST or twice < whole * SHARE:
        return ""
    return (
        f"packets seem to be in it twice, as a mirror of both directions does: {twice:,} of "
        f"{many(whole, 'connection')} begin so; packets, bytes and tries are counted too high"
    )
