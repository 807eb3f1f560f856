"""Watch whether some traffic comes again after a change; whoever makes it then is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from whence.model import ACCEPTED, LISTENING, Flow, ProcessRecord, SensorStatus, Sighting
from whence.model.interpreters import Given, script_behind
from whence.model.silence import Watched
from whence.world import Clock
from whence.world.sensor_process import SensorProcess

EVERY = timedelta(minutes=10)  # what was watched so far is kept: a kill costs no more
SAME = timedelta(seconds=1)  # two sensors do not see a connection at the same time
CALLER = timedelta(seconds=2)  # who was called may be told before who called, if both are here


@dataclass(frozen=True, slots=True)
class Vigil:
    """How it stands, or how it ended."""

    watched: Watched | None  # None: the sensor was not ready yet
    seen: Sighting | None = None
    interrupted: bool = False
    cannot_see: tuple[str, ...] = ()


def keep_vigil(
    flows: Sequence[Flow],
    sensor: SensorProcess,
    grace: datetime,
    need: timedelta,
    clock: Clock,
    hear: Callable[[Vigil, timedelta], None],
    keep: Callable[[Watched], None],
) -> Vigil:
    """Watch for as long as ``need``, until a flow is seen after ``grace``, or until ^C.

    Where both ends are on this machine, it is the caller who makes it.
    """
    began: datetime | None = None
    called: tuple[datetime, Sighting] | None = None
    kept = clock()
    status: SensorStatus | None = None
    vigil = Vigil(None)
    try:
        for event in sensor.events():
            now = clock()
            if isinstance(event, SensorStatus):
                began, status = began or event.at, event
            if began and status:
                watched = Watched(began, now, status.sensor, status.lost)
                vigil = Vigil(watched, None, False, status.cannot_see)
                if isinstance(event, Sighting) and is_after(event, flows, grace):
                    if event.action != ACCEPTED:
                        return Vigil(watched, event, False, status.cannot_see)
                    called = called or (now, event)
                if called and now - called[0] >= CALLER:
                    return Vigil(watched, called[1], False, status.cannot_see)
                if now - kept >= EVERY:
                    kept = now
                    keep(watched)
            left = need - (now - began) if began else need
            if left <= timedelta() and not called:
                return vigil
            hear(vigil, left)
    except KeyboardInterrupt:
        seen = called[1] if called else None
        return Vigil(vigil.watched, seen, seen is None, vigil.cannot_see)
    return vigil


def is_after(seen: Sighting, flows: Sequence[Flow], grace: datetime) -> bool:
    """Say whether this is the traffic, made by somebody after the time that it may take to end."""
    return (
        seen.action != LISTENING
        and seen.last > grace
        and any(flow.touches(seen.flow) for flow in flows)
    )


def once(told: Iterable[Sighting]) -> list[Sighting]:
    """Give each connection once, oldest first: the recorder and a case may both have seen it."""
    found: list[Sighting] = []
    newest: dict[tuple[object, ...], datetime] = {}
    for seen in sorted(told, key=lambda seen: seen.first):
        key = (seen.flow, seen.action, seen.maker.process if seen.maker else None)
        same = SAME if seen.flow.source_port else timedelta()  # else they were summed up
        if key not in newest or seen.first - newest[key] > same:
            newest[key] = seen.first
            found.append(seen)
    return found


def who_again(seen: Sighting, before: Sequence[Sighting]) -> str:
    """Say who makes it now, and whether that is who made it before."""
    maker = seen.maker
    if maker is None:
        return "by somebody that the sensor could not tell"
    earlier = [one.maker for one in before if one.maker]
    name = f"{_program(maker) or maker.name} ({maker.process})"
    if any(one.process == maker.process for one in earlier):
        return f"by {name}, the same process as before: it still runs"
    programs = {_program(one) for one in earlier} - {""}
    if _program(maker) in programs:
        return f"by {name}, the same program as before, started again"
    return f"by {name}, another program than before" if earlier else f"by {name}"


def _program(maker: ProcessRecord) -> str:
    """Name what it runs: the script, where an interpreter runs one."""
    script = script_behind(maker.executions)
    if script and script.given is Given.FILE:
        return script.text
    return maker.execution.executable if maker.execution else ""
