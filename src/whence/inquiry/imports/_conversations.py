"""Packets, added up to conversations: who called whom, when, and how much both sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from sys import intern
from typing import Any

from whence.inquiry.imports._processes import Processes, Statement
from whence.model import ACCEPTED, ATTEMPTED
from whence.model.reported import Started, Traffic

PUT_CONNECTION = f"INSERT INTO connection VALUES ({', '.join('?' * 19)})"
MOST = 200_000  # conversations that are held; the next packet may belong to each of them
GIVEN_UP = 20_000  # of them, that are written when there are more: those that are silent longest


MOST_INTERFACES = 64  # of a conversation, each way counted
OTHER_INTERFACES = "others"
REPEATED = "packets that another interface saw, too: they are counted once"


@dataclass(slots=True)
class _Talked:
    """One conversation, as packets tell it."""

    line: int
    first: int
    last: int
    counts: list[int] = field(default_factory=lambda: [0] * 6)  # bytes, packets, calls; back
    seen: dict[tuple[bool, str], list[int]] | None = None  # the same, by way and interface
    state: str = ""
    incoming: bool = False
    processes: tuple[tuple[int, str], ...] = ()


class Conversations:
    """Takes packets in, gives statements out; a conversation waits in memory for its end."""

    def __init__(self, told: Processes, own: Callable[[], str]) -> None:
        self._told = told
        self._own = own  # the machine that the file is of
        self._held: dict[tuple[object, ...], _Talked] = {}  # who spoke last stands last
        self.written = 0
        self.repeated = 0  # packets that were seen on another interface

    def take(self, row: Traffic) -> Iterator[Statement]:
        """Add packets up, both ways; who called is who sent the first of them, or the SYN."""
        source, destination = intern(row.source), intern(row.destination)
        way = (row.transport, source, row.source_port, destination, row.destination_port)
        back = (row.transport, destination, row.destination_port, source, row.source_port)
        state = row.action
        key = (*way, state)
        talked = self._held.pop(key, None)
        forward = talked is not None
        if talked is None and back != way:
            key = (*back, state)
            talked = self._held.pop(key, None)
        is_answer = row.flags.startswith("S") and "." in row.flags
        if talked is None:
            if len(self._held) >= MOST:
                yield from self._give_up()
            forward = not is_answer
            key = (*(way if forward else back), state)
            talked = _Talked(row.line, row.first, row.last, state=intern(state.upper()))
        self._held[key] = talked
        talked.first = min(talked.first, row.first)
        talked.last = max(talked.last, row.last)
        is_call = bool(state) or (row.flags.startswith("S") and "." not in row.flags)
        counts, at = talked.counts, 0 if forward else 3
        if row.interface:
            talked.seen = talked.seen or {}
            on = row.interface if len(talked.seen) < MOST_INTERFACES else OTHER_INTERFACES
            counts, at = talked.seen.setdefault((forward, intern(on)), [0] * 3), 0
        counts[at] += row.bytes_sent
        counts[at + 1] += row.packets_sent
        counts[at + 2] += is_call
        if row.process:
            maker = (row.process.pid, row.process.program)
            if maker not in talked.processes:
                talked.processes = (*talked.processes, maker)
            talked.incoming = bool(row.incoming)

    def _give_up(self) -> Iterator[Statement]:
        """Write the conversations that are silent longest; if they go on, they are others.

        So do exporters of flows that lack memory, RFC 5470, 5.1.1.
        """
        for key in [*islice(self._held, GIVEN_UP)]:
            yield from self._conversation(key, self._held.pop(key))

    def _conversation(self, key: tuple[Any, ...], talked: _Talked) -> Iterator[Statement]:
        transport, source, source_port, destination, destination_port, _ = key
        self._count_once(talked)
        sent, packets, calls, received, packets_back, calls_back = talked.counts
        answered = None if talked.state else packets_back > 0
        makers: list[int | None] = []
        for pid, program in talked.processes:
            started = Started(talked.line, talked.first, self._own(), pid, program, only_met=True)
            process, statements = self._told.put(started)
            yield from statements
            makers.append(process)
        for maker in makers or [None]:
            self.written += 1
            yield PUT_CONNECTION, (
                talked.line, ACCEPTED if talked.incoming else ATTEMPTED, transport,
                source, source_port, destination, destination_port, talked.first, talked.last,
                max(1, calls + calls_back),
                *(min(n, 1 << 62) for n in (sent, packets, received, packets_back)), self._own(),
                maker, talked.state, answered, "[]",
            )  # fmt: skip

    def _count_once(self, talked: _Talked) -> None:
        """Take the interface that saw most: a packet that passes through is seen on several."""
        for forward, at in ((True, 0), (False, 3)):
            seen = [each for (way, _), each in (talked.seen or {}).items() if way is forward]
            if seen:
                most = max(seen, key=lambda each: each[1])
                self.repeated += sum(each[1] for each in seen) - most[1]
                for place, number in enumerate(most, start=at):
                    talked.counts[place] += number

    def finish(self) -> Iterator[Statement]:
        """Write those that are held."""
        for key, talked in self._held.items():
            yield from self._conversation(key, talked)
