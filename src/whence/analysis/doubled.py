"""Captures that hold each packet twice."""

from __future__ import annotations

from whence.model.plural import many

LEAST = 10  # connections; of fewer, all may have been retransmitted
SHARE = 0.8


def doubled(connections: int, twice: int) -> str:
    """Say so if nearly all connections have both their SYN and its answer more than once.

    A mirror of both directions of several ports copies a packet where it comes in and where it
    goes out. Retransmissions repeat the one or the other, and not in nearly every connection.
    """
    if twice < LEAST or twice < connections * SHARE:
        return ""
    return (
        f"packets seem to be in it twice, as a mirror of both directions does: {twice:,} of "
        f"{many(connections, 'connection')} begin so; packets, bytes and tries are counted too high"
    )
