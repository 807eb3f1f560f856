"""The senders that are connected, and the messages of each."""

from __future__ import annotations

import select
import time
from collections import Counter
from collections.abc import Callable

from whence.sensors.log_framing import Framing
from whence.sensors.log_keeper import Keeper
from whence.world.log_spool import Kind
from whence.world.log_streams import Connection, Listener, Refused

READS = 8  # of a connection, before it is another one's turn
ACCEPTS = 64  # in a turn
REST = 0.01  # seconds
LAST_TURNS = 64  # in the end
SHARE = 4  # part of all connections that one sender may have
MOST_NOTES = 20  # refusals that are told one by one


class Connections:
    """Accepts senders and reads from those that have something to say."""

    def __init__(self, most: int, keeper: Keeper, epoll: select.epoll) -> None:
        self._most, self._keeper, self._epoll = most, keeper, epoll
        self._open: dict[int, tuple[Connection, Framing]] = {}
        self._eager: set[int] = set()  # that have more to read, and nobody would tell
        self._greeting: set[int] = set()  # that have yet to agree on TLS
        self._by_peer: Counter[str] = Counter()
        self.refused = self.split = self.halves = self.misframed = 0
        self.taken = 0  # bytes, of all
        self.notes: list[str] = []

    def __len__(self) -> int:
        return len(self._open)

    @property
    def eager(self) -> bool:
        """Whether there is something to read now."""
        return bool(self._eager)

    def accept(self, listener: Listener) -> None:
        """Accept who waits, but not so many that others would."""
        for _ in range(ACCEPTS):
            try:
                connection = listener.accept()
            except Refused as reason:
                self._refuse(str(reason))
                continue
            except OSError as e:
                self._refuse(f"a connection: {e.strerror or e}")
                time.sleep(REST)  # no descriptor is free: it goes on waiting, and we would spin
                return
            if connection is None:
                return
            self._admit(connection)

    def read(self, number: int) -> bool:
        """Read what a sender has to say now; say whether its turn ended before it had."""
        connection, framing = self._open[number]
        read: Callable[[], bytes | None] = connection.read
        self._eager.discard(number)
        for _ in range(READS):
            try:
                data = read()
            except Refused as reason:
                self._refuse(str(reason))
                self._hang_up(number)
                return False
            if data is None:
                return False
            if number in self._greeting:
                self._greeting.discard(number)
                if connection.subject:
                    self._keeper.note("who a sender is", peer=connection.where,
                                      subject=connection.subject)  # fmt: skip
            if not data:
                self._ended(number)
                return False
            self.taken += len(data)
            if messages := framing.feed(data):
                self._keeper.put(messages, [connection.mark] * len(messages))
            if framing.split or framing.misframed:
                self._note_odd(connection, framing)
        if connection.has_more:
            self._eager.add(number)
        return True

    def read_eager(self) -> None:
        """Read on where a turn ended before its sender had."""
        for number in [*self._eager]:
            self.read(number)

    def knows(self, number: int) -> bool:
        """Say whether a descriptor is that of a sender."""
        return number in self._open

    def tick(self) -> None:
        """Hang up on who does not say who it is in time."""
        for number in [*self._greeting]:
            connection, _ = self._open[number]
            if connection.is_late:
                self._refuse(f"TLS with {connection.where}: it did not greet in time")
                self._hang_up(number)

    def close(self) -> None:
        """Read what is there, and hang up on all."""
        for number in [*self._open]:
            for _ in range(LAST_TURNS):
                if not self.read(number):
                    break
            if number in self._open:
                self._ended(number)

    def _admit(self, connection: Connection) -> None:
        full = len(self._open) >= self._most
        if full or (
            self._by_peer[connection.peer] >= max(1, self._most // SHARE)
            and connection.kind is not Kind.UNIX
        ):
            many = "all together" if full else "it"
            self._refuse(f"{connection.where}: {many} has too many connections")
            connection.close()
            return
        number = connection.fileno()
        self._open[number] = connection, Framing()
        self._by_peer[connection.peer] += 1
        if connection.kind is Kind.TLS:
            self._greeting.add(number)
        self._epoll.register(number, select.EPOLLIN)

    def _ended(self, number: int) -> None:
        connection, framing = self._open[number]
        if rest := framing.end():
            self.halves += 1
            self._keeper.put([rest], [connection.mark])
            self._keeper.note("the message before this was cut off: its connection ended",
                              peer=connection.where)  # fmt: skip
        self._hang_up(number)

    def _hang_up(self, number: int) -> None:
        connection, _ = self._open.pop(number)
        self._eager.discard(number)
        self._greeting.discard(number)
        self._by_peer[connection.peer] -= 1
        if self._by_peer[connection.peer] <= 0:
            del self._by_peer[connection.peer]
        self._epoll.unregister(number)
        connection.close()

    def _note_odd(self, connection: Connection, framing: Framing) -> None:
        if framing.split:
            self._keeper.note("messages before this were too long, and are in pieces",
                              peer=connection.where, pieces=framing.split)  # fmt: skip
        self.split += framing.split
        self.misframed += framing.misframed
        framing.split = framing.misframed = 0

    def _refuse(self, why: str) -> None:
        self.refused += 1
        if self.refused <= MOST_NOTES:
            self.notes.append(f"refused {why}")
