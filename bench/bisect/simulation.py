"""A switch that is only simulated, searched by the product's engine, beside plain bisection."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass

from whence.inquiry.bisect_search import Search
from whence.model.bisection import (
    Event,
    Found,
    Frame,
    Mirror,
    Mirrored,
    Passed,
    Plan,
    Stopped,
    Watch,
)


@dataclass(frozen=True)
class World:
    """What is so, and what the search is to find out."""

    ports: int = 24
    rate: float = 1.0  # of the suspect, events a second
    alike: float = 0.0  # look-alikes for each event of the suspect
    by_ports: bool = False  # look-alikes come in by the other ports, not with everything
    burst: int = 1  # frames of an event
    apart: float = 0.05  # s between the frames of an event
    stalls: float = 0.0  # s, in the mean, for which the senders hold up, each second or so
    lost: float = 0.0  # of the frames
    cost: float = 0.1  # s that a change of mirrors takes
    second: float = 0.0  # rate of a second source, of the first one's
    uplink: bool = False
    cables: bool = False  # plugs in place of mirrors
    nowhere: bool = False  # it comes in by a port that is not asked about


@dataclass(frozen=True)
class Outcome:
    """How a search ended."""

    truth: str
    seconds: float  # until the control test began
    changes: int  # until then
    total: float
    total_changes: int
    found: str = ""  # empty: no port was named
    share: float = 0.0
    because: str = ""
    first: str = ""  # the port that was tested first

    @property
    def confirmed(self) -> bool:
        """Whether a port was named."""
        return bool(self.found)


@dataclass(frozen=True)
class Row:
    """What many searches of one world came to."""

    name: str
    world: World
    runs: int
    wrong: float  # share that named a port that it was not
    stopped: float  # share that named none
    first_wrong: float  # share in which the control test had to refuse the first port
    seconds: float  # until the control test, mean
    changes: float  # until the control test, mean
    test: float  # s of the control test, mean
    share: float  # of the events, as told
    plain_wrong: float  # of plain bisection
    plain_seconds: float


def search(world: World, seed: int, limit: float = 1e5) -> Outcome:
    """Let the engine search once."""
    chance = random.Random(seed)
    names = tuple(str(number) for number in range(1, world.ports + 1))
    truth = "elsewhere" if world.nowhere else chance.choice(names)
    second = chance.choice([name for name in names if name != truth])
    frames = _held_up(_frames(world, chance, truth, second, names), world.stalls, chance)
    waiting = next(frames)
    plan = Plan(0.0, "sw1", names, uplink="up" if world.uplink else "",
                way="cable" if world.cables else "mirror")  # fmt: skip
    engine = Search(plan)
    commands = engine.begin()
    now = 0.0
    first = ""
    mirrored: frozenset[str] = frozenset()
    reference = False
    before_test = (0.0, 0)
    while commands:
        command = commands[-1]
        if isinstance(command, (Found, Stopped)):
            break
        if engine.phase not in ("control", "others", "end"):
            before_test = before_test if first else (now, engine.changes)
        elif not first:
            first = engine.tested
        if now > limit:
            break
        if isinstance(command, Mirror):
            now += world.cost
            while waiting[0] < now:
                waiting = next(frames)
            mirrored, reference = frozenset(command.ports), command.reference
            commands = engine.take(Mirrored(now, command.ports, command.reference, world.cost))
            continue
        assert isinstance(command, Watch)
        until = now + command.seconds
        while waiting[0] < until:
            for event in _copies(waiting, mirrored, reference, chance, world):
                engine.take(event)
            waiting = next(frames)
        now = until
        commands = engine.take(Passed(now))
    end = engine.result
    known = (truth, *before_test, now, engine.changes)
    if isinstance(end, Found):
        return Outcome(*known, found=end.port, share=end.share or 0.0, first=first)
    because = end.because if end else "the limit of the simulation"
    return Outcome(*known, because=because, first=first)


def _copies(
    frame: tuple[float, str, int],
    mirrored: frozenset[str],
    reference: bool,
    chance: random.Random,
    world: World,
) -> Iterator[Event]:
    at, port, number = frame
    copies = (port in mirrored) + (port == "") + (reference and port != "")
    for copy in range(copies):
        if chance.random() >= world.lost:
            yield Frame(at + copy * 1e-4, str(number))


def _frames(
    world: World, chance: random.Random, truth: str, second: str, names: tuple[str, ...]
) -> Iterator[tuple[float, str, int]]:
    """Yield frames for ever: when, by which port (none: seen whatever is mirrored), which."""
    others = [name for name in names if name != truth]
    sources = [(world.rate, lambda: truth)]
    if world.alike:
        where = (lambda: chance.choice(others)) if world.by_ports else (lambda: "")
        sources.append((world.rate * world.alike, where))
    if world.second:
        sources.append((world.rate * world.second, lambda: second))
    events = [(chance.expovariate(rate), index) for index, (rate, _) in enumerate(sources)]
    heapq.heapify(events)
    queue: list[tuple[float, str, int]] = []
    number = 0
    while True:
        at, index = heapq.heappop(events)
        rate, where = sources[index]
        heapq.heappush(events, (at + chance.expovariate(rate), index))
        port = where()
        for turn in range(world.burst):
            number += 1
            heapq.heappush(queue, (at + world.apart * turn, port, number))
        while queue and queue[0][0] <= events[0][0]:
            yield heapq.heappop(queue)


def _held_up(
    frames: Iterator[tuple[float, str, int]], mean: float, chance: random.Random
) -> Iterator[tuple[float, str, int]]:
    """Let all senders stall now and then, as on a machine that is too busy: frames come late."""
    if not mean:
        yield from frames
        return
    end = begin = 0.0
    for at, port, number in frames:
        while at >= end:
            begin = end + chance.expovariate(1.0)
            end = begin + chance.expovariate(1 / mean)
        yield (end if at >= begin else at), port, number


def plain(world: World, seed: int, wait: float) -> tuple[str, str, float, int]:
    """Plain bisection: half of the ports; anything seen within the wait: it is among them."""
    chance = random.Random(seed)
    names = tuple(str(number) for number in range(1, world.ports + 1))
    truth = chance.choice(names)
    second = chance.choice([name for name in names if name != truth])
    frames = _held_up(_frames(world, chance, truth, second, names), world.stalls, chance)
    waiting, now, changes = next(frames), 0.0, 0
    left = list(names)
    while len(left) > 1:
        half = left[: len(left) // 2]
        now += world.cost
        changes += 1
        while waiting[0] < now:
            waiting = next(frames)
        seen = False
        while waiting[0] < now + wait and not seen:
            seen = any(_copies(waiting, frozenset(half), False, chance, world))
            last, waiting = waiting[0], next(frames)
        now = last if seen else now + wait
        left = half if seen else left[len(left) // 2 :]
    return truth, left[0], now, changes


def repeated(world: World, runs: int, seed: int = 1) -> list[Outcome]:
    """Search many times, each time with another seed."""
    return [search(world, seed * 100_003 + run) for run in range(runs)]
