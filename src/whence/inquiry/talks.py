"""Who talks to whom: sightings gathered by process and peer. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from whence.model import ATTEMPTED, LISTENING, Flow, Process, ProcessRecord, Sighting

MOST = 10_000  # pairs of process and peer that are remembered; the oldest are forgotten first


@dataclass(frozen=True, slots=True)
class Talk:
    """One process and one peer, with what passed between them."""

    maker: ProcessRecord | None
    peer: Flow  # the called end, or for accepted connections the caller
    last: datetime
    count: int
    sent: int  # bytes
    received: int  # bytes

    @property
    def unanswered(self) -> bool:
        """Whether something was sent, as far as was counted, and nothing came back."""
        return self.sent > 0 and self.received == 0


class Talks:
    """All talks since it began."""

    def __init__(self) -> None:
        self._talks: dict[tuple[Process | None, Flow], Talk] = {}

    def add(self, seen: Sighting) -> None:
        """Take in a sighting."""
        if seen.action == LISTENING:
            return
        peer = _peer(seen)
        key = (seen.maker.process if seen.maker else None, peer)
        before = self._talks.pop(key, None)
        self._talks[key] = Talk(
            seen.maker,
            peer,
            max(seen.last, before.last) if before else seen.last,
            seen.count + (before.count if before else 0),
            seen.bytes_sent + (before.sent if before else 0),
            seen.bytes_received + (before.received if before else 0),
        )
        if len(self._talks) > MOST:
            del self._talks[next(iter(self._talks))]

    def newest(self) -> list[Talk]:
        """Give the talks, the last heard first."""
        return sorted(self._talks.values(), key=lambda talk: talk.last, reverse=True)


def gathered(sightings: Iterable[Sighting]) -> list[Talk]:
    """Gather sightings into talks."""
    talks = Talks()
    for seen in sightings:
        talks.add(seen)
    return talks.newest()


def _peer(seen: Sighting) -> Flow:
    flow = seen.flow
    if seen.action == ATTEMPTED:
        return Flow(flow.destination, flow.destination_port, transport=flow.transport)
    return Flow(flow.source, None, flow.destination, flow.destination_port, flow.transport)
