"""A receiver of log lines as a process of its own: ``python -m whence.sensors.log_receiving``.

Its argument is ``model.log_receiving.ReceiverSettings`` as JSON. It opens its sockets, lays down
the rights that this took, and does nothing but put what comes into the spool: nothing is parsed
here, so that a flood is received as it comes. On its standard output it says each second how it is
(``ReceiverStatus``), or once, when it cannot go on, ``{"error": …}``. It ends, and completes the
spool, on SIGTERM, SIGINT and the end of its input.
"""

from __future__ import annotations

import gc
import os
import resource
import select
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from whence.model import CannotStore, WhenceError
from whence.model.log_receiving import ReceiverSettings, ReceiverStatus
from whence.model.refusal import Refusal
from whence.sensors.log_connections import Connections
from whence.sensors.log_journal import JournalReader
from whence.sensors.log_keeper import Keeper
from whence.sensors.log_tails import Tails
from whence.world import capabilities
from whence.world.capabilities import CAP_DAC_READ_SEARCH
from whence.world.log_datagrams import BATCH, DatagramSocket
from whence.world.log_spool import Record
from whence.world.log_spool_writer import SpoolWriter
from whence.world.log_streams import Listener, server_trust
from whence.world.priority import go_first, session_goes_first

ENDING = (signal.SIGTERM, signal.SIGINT)
LOOK = 0.2  # seconds between two looks, at most
TURNS = 8  # batches of a socket, before it is another one's turn
NAP = 0.002  # seconds in which more gathers: one call for much is cheaper than many calls
LAST_TURNS = 4096  # batches that are still taken in the end
FEW, LITTLE = BATCH // 2, 1 << 17  # datagrams; bytes of streams
SELDOM = 50_000  # new objects before the next collection
MOST_NAME, MOST_NOTE = 80, 300  # letters: a status is shorter than PIPE_BUF, and so never in pieces
SMALL_ROOM = "the kernel keeps only {0:,} bytes of datagrams while whence is busy; for more: " \
             "sysctl -w net.core.rmem_max={1}"  # fmt: skip
CUT = "the receiver was killed while it wrote this"


def main(arguments: Sequence[str] | None = None) -> int:
    """Receive until told to end, and give the exit status."""
    (text,) = sys.argv[1:] if arguments is None else arguments
    settings = msgspec.json.decode(text, type=ReceiverSettings)
    go_first()  # before whoever parses what is received, too, which is another session
    session_goes_first()
    ended = threading.Event()
    for number in ENDING:
        signal.signal(number, lambda *_: ended.set())
    try:
        with Receiver(settings) as receiver:
            receiver.run(ended)
    except WhenceError as error:
        os.write(1, msgspec.json.encode({"error": Refusal.of(error)}) + b"\n")
        return error.exit_code
    return 0


