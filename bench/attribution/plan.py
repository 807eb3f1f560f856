"""What the workload does, when: the same for every method, from one seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from bench.attribution.place import FAR, INNER, NAMESPACES, NOBODY, SINK_PORT, Place

SHORTEST_US, LONGEST_US = 1_000, 5_000
SHORT_KINDS = ("tcp", "syn", "udp", "udp-connected")
HARD_CASES = (
    "forkonly",
    "orphan",
    "memfd",
    "deleted",
    "script",
    "container",
    "kworker",
    "thread",
    "mapped",
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything one run does."""

    tcp: int = 2_000
    others: int = 400  # each of syn, udp, udp-connected
    long: int = 20  # TCP connections that stay, as a control: everyone should find them
    long_seconds: int = 12
    hard: int = 20  # each of the hard cases
    seconds: float = 10.0  # of storms and floods
    repeats: int = 3  # of each comparison with and without


FULL = Size()
QUICK = Size(tcp=300, others=60, long=5, long_seconds=3, hard=5, seconds=2.0, repeats=1)


def short_lives(size: Size, seed: int) -> Iterator[str]:
    """Write the lines for the role ``gen``: TCP at 100/s, then the others at 50/s each, mixed."""
    chance = random.Random(seed)
    for number in range(size.long):
        family = ("ipv4", "ipv6")[number % 2]
        life = size.long_seconds * 1_000_000
        yield f"0 1 long-{number:05} tcp {FAR[family]} {SINK_PORT} {life}"
    yield from steady("tcp", FAR, size, seed)
    begin = size.tcp * 10_000
    for number in range(size.others):
        for order, kind in enumerate(SHORT_KINDS[1:]):
            at = begin + number * 20_000 + order * 6_667
            yield _line(at, kind, number, NOBODY, "161" if "udp" in kind else "443", chance)


def steady(kind: str, to: dict[str, str], size: Size, seed: int) -> Iterator[str]:
    """Write the lines for 100 new processes a second that do one kind of thing."""
    chance = random.Random(seed)
    for number in range(size.tcp):
        yield _line(number * 10_000, kind, number, to, SINK_PORT, chance)


def _line(
    at: int, kind: str, number: int, to: dict[str, str], port: str, chance: random.Random
) -> str:
    family = ("ipv4", "ipv6")[number % 2]
    hops, life = chance.randrange(3), chance.randint(SHORTEST_US, LONGEST_US)
    return f"{at} {hops} {kind}-{number:05} {kind} {to[family]} {port} {life}"


def hard_lives(size: Size, seed: int, where: Place) -> Iterator[str]:
    """Write the lines for the role ``each``: the hard cases, in an order of chance."""
    chance = random.Random(seed)
    lives = [(case, number) for case in HARD_CASES for number in range(size.hard)]
    chance.shuffle(lives)
    for case, number in lives:
        life = chance.randint(SHORTEST_US, LONGEST_US)
        to = {"mapped": f"::ffff:{FAR['ipv4']}", "container": INNER}.get(case, FAR["ipv4"])
        line = f"{case} {case}-{number:05} tcp {to} {SINK_PORT} {life}"
        if case == "container":
            if where.cgroup is None:
                continue
            line += f" {NAMESPACES / where.inner} {where.cgroup}"
        yield line
