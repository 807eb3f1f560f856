"""When to write in a capture that waits for events: some time before each, and after. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from whence.world.dumpcap import DumpcapBlock
from whence.world.packet_ring import Block, Packet

SETTLE = 500_000_000  # ns after which the kernel has handed over what passed


class Memory:
    """The packets of the last while, as the kernel handed them over, in bounded memory."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._blocks: deque[Block | DumpcapBlock] = deque()
        self._taken = 0  # up to when packets of the oldest block were taken
        self.size = 0
        self.pushed_out = 0  # packets that had to go before their time

    def add(self, block: Block | DumpcapBlock, needed_since: int) -> None:
        """Keep a block, and let go those whose packets are all older than ``needed_since``."""
        self._blocks.append(block)
        self.size += len(block.data)
        self.forget(needed_since)
        while self.size > self._most and len(self._blocks) > 1:
            self.pushed_out += self._drop().packets

    def forget(self, before: int) -> None:
        """Let go the blocks whose packets are all older."""
        while self._blocks and self._blocks[0].last < before:
            self._drop()

    def take(self, since: int, until: int) -> Iterator[Packet]:
        """Yield the packets of a span of time, each once; what may be wanted later stays."""
        while self._blocks and self._blocks[0].first <= until:
            block, begin = self._blocks[0], max(since, self._taken + 1)
            stays = block.last > until
            if stays:
                self._taken = max(self._taken, until)
            else:
                self._drop()
            yield from (packet for packet in block.read() if begin <= packet.time <= until)
            if stays:
                return

    def _drop(self) -> Block | DumpcapBlock:
        block = self._blocks.popleft()
        self._taken = 0
        self.size -= len(block.data)
        return block


class Events:
    """Which spans of time are to be written: events that come close together share one."""

    def __init__(self, before: int, after: int) -> None:
        self._before = before
        self._after = after
        self._written = 0  # the end of the last span: nothing is written twice
        self.seen = 0  # spans that were begun
        self.since = self.until = 0  # the span that is open; until 0: none is

    def happened(self, times: Iterable[int]) -> None:
        """Take in when something happened, ns since 1970."""
        for time in times:
            if not self.until:
                self.seen += 1
                self.since = max(time - self._before, self._written + 1)
            self.until = max(self.until, time + self._after)

    def needed_since(self, now: int) -> int:
        """Say how old a packet may be that could still be wanted."""
        return self.since if self.until else now - self._before

    def is_over(self, now: int) -> bool:
        """Say whether all of the open span is here."""
        return bool(self.until) and now > self.until + SETTLE

    def end(self) -> None:
        """Note that the open span was written."""
        self._written, self.until = self.until, 0
