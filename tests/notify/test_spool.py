from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.notify.seen import NOON, after, message
from whence.notify.spool import Patience, Spool

NOW = timedelta(0)


def test_a_message_goes_at_once() -> None:
    spool = Spool()
    assert spool.wait(NOON) is None
    spool.put(message())
    assert spool.wait(NOON) == NOW
    assert spool.head() == message()
    spool.delivered()
    assert not spool


def test_each_failure_makes_the_next_try_wait_longer_up_to_a_limit() -> None:
    spool = Spool(Patience(first=timedelta(seconds=5), longest=timedelta(seconds=15)))
    spool.put(message())
    waits = []
    for _ in range(4):
        spool.failed(NOON)
        waits.append(spool.wait(NOON))
    assert waits == [timedelta(seconds=s) for s in (5, 10, 15, 15)]
    assert spool.wait(after(1)) == NOW


def test_the_next_message_does_not_wait_for_the_failures_of_the_last() -> None:
    spool = Spool()
    spool.put(message())
    spool.put(message())
    spool.failed(NOON)
    spool.delivered()
    assert spool.wait(NOON) == NOW


def test_a_message_that_is_given_up_is_told_of_in_the_next() -> None:
    spool = Spool(Patience(tries=2))
    spool.put(replace(message(), sightings=30))
    spool.failed(NOON)
    spool.failed(NOON)
    assert not spool
    spool.put(message())
    assert spool.head().notes == ("1 earlier messages about 30 sightings could not be delivered.",)
    spool.delivered()
    spool.put(message())
    assert spool.head().notes == ()


def test_too_many_messages_push_out_the_oldest_but_the_head() -> None:
    spool = Spool(Patience(messages=2))
    for subject in ("one", "two", "three"):
        spool.put(replace(message(), subject=subject))
    assert len(spool) == 2
    assert spool.head().subject == "one"
    spool.give_up()
    assert spool.head().subject == "three"
    assert "2 earlier messages about 2 sightings" in spool.head().notes[0]


def test_one_that_is_pushed_out_during_a_delivery_is_told_of_later() -> None:
    spool = Spool(Patience(messages=2))
    spool.put(message())
    spool.head()
    spool.put(message())
    spool.put(message())
    spool.delivered()
    assert "1 earlier messages" in spool.head().notes[0]


def test_a_clock_that_was_set_back_stops_no_message() -> None:
    spool = Spool()
    spool.put(message())
    spool.failed(after(60 * 24 * 365))
    assert spool.wait(NOON) == NOW
