from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.notify.seen import NOON, after, sighting
from whence.model import WhenceError
from whence.notify.declare import Message
from whence.notify.digest import Limits
from whence.notify.notifier import Notifier
from whence.notify.spool import Patience
from whence.world.post import Refused, Undelivered

SOON = timedelta(milliseconds=1)
DOWN = Undelivered("the server is down", because="connection refused")


class Somebody:
    """Takes messages, or raises what it was told to, and lets a test wait for them."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.heard: queue.Queue[Message] = queue.Queue()

    def deliver(self, message: Message, now: datetime) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.heard.put(message)

    def next(self) -> Message:
        return self.heard.get(timeout=10)

    def rest(self) -> list[Message]:
        return [self.heard.get_nowait() for _ in range(self.heard.qsize())]


def notifier(
    deliver: Callable[[Message, datetime], None], said: list[WhenceError], messages: int = 100
) -> Notifier:
    patience = Patience(first=SOON, longest=SOON, messages=messages)
    return Notifier(deliver, said.append, limits=Limits(quiet=SOON), patience=patience)


def test_a_sighting_is_told() -> None:
    somebody, said = Somebody(), list[WhenceError]()
    with notifier(somebody.deliver, said) as telling:
        telling.tell(sighting())
        assert somebody.next().sightings == 1
    assert said == []


def test_a_server_that_was_down_for_a_while() -> None:
    somebody, said = Somebody(*[DOWN] * 5), list[WhenceError]()
    with notifier(somebody.deliver, said) as telling:
        telling.tell(sighting())
        assert somebody.next().sightings == 1
    assert said == [DOWN]  # once, not five times


def test_a_message_that_is_refused_is_not_sent_again() -> None:
    somebody, said = Somebody(Refused("no such person")), list[WhenceError]()
    with notifier(somebody.deliver, said) as telling:
        telling.announce("one", "")
        telling.announce("two", "")
        message = somebody.next()
    assert message.subject == "two"
    assert "1 earlier messages" in message.notes[0]
    assert [str(error) for error in said] == ["no such person"]


def test_a_channel_that_breaks_does_not_end_the_telling() -> None:
    somebody, said = Somebody(ValueError("secret: hunter2")), list[WhenceError]()
    with notifier(somebody.deliver, said) as telling:
        telling.announce("one", "")
        telling.announce("two", "")
        assert somebody.next().subject == "two"
    assert said[0].because == "ValueError"


def test_watching_does_not_wait_for_a_server_that_hangs() -> None:
    release, somebody = threading.Event(), Somebody()

    def deliver(message: Message, now: datetime) -> None:
        release.wait(10)
        somebody.deliver(message, now)

    with notifier(deliver, []) as telling:
        for _ in range(1000):
            telling.tell(sighting())
        release.set()
    assert sum(message.sightings for message in somebody.rest()) == 1000


def test_the_rest_is_told_at_the_end() -> None:
    somebody = Somebody()
    with Notifier(somebody.deliver, list[WhenceError]().append) as telling:
        for minute in range(5):
            telling.tell(sighting(at=after(minute)))
    assert sum(message.sightings for message in somebody.rest()) == 5


def test_what_nobody_took_is_said_at_the_end() -> None:
    said: list[WhenceError] = []
    with Notifier(Somebody(*[DOWN] * 100).deliver, said.append) as telling:
        telling.tell(sighting(count=7))
    assert str(said[-1]) == "a message was not delivered, about 7 sightings"


def test_a_server_that_hangs_does_not_keep_us() -> None:
    said: list[WhenceError] = []
    release = threading.Event()

    def deliver(message: Message, now: datetime) -> None:
        release.wait(10)

    telling = Notifier(deliver, said.append)
    telling.announce("one", "")
    telling.close(timedelta(seconds=0.1))
    release.set()
    assert str(said[-1]) == "a message was not delivered"


def test_an_announcement_is_one_line_and_harmless_text() -> None:
    somebody = Somebody()
    with notifier(somebody.deliver, []) as telling:
        telling.announce("hello\r\nBcc: x", "one\ntwo\x1b[2J", ({"process": {"pid": 7}},))
    message = somebody.next()
    assert message.subject == "hello\\r\\nBcc: x"
    assert message.text == "one\ntwo\\x1b[2J"
    assert message.documents == ({"process": {"pid": 7}, "message": "one two\\x1b[2J"},)
    assert message.at > NOON
