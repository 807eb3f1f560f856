"""Who makes it again, as a watch for silence hears it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

from tests.notify.seen import sighting
from whence.inquiry.silence import CALLER, Vigil, keep_vigil
from whence.model import ACCEPTED, ATTEMPTED, Flow, SensorStatus, Sighting
from whence.world.sensor_process import SensorProcess

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
CALLS = replace(sighting(), action=ATTEMPTED, first=NOON, last=NOON + timedelta(seconds=5))
ANSWERS = replace(CALLS, action=ACCEPTED)


class Sensor:
    """Says what it is told to, and nothing for a second each in between."""

    def __init__(self, *said: Sighting | None) -> None:
        self.said = said
        self.now = NOON

    def events(self) -> Iterator[Sighting | SensorStatus | None]:
        yield SensorStatus("ebpf", NOON)
        for event in self.said:
            self.now += timedelta(seconds=0 if event else 1)
            yield event


def heard(*said: Sighting | None) -> Vigil:
    sensor = Sensor(*said)
    return keep_vigil(
        [Flow(CALLS.flow.destination, CALLS.flow.destination_port)],
        cast(SensorProcess, sensor), NOON, timedelta(minutes=1), lambda: sensor.now,
        lambda vigil, left: None, lambda watched: None,
    )  # fmt: skip


def test_who_called_makes_it_though_who_was_called_is_told_first() -> None:
    assert heard(None, ANSWERS, None, CALLS, *[None] * 70).seen == CALLS


def test_where_only_who_was_called_is_here_that_is_told_soon() -> None:
    late = replace(CALLS, first=NOON + timedelta(seconds=30))
    vigil = heard(None, ANSWERS, *[None] * 10, late)
    assert vigil.seen == ANSWERS
    assert vigil.watched
    assert vigil.watched.ended - NOON <= CALLER + timedelta(seconds=2)


def test_at_the_end_of_the_watch_the_caller_is_still_waited_for() -> None:
    assert heard(*[None] * 59, ANSWERS, None, CALLS).seen == CALLS


def test_without_either_the_watch_ends() -> None:
    assert heard(*[None] * 90).seen is None
