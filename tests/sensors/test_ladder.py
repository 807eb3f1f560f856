"""The best sensor that works is the one that is taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from whence.model import CannotAsk, NotPermitted, Sensor, SensorStatus, Sighting, sensor
from whence.sensors.ladder import choose
from whence.world import EPOCH

Events = Iterator[Sighting | SensorStatus]


class Door:
    """What the sensors below need."""

    opened: list[Door] = []  # noqa: RUF012

    def __init__(self) -> None:
        self.closed = False

    @classmethod
    def open(cls) -> Door:
        cls.opened.append(cls())
        return cls.opened[-1]

    def close(self) -> None:
        self.closed = True


def refuse(reason: CannotAsk) -> SensorStatus:
    raise reason


@sensor(watches="connections", level=0)
def best(door: Door) -> Events:
    """Sees all."""
    yield refuse(NotPermitted("not for you"))


@sensor(watches="connections", level=1)
def good(door: Door) -> Events:
    """Sees much."""
    yield SensorStatus("good", EPOCH)
    yield SensorStatus("good", EPOCH, lost=1)


@sensor(watches="connections", level=2)
def poor(door: Door) -> Events:
    """Sees little."""
    yield refuse(CannotAsk("no kernel of that kind"))


def test_the_best_that_works_is_taken_and_those_above_say_why_not() -> None:
    taken, events, refused = choose([poor, good, best])
    assert taken is good
    assert [(above.name, str(why)) for above, why in refused] == [("best", "not for you")]
    assert [event.lost for event in events if isinstance(event, SensorStatus)] == [0, 1]
    assert Door.opened[-1].closed


def test_what_a_refused_sensor_had_opened_is_closed() -> None:
    choose([best, good])
    assert Door.opened[-2].closed
    assert not Door.opened[-1].closed


@pytest.mark.parametrize(
    ("sensors", "kind"), [([best, poor], NotPermitted), ([poor], CannotAsk), ([], CannotAsk)]
)
def test_where_none_works_the_reasons_are_told(
    sensors: list[Sensor[Any]], kind: type[CannotAsk]
) -> None:
    with pytest.raises(kind) as refused:
        choose(sensors)
    assert type(refused.value) is kind