class Receiver:
    """Messages from sockets and files, into the spool."""

    def __init__(self, settings: ReceiverSettings) -> None:
        sources = settings.sources
        self._every = settings.every
        trust = server_trust(settings.certificate) if settings.certificate else None
        _allow_open_files()
        self._datagrams = [DatagramSocket.udp(*place, settings.room) for place in sources.udp]
        self._datagrams += [DatagramSocket.unix(path, settings.room) for path in sources.unix]
        self._listeners = {
            listener.fileno(): listener
            for listener in (
                *(Listener.tcp(*place) for place in sources.tcp),
                *(Listener.tcp(*place, trust) for place in sources.tls),
                *(Listener.unix(path) for path in sources.unix_streams),
            )
        }
        self._tails = Tails(sources.files, from_start=settings.from_start)
        self._journal = JournalReader() if sources.journal else None
        spool, limits = Path(settings.spool), settings.limits
        self._spool = SpoolWriter(
            spool, limits.segment_size, limits.segment_age, self._opening, self._replay
        )
        self._keeper = Keeper(self._spool, limits, lambda: os.statvfs(spool))
        _lay_down_rights(reads_files=bool(sources.files))
        _check_ours(spool)
        self._epoll = select.epoll()
        self._sockets: list[DatagramSocket | Listener] = [
            *self._datagrams,
            *self._listeners.values(),
        ]
        for one in self._sockets:
            self._epoll.register(one.fileno(), select.EPOLLIN)
        self._connections = Connections(settings.connections, self._keeper, self._epoll)
        self._by_number = {one.fileno(): one for one in self._datagrams}
        self._dropped = 0
        self._cut = 1 if self._spool.cut else 0
        self._notes = [
            SMALL_ROOM.format(one.room, settings.room)
            for one in self._datagrams
            if one.room < one.wanted_room
        ]
        self._told = 0.0

    def run(self, ended: threading.Event) -> None:
        """Receive until told to end."""
        if self._journal:
            self._journal.start(self._keeper)
            self._epoll.register(self._journal.fileno(), select.EPOLLIN)
        self._epoll.register(0, select.EPOLLIN)
        gc.freeze()
        gc.set_threshold(SELDOM)
        if self._cut:
            self._keeper.lose(self._cut, CUT)
        busy, look = self._tails.poll(self._keeper), min(LOOK, self._every)
        self._say()
        while not ended.is_set():
            ready = self._epoll.poll(0 if busy or self._connections.eager else look)
            if not self._serve([number for number, _ in ready]):
                break
            busy = self._tails.poll(self._keeper)
            if time.monotonic() - self._told >= self._every:
                self._say()
        self._finish()

    def close(self) -> None:
        """Close the sockets."""
        for one in self._sockets:
            one.close()
        if self._journal:
            self._journal.close()
        self._tails.close()

    def __enter__(self) -> Receiver:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self, ready: Sequence[int]) -> bool:
        """Take what is there; say whether to go on."""
        taken, before = 0, self._connections.taken
        for number in ready:
            if datagrams := self._by_number.get(number):
                taken = max(taken, self._take(datagrams, TURNS))
            elif listener := self._listeners.get(number):
                self._connections.accept(listener)
            elif self._connections.knows(number):
                self._connections.read(number)
            elif number == 0:
                if not os.read(0, 1 << 12):
                    return False
            elif self._journal:
                self._follow(self._journal, number)
        self._connections.read_eager()
        read = self._connections.taken - before
        if taken < FEW and read < LITTLE and (taken or read):
            time.sleep(NAP)
        return True

    def _follow(self, journal: JournalReader, number: int) -> None:
        if not journal.read(self._keeper):
            self._epoll.unregister(number)
        elif journal.is_held_back:
            self._epoll.modify(number, 0)  # until there is room, which is looked for each second

    def _take(self, datagrams: DatagramSocket, turns: int) -> int:
        """Take datagrams, so many batches at most; give how many the last one had."""
        count = 0
        for _ in range(turns):
            messages, marks = datagrams.take()
            count = len(messages)
            if count:
                self._keeper.put(messages, marks)
            if count < FEW:
                break
        return count

    def _finish(self) -> None:
        for one in self._datagrams:
            self._take(one, LAST_TURNS)
        for listener in self._listeners.values():
            self._connections.accept(listener)
        self._connections.close()
        self._say(ended=True)
        self._spool.close()

    def _opening(self) -> bytes:
        journal = self._journal.note() if self._journal else b""
        return self._tails.notes_of_all() + journal

    def _replay(self, record: Record) -> None:
        self._tails.replay(record)
        if self._journal:
            self._journal.replay(record)

    def _say(self, *, ended: bool = False) -> None:
        self._told = time.monotonic()
        self._connections.tick()
        dropped = sum(one.dropped for one in self._datagrams)
        if dropped > self._dropped:
            self._keeper.lose(dropped - self._dropped, "they came faster than they could be read")
            self._dropped = dropped
        self._keeper.tick()
        for notes in (self._connections.notes, self._tails.notes):
            self._notes += notes
            notes.clear()
        if self._journal:
            self._notes += self._journal.notes
            self._journal.notes.clear()
            if self._journal.is_held_back:
                self._epoll.modify(self._journal.fileno(), select.EPOLLIN)
        status = self._status(ended=ended)
        try:
            os.set_blocking(1, ended)
            os.write(1, msgspec.json.encode(status) + b"\n")  # all or nothing of it
            self._notes = self._notes[len(status.notes) :]
        except BlockingIOError:
            pass  # nobody reads it now: no reason to stop receiving
        except BrokenPipeError:
            pass  # the end of our input tells the same

    def _status(self, *, ended: bool) -> ReceiverStatus:
        keeper, connections = self._keeper, self._connections
        return ReceiverStatus(
            received=keeper.received,
            stored=keeper.stored,
            size=keeper.size,
            position=self._spool.position,
            dropped=self._dropped,
            unstored=keeper.unstored,
            refused=connections.refused,
            split=connections.split + self._tails.split,
            halves=connections.halves,
            misframed=connections.misframed,
            cut=self._cut,
            connections=len(connections),
            files=self._tails.files,
            unread=self._tails.unread,
            peers=tuple((name[-MOST_NAME:], count) for name, count in keeper.top),
            severities=dict(keeper.severities),
            problem=keeper.problem,
            notes=tuple(note[:MOST_NOTE] for note in self._notes[:2]),
            listening=tuple(f"{_transport(one)} {one.where}" for one in self._sockets[:12]),
            ended=ended,
        )


def _transport(one: DatagramSocket | Listener) -> str:
    return one.kind.name.lower()


def _lay_down_rights(*, reads_files: bool) -> None:
    """Keep who we are, so that the spool is ours; of root's rights at most that to read files."""
    wanted = {CAP_DAC_READ_SEARCH} if reads_files else set()
    capabilities.keep_only(wanted & capabilities.held())


def _check_ours(spool: Path) -> None:
    if not os.access(spool, os.W_OK | os.X_OK, effective_ids=True):
        raise CannotStore(
            f"may not write to {spool}",
            because="it belongs to somebody else, and a receiver runs without root's rights",
            try_="give a folder of your own: --state FOLDER",
        )


def _allow_open_files() -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    sys.exit(main())
