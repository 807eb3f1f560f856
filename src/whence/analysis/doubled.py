"""Captures that hold each packet twice."""

from __future__ import annotations

from dataclasses import dataclass

from whence.model.plural import many

LEAST = 10  # connections, or packets; of fewer, all may have been sent again
SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Copies:
    """How many of something there are, and of how many of them there is a copy."""

    all: int
    twice: int

    @property
    def are_usual(self) -> bool:
        """Whether nearly all of them are there twice."""
        return self.twice >= max(LEAST, self.all * SHARE)


def doubled(connections: Copies, packets: Copies) -> str:
    """Say so if nearly all connections, or packets, are there twice.

    A mirror of both directions of several ports copies a packet where it comes in and where it
    goes out. ``connections`` have both their SYN and its answer more than once: retransmissions
    repeat the one or the other, and not in nearly every connection. ``packets`` were numbered by
    their senders, and came again at once as they were.
    """
    if connections.are_usual:
        why = f"{connections.twice:,} of {many(connections.all, 'connection')} begin so"
    elif packets.are_usual:
        why = f"{packets.twice:,} of {many(packets.all, 'packet')} came again at once"
    else:
        return ""
    return (
        f"packets seem to be in it twice, as a mirror of both directions does: {why}; "
        "packets, bytes and tries are counted too high"
    )
