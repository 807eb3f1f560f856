"""Tells somebody of sightings, beside the watching and never in its way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from whence.model import Sighting, WhenceError
from whence.model.ecs import Document
from whence.model.plural import many
from whence.notify.declare import Deliver, Message
from whence.notify.digest import Digest, Limits
from whence.notify.plain import encodable, plain
from whence.notify.spool import Patience, Spool
from whence.world import Clock, utc_now
from whence.world.post import Refused, Undelivered

log = logging.getLogger(__name__)

LONGEST_LINE = 2000  # characters
Say = Callable[[WhenceError], None]


class Notifier:
    """Takes sightings in at any speed, and delivers digests of them from a thread of its own.

    What could not be delivered is told to ``say``, once for each way to fail, and tried again;
    what had to be given up is counted, and the next message that arrives says so.
    """

    def __init__(
        self,
        deliver: Deliver,
        say: Say,
        *,
        limits: Limits | None = None,
        patience: Patience | None = None,
        now: Clock = utc_now,
    ) -> None:
        self._deliver = deliver
        self._say = say
        self._now = now
        self._digest = Digest(limits)
        self._spool = Spool(patience)
        self._said = ""
        self._closing = False
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="notifier", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def tell(self, seen: Sighting) -> None:
        """Take in a sighting; give each once. Never waits for the network."""
        with self._news:
            self._digest.add(seen)
            self._news.notify()

    def announce(self, subject: str, text: str, documents: tuple[Document, ...] = ()) -> None:
        """Send a message of one's own, such as the answer to a question that took its time."""
        with self._news:
            lines = [plain(line, LONGEST_LINE) for line in text.split("\n")]
            about = {"message": " ".join(lines)}
            shown = tuple({**encodable(document), **about} for document in documents)
            self._spool.put(Message(plain(subject), "\n".join(lines), shown, self._now()))
            self._news.notify()

    def close(self, patience: timedelta = timedelta(seconds=30)) -> None:
        """Tell the rest, once, and stop. What does not arrive now is told to ``say``."""
        with self._news:
            self._closing = True
            self._news.notify()
        self._thread.join(patience.total_seconds())
        with self._news:
            left, about = len(self._spool), self._spool.sightings
        if left:
            messages = "a message was" if left == 1 else f"{left} messages were"
            of = f", about {many(about, 'sighting')}" if about else ""
            self._say(Undelivered(f"{messages} not delivered{of}", because="whence is ending"))

    def _run(self) -> None:
        while self._wait():
            self._try_head()
        while self._spool and self._try_head():
            pass

    def _wait(self) -> bool:
        """Wait until the head of the spool is due, and say whether to go on."""
        with self._news:
            while not self._closing:
                if message := self._digest.take(self._now()):
                    self._spool.put(message)
                waits = [w for d in (self._spool, self._digest) if (w := d.wait(self._now()))]
                if self._spool.wait(self._now()) == timedelta(0):
                    return True
                self._news.wait(min(waits).total_seconds() if waits else None)
            if message := self._digest.finish(self._now()):
                self._spool.put(message)
            return False

    def _try_head(self) -> bool:
        """Try to deliver the head, and say whether the way is open."""
        with self._news:
            message = self._spool.head()
        error = self._attempt(message)
        with self._news:
            if error is None:
                self._spool.delivered()
            elif isinstance(error, Refused):
                self._spool.give_up()
            else:
                self._spool.failed(self._now())
        return error is None or isinstance(error, Refused)

    def _attempt(self, message: Message) -> Undelivered | None:
        error: Undelivered | None = None
        try:
            self._deliver(message, self._now())
        except Undelivered as e:
            error = e
        except Exception as e:  # noqa: BLE001  a channel's fault must not end the telling
            log.debug("delivery failed: %s", type(e).__name__)  # its text may hold a secret
            error = Refused("could not make the message", because=type(e).__name__)
        self._complain(error)
        return error

    def _complain(self, error: Undelivered | None) -> None:
        said = f"{error} {error.because}" if error else ""
        if error and said != self._said:  # once, not at each of 300 tries
            self._say(error)
        self._said = said
