"""What the kernel side counted and did not tell of one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from whence.sensors.connection_records import (
    INCOMING,
    TCP,
    FlowKey,
    RawFlow,
    last_of_flow,
    read_flow,
    read_flow_key,
)

SECOND = 1_000_000_000
QUIET = SECOND // 20  # after so long no connection is between being counted and being told of
UNDER_WAY = 64  # so many may be, in a flow that is busy
SETTLED = SECOND  # after so long without a packet the bytes so far are worth telling
REGULARLY = 10 * SECOND  # bytes of a flow that goes on are told so often
FEW = 512  # flows: with fewer, keep idle ones longer
IDLE, IDLE_OF_FEW = 5 * SECOND, 30 * SECOND  # then a flow is put away; a packet begins it anew


class FlowMap(Protocol):
    """The map flows of the kernel side."""

    def items(self) -> Iterable[tuple[bytes, bytes]]:
        """Yield what the map holds."""
        ...

    def take(self, key: bytes) -> bytes | None:
        """Remove a key and give the value it had at that moment, or None."""
        ...


class Summary(NamedTuple):
    """What went on in a flow since it was last told of."""

    key: FlowKey
    flow: RawFlow
    since: int  # ns of CLOCK_MONOTONIC
    untold: int  # connections or datagrams that nobody was told of; 0: only bytes are new
    packets_sent: int
    bytes_sent: int
    packets_received: int
    bytes_received: int
    only_socket: bool  # one socket made all of the flow: its address is known


class _Told(NamedTuple):
    """What has been told of a flow."""

    at: int = 0
    attempts: int = 0
    packets_sent: int = 0
    bytes_sent: int = 0
    packets_received: int = 0
    bytes_received: int = 0


_NOTHING = _Told()


class Flows:
    """Looks at the counters once in a while, and tells what is new in them."""

    def __init__(self, flows: FlowMap) -> None:
        self._flows = flows
        self._told: dict[bytes, _Told] = {}
        self._done: dict[bytes, bytes] = {}  # a flow with these counters has nothing to tell
        self._idle = IDLE_OF_FEW

    def changes(self, now: int) -> Iterator[Summary]:
        """Yield what is new; ``now`` in ns of CLOCK_MONOTONIC."""
        held = 0
        for key, value in self._flows.items():
            held += 1
            if now - last_of_flow(value) > self._idle:
                yield from self._put_away(key, now)
            elif self._done.get(key) != value:
                yield from self._news(key, value, read_flow(value), now)
        self._idle = IDLE_OF_FEW if held < FEW else IDLE

    def _news(self, key: bytes, value: bytes, flow: RawFlow, now: int) -> Iterator[Summary]:
        told = self._told.get(key, _NOTHING)
        count = _untold(key, flow, told, now)
        moved = flow.packets_sent + flow.packets_received - told.packets_sent
        moved -= told.packets_received
        settled = now - flow.last > SETTLED
        due = settled or now - (told.at or flow.first) > REGULARLY
        if count or (moved and due):
            yield self._tell(key, flow, told, count, now)
        if settled:
            self._done[key] = value

    def _put_away(self, key: bytes, now: int) -> Iterator[Summary]:
        """Remove an idle flow. Its counters are those at the moment of removal.

        A packet of that very moment, some ns wide after seconds of silence, may go uncounted.
        """
        value = self._flows.take(key)
        told = self._told.pop(key, _NOTHING)
        done = self._done.pop(key, None)
        if value is None or value == done:
            return
        flow = read_flow(value)
        count = _untold(key, flow, told, now)
        if count or flow.packets_sent + flow.packets_received > (
            told.packets_sent + told.packets_received
        ):
            yield self._tell(key, flow, told, count, now)
            self._told.pop(key)

    def _tell(self, key: bytes, flow: RawFlow, told: _Told, count: int, now: int) -> Summary:
        self._told[key] = _Told(
            now,
            told.attempts + count,
            flow.packets_sent,
            flow.bytes_sent,
            flow.packets_received,
            flow.bytes_received,
        )
        who = read_flow_key(key)
        connections = flow.attempts if who.protocol == TCP else flow.emitted
        return Summary(
            who,
            flow,
            told.at or flow.first,
            count,
            flow.packets_sent - told.packets_sent,
            flow.bytes_sent - told.bytes_sent,
            flow.packets_received - told.packets_received,
            flow.bytes_received - told.bytes_received,
            only_socket=flow.emitted == 1 and connections == 1,
        )


def _untold(key: bytes, flow: RawFlow, told: _Told, now: int) -> int:
    """Say how many connections, or datagrams, nobody was told of.

    A connection is counted at connect(2) and told of when its SYN leaves, some µs later; while
    others come, the last few are left for next time.
    """
    untold = _all(read_flow_key(key), flow) - flow.emitted - told.attempts
    under_way = 0 if now - flow.last > QUIET else UNDER_WAY
    return max(0, untold - under_way)


def _all(key: FlowKey, flow: RawFlow) -> int:
    """Count the connections of a flow, or its datagrams, those that were refused among them."""
    if key.protocol == TCP:
        return flow.attempts
    is_heard = key.direction == INCOMING
    return flow.packets_received if is_heard else flow.attempts + flow.packets_sent
