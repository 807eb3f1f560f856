"""Flows that exporters tell one way at a time, put together: the answer is no call of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import msgspec

from whence.model.reported import Traffic

MOST = 200_000  # flows that wait for their answer
GIVEN_UP = 20_000  # of them, that are told when there are more: those that wait longest
APART = 5_000_000  # µs between the two ways of one connection, at most
Key = tuple[object, ...]


class OppositeFlows:
    """Takes flows in, gives connections out; a flow waits for the one that goes the other way."""

    def __init__(self) -> None:
        self._waiting: dict[Key, Traffic] = {}

    def take(self, row: Traffic) -> Iterator[Traffic]:
        """Take a flow, and give the connections that are complete."""
        way: Key = (row.source, row.source_port, row.destination, row.destination_port)
        back: Key = (row.destination, row.destination_port, row.source, row.source_port)
        seen = (row.transport, row.host)  # each exporter tells of it
        other = self._waiting.get((*seen, *back)) if way != back else None
        if other and _is_near(row, other):
            del self._waiting[(*seen, *back)]
            yield _together(row, other)
            return
        if older := self._waiting.pop((*seen, *way), None):
            yield older
        self._waiting[(*seen, *way)] = row
        if len(self._waiting) > MOST:
            for key in [*islice(self._waiting, GIVEN_UP)]:
                yield self._waiting.pop(key)

    def end(self) -> Iterator[Traffic]:
        """Give those that have no answer."""
        yield from self._waiting.values()
        self._waiting = {}


def _is_near(one: Traffic, other: Traffic) -> bool:
    return one.first <= other.last + APART and other.first <= one.last + APART


def _together(one: Traffic, other: Traffic) -> Traffic:
    """Who began called; where both began at once, who is at the lower port was called."""
    began = min((one, other), key=lambda row: (row.first, row.destination_port or 0))
    answer = other if began is one else one
    return msgspec.structs.replace(
        began,
        last=max(one.last, other.last),
        bytes_received=answer.bytes_sent,
        packets_received=answer.packets_sent,
        answered=True,
    )
