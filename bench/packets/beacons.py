"""How well beacons are found, and how often they are seen where there are none.

    python -m bench.packets.beacons [--seed 1] [--series 20] [--json FILE]

Series of 24 h, and fast ones of an hour, each as one of as many as the crowd has. “sleep” is a
loop that sleeps, so its jitter adds up; “schedule” keeps to the clock. Jitter is the half width of
a uniform distribution, as a share of the period; misses are left out at random; noise are
connections of pure chance to the same destination and port, as a share of the beacon's. Negatives
are what people and chance make. The ordinary day is an office of 200 machines with browsing, mail,
name lookups, file servers, retries and updates, without anything that keeps a period; its false
positives are given per day. A series is judged as one of as many as such a day has, and in the
crowd as one of those: clients of a resolver that ask it eight to twenty times in an hour, of whom
the luckiest do so at even times.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from whence.analysis.beacons import LEAST_EVENTS, merged, regularity

DAY = 86400.0
DAYS = 10
AMONG = 4000  # series with contacts enough, that an ordinary day has
CROWD = 20_000
PERIODS = (60.0, 300.0, 900.0, 3600.0)
HOUR = 3600.0
FAST = (11.0, 12.5, 20.0, 40.0)  # in captures of an hour

Series = list[float]


def beacon(
    chance: random.Random, period: float, jitter: float, misses: float, noise: float, kind: str,
    length: float = DAY,
) -> Series:  # fmt: skip
    times: Series = []
    now = chance.uniform(0, period)
    while now < length:
        shift = chance.uniform(-jitter, jitter) * period
        times.append(now + (shift if kind == "schedule" else 0.0))
        now += period + (shift if kind == "sleep" else 0.0)
    kept = [at for at in times if chance.random() >= misses]
    kept += [chance.uniform(0, length) for _ in range(int(noise * len(times)))]
    return sorted(at for at in kept if 0 <= at < length)


def poisson(chance: random.Random) -> Series:
    rate = 10 ** chance.uniform(0.9, 3.16) / DAY
    return [*arrivals(chance, rate, 0, DAY)]


def arrivals(chance: random.Random, rate: float, begin: float, end: float) -> Iterator[float]:
    now = begin + chance.expovariate(rate)
    while now < end:
        yield now
        now += chance.expovariate(rate)


def office_hours(chance: random.Random) -> Series:
    rate = 10 ** chance.uniform(1, 3) / DAY
    bell = [(hour, max(0.02, 1 - abs(hour - 13) / 5)) for hour in range(24)]
    return [
        at
        for hour, share in bell
        for at in arrivals(chance, 3 * rate * share, hour * 3600, (hour + 1) * 3600)
    ]


def sessions(chance: random.Random) -> Series:
    """People: they come, click for a while with thinking between, and go."""
    times: Series = []
    for _ in range(chance.randint(1, 8)):
        now = chance.uniform(8 * 3600, 18 * 3600)
        think = chance.choice([15, 30, 60])
        for _ in range(chance.randint(4, 60)):
            now += chance.lognormvariate(0, 1) * think
            times.append(now)
    return sorted(at for at in times if at < DAY)


def retries(chance: random.Random) -> Series:
    """Something fails now and then, and is tried again after 1, 2, 4, … times 10 s."""
    times: Series = []
    for _ in range(chance.randint(1, 20)):
        now, wait = chance.uniform(0, DAY), 10.0
        for _ in range(chance.randint(3, 7)):
            times.append(now)
            now += wait * chance.uniform(0.9, 1.1)
            wait *= 2
    return sorted(at for at in times if at < DAY)


NEGATIVES: dict[str, Callable[[random.Random], Series]] = {
    "poisson": poisson,
    "office hours": office_hours,
    "sessions": sessions,
    "retries": retries,
}


def ordinary_day(chance: random.Random, machines: int = 200) -> Iterator[Series]:
    """Yield a series for each (machine, destination, port) of an ordinary day."""
    for _ in range(machines):
        yield from (sessions(chance) for _ in range(chance.randint(5, 25)))  # web sites
        yield office_hours(chance)  # the resolver
        yield office_hours(chance)  # the mail server
        yield sessions(chance)  # the file server
        yield from (retries(chance) for _ in range(chance.randint(0, 3)))
        yield from (poisson(chance) for _ in range(chance.randint(0, 2)))  # push messages


def crowd(chance: random.Random) -> Series:
    """Ask a resolver now and then, for an hour."""
    return sorted(chance.uniform(0, 3600) for _ in range(chance.randint(8, 20)))


def is_found(series: Series, near: float | None = None, among: int = AMONG) -> bool:
    found = regularity(series, among)
    if found is None or near is None:
        return found is not None
    return abs(found[0].seconds - near) <= 0.15 * near


def false_positives(series: Sequence[Series]) -> int:
    among = sum(len(merged(each)) >= LEAST_EVENTS for each in series)
    return sum(is_found(each, among=among) for each in series)


def measure(seed: int, count: int) -> dict[str, object]:
    chance = random.Random(seed)
    cells = [
        (kind, jitter, misses, noise)
        for kind in ("sleep", "schedule")
        for jitter, misses, noise in (
            (0.0, 0.0, 0.0),
            (0.3, 0.0, 0.0),
            (0.5, 0.0, 0.0),
            (0.1, 0.3, 0.0),
            (0.3, 0.2, 0.0),
            (0.3, 0.2, 0.1),
            (0.3, 0.2, 0.2),
            (0.3, 0.2, 0.5),
            (0.1, 0.0, 0.5),
            (0.1, 0.0, 1.0),
        )
    ]
    began = time.process_time()
    found = []
    for kind, jitter, misses, noise in cells:
        rates = {
            f"{period:.0f} s": sum(
                is_found(beacon(chance, period, jitter, misses, noise, kind), period)
                for _ in range(count)
            )
            / count
            for period in PERIODS
        }
        found.append(
            {"kind": kind, "jitter": jitter, "misses": misses, "noise": noise,
             "found": sum(rates.values()) / len(rates), "by_period": rates}
        )  # fmt: skip
    fast = {
        f"{period:g} s": sum(
            is_found(beacon(chance, period, 0.3, 0.2, 0.1, kind, HOUR), period, CROWD)
            for kind in ("sleep", "schedule")
            for _ in range(count)
        )
        / (2 * count)
        for period in FAST
    }
    wrong = {
        name: sum(is_found(make(chance)) for _ in range(10 * count)) / (10 * count)
        for name, make in NEGATIVES.items()
    }
    days = [[*ordinary_day(chance)] for _ in range(DAYS)]
    return {
        "seed": seed,
        "beacons": found,
        "fast": {"jitter": 0.3, "misses": 0.2, "noise": 0.1, "found": fast},
        "negatives": wrong,
        "ordinary_day": {
            "machines": 200,
            "series": sum(map(len, days)) / len(days),
            "false_positives_a_day": sum(map(false_positives, days)) / len(days),
        },
        "crowd": {
            "series": CROWD,
            "false_positives": false_positives([crowd(chance) for _ in range(CROWD)]),
        },
        "cpu_seconds": round(time.process_time() - began, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--series", type=int, default=20, help="for each cell and period")
    parser.add_argument("--json", help="write the figures there")
    given = parser.parse_args()
    result = measure(given.seed, given.series)
    for cell in result["beacons"]:  # type: ignore[attr-defined]
        print(
            f"{cell['kind']:9} jitter {cell['jitter']:.0%} misses {cell['misses']:.0%} "
            f"noise {cell['noise']:.0%}: found {cell['found']:.1%}  {cell['by_period']}"
        )
    print("fast, in an hour:", result["fast"])
    print("negatives:", result["negatives"])
    print("ordinary day:", result["ordinary_day"])
    print("crowd:", result["crowd"])
    print("CPU seconds:", result["cpu_seconds"])
    if given.json:
        Path(given.json).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
