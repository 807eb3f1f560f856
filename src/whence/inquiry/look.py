"""Look back, look now, and wait: gather who was seen making a piece of traffic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Protocol

from whence.inquiry.witnesses import Seen
from whence.model import (
    ACCEPTED,
    ATTEMPTED,
    CannotAsk,
    Flow,
    ProcessRecord,
    SensorStatus,
    Sighting,
    ecs,
)
from whence.world import Witness

SETTLE = timedelta(seconds=1)  # after the first sighting, so that what follows at once is in too
UNREAD = 3  # sightings of who was over before being read, after which none better is hoped for


class Sensor(Protocol):
    """Who watches while one waits."""

    def timed_events(
        self, most: timedelta
    ) -> Iterator[tuple[timedelta, Sighting | SensorStatus | None]]:
        """Yield what is seen, with the time since it was ready, and None now and then."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """What one can say while waiting: which sensor watches, and how long still."""

    left: timedelta
    status: SensorStatus | None


def seen_by(witnesses: Iterable[Witness], flow: Flow) -> list[Sighting]:
    """Give what they saw of this traffic; nothing, unless who makes it is among it."""
    seen: list[Sighting] = []
    for witness in witnesses:
        for pattern in (flow, flow.reversed()):
            with suppress(CannotAsk):
                lines = witness.connections(pattern).lines()
                seen += [ecs.from_line(line) for line in lines if line]
    return seen if _makers(seen) else []


def wait_for(
    flows: Sequence[Flow],
    sensor: Sensor,
    seen: Seen,
    patience: timedelta,
    hear: Callable[[Waiting], None],
) -> SensorStatus | None:
    """Wait until a sensor sees one of the flows made by somebody; put what it sees into ``seen``.

    Who began before the sensor, and was over before it could be read, is waited for once more:
    the next run is seen from its start. Returns the last that the sensor said of itself.
    """
    status: SensorStatus | None = None
    until = patience
    for spent, event in sensor.timed_events(patience):
        if isinstance(event, SensorStatus):
            status = event
        elif isinstance(event, Sighting) and any(flow.touches(event.flow) for flow in flows):
            seen.sightings.append(event)
            if until == patience and _makers([event]):
                until = spent + SETTLE
        if spent >= until:
            if until == patience or _is_told(seen.sightings):
                break
            until = patience  # who had been seen only answers, or was over before it could be read
        hear(Waiting(until - spent, status))
    return status


def _is_told(seen: Sequence[Sighting]) -> bool:
    """Say whether somebody is known who makes it, or nobody better is to be hoped for."""
    makers = _makers(seen)
    return any(map(_is_read, makers)) or len(makers) >= UNREAD


def _makers(seen: Sequence[Sighting]) -> list[ProcessRecord]:
    """Give who makes it: where both ends are on this machine, that is not who answers."""
    made = [sighting for sighting in seen if sighting.action == ATTEMPTED]
    answered = [
        sighting
        for sighting in seen
        if sighting.action == ACCEPTED and not _is_from_here(sighting.flow)
    ]
    return [sighting.maker for sighting in made or answered if sighting.maker]


def _is_from_here(flow: Flow) -> bool:
    """Whether a machine calls itself: the source is its loopback, or where it calls."""
    source = flow.source
    return source is not None and (source == flow.destination or ip_address(source).is_loopback)


def _is_read(maker: ProcessRecord) -> bool:
    return maker.kernel_thread or maker.command_is_known
