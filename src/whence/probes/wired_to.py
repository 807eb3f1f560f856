"""From a switch port to the outlet in the wall, by the plan of cables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from whence.model import Confidence, Fact, Line, Outlet, SwitchPort, probe
from whence.model.cables import Stop
from whence.model.port_names import as_called
from whence.world import Cables
from whence.world.cable_plan import read_stop


@probe(answers="wired-to", near=3)
def wired_to(port: SwitchPort, cables: Cables) -> Iterator[Fact]:
    """Which outlet, in which room, does the cable of this port lead to?

    Where several ports are called alike, it may be the cable of another of them.
    """
    ways = _ways(port, cables)
    called = SwitchPort(port.switch, as_called(port.port))
    may_be_another = not ways and called != port
    if may_be_another:
        ways = _ways(called, cables)
    for stops in ways.values():
        doubtful = may_be_another or len(ways) > 1 or any(stop.doubts for stop, _ in stops)
        yield port.fact(
            "wired-to",
            _end([stop for stop, _ in stops]),
            *(line.evidence for _, line in stops),
            confidence=Confidence.POSSIBLE if doubtful else Confidence.REPORTED,
        )


def _ways(port: SwitchPort, cables: Cables) -> dict[int, list[tuple[Stop, Line]]]:
    ways: defaultdict[int, list[tuple[Stop, Line]]] = defaultdict(list)
    for line in cables.from_port(port).lines():
        if line:
            stop = read_stop(line)
            ways[stop.way].append((stop, line))
    return ways


def _end(stops: list[Stop]) -> Outlet | str:
    """Name the outlet, or where the plan ends."""
    outlet = next((stop.name for stop in stops if stop.kind == "outlet"), "")
    room = next((stop.name for stop in stops if stop.kind == "room"), "")
    if outlet:
        return Outlet(outlet, room)
    last = next((stop for stop in reversed(stops) if stop.kind != "break"), stops[-1])
    broken = next((f"; {stop.name}" for stop in stops if stop.kind == "break"), "")
    return f"{last}{broken}"
