"""Sensors that watch the same thing form a ladder: take the best one that works here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from whence.model import CannotAsk, Events, NotPermitted, Sensor, SensorStatus, Sighting

AnySensor = Sensor[Any]
Refusals = tuple[tuple[AnySensor, CannotAsk], ...]
Starting = Callable[[tuple[Any, ...]], AbstractContextManager[None]]


def _as_we_are(_needs: tuple[Any, ...]) -> AbstractContextManager[None]:
    return nullcontext()


def choose(
    sensors: Iterable[AnySensor], starting: Starting = _as_we_are
) -> tuple[AnySensor, Events, Refusals]:
    """Start the lowest level that works. Its events begin with its status: it is attached.

    ``starting`` is entered, with what the sensor needs, while the sensor is tried; there rights
    can be laid down. The refusals tell why each level above did not work.

    Raises
    ------
    NotPermitted, CannotAsk
        If none works. NotPermitted if more rights would help.

    """
    refused: list[tuple[AnySensor, CannotAsk]] = []
    for sensor in sorted(sensors, key=lambda sensor: sensor.level):
        try:
            return sensor, _start(sensor, starting), tuple(refused)
        except CannotAsk as reason:
            refused.append((sensor, reason))
    raise _none_works(tuple(refused))


def _start(sensor: AnySensor, starting: Starting) -> Events:
    kinds: tuple[Any, ...] = sensor.needs
    needs: tuple[Any, ...] = ()
    try:
        for kind in kinds:
            needs += (kind.open(),)
        events = sensor(*needs)
        with starting(needs):
            return _resumed(next(events), events, needs)
    except BaseException:
        _close(needs)
        raise


def _resumed(first: Sighting | SensorStatus | None, rest: Events, needs: tuple[Any, ...]) -> Events:
    def resumed() -> Events:
        try:
            yield first
            yield from rest
        finally:
            _close(needs)

    return resumed()


def _close(needs: tuple[Any, ...]) -> None:
    for need in needs:
        close = getattr(need, "close", None)
        if close:
            close()


def _none_works(refused: Refusals) -> CannotAsk:
    if len(refused) == 1:
        return refused[0][1]
    kind = NotPermitted if any(isinstance(why, NotPermitted) for _, why in refused) else CannotAsk
    because = "; ".join(f"{sensor.name}: {why}" for sensor, why in refused)
    return kind("no sensor works here", because=because or "there is none", try_="whence doctor")
