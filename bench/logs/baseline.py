"""How well unusual hours are found: a synthetic month, with planted events.

For each seed: four weeks to learn from and 35 days that are judged, a series of hourly totals
with a weekly shape and more spread than chance, in which events are planted. Beside the method
of whence, what people use: three standard deviations above the mean of the last four weeks, and
the median of the hour of the week with its MAD.

    .venv/bin/python bench/logs/baseline.py [SEEDS]
"""

from __future__ import annotations

import json
import math
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from whence.analysis.log_baseline import Judgement, judged

HOUR = timedelta(hours=1)
WEEK, LEARNING, JUDGED = 168, 672, 840
MONTH = 720
FIRST_SEED = 1000  # the method was chosen on those below
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
SHAPES = ("office", "night", "flat", "two peaks", "weekend")
FACTORS = (0.0, 1.5, 2.0, 3.0, 9.5)
Flags = list[bool]


def shape(kind: str, hour: int) -> float:
    day, of_day = divmod(hour % WEEK, 24)
    working = day < 5
    match kind:
        case "office":
            return 0.4 + (1.6 if working and 8 <= of_day < 18 else 0.0)
        case "night":
            return 0.6 + (2.5 if of_day in (1, 2) else 0.0)
        case "two peaks":
            return (
                1 + 0.8 * math.exp(-((of_day - 9) ** 2) / 4) + math.exp(-((of_day - 15) ** 2) / 6)
            )
        case "weekend":
            return 1.0 if working else 0.3
        case _:
            return 1.0


def series(chance: random.Random) -> tuple[list[float], list[tuple[int, int, float]]]:
    """Make hourly totals and the events in them: from, until, factor."""
    kind = chance.choice(SHAPES)
    rate = math.exp(chance.uniform(math.log(300), math.log(60_000)))
    spread = chance.uniform(0.03, 0.12)  # of a gamma, beside that of chance
    growth = chance.uniform(-0.0002, 0.0005)  # an hour
    values = []
    for hour in range(LEARNING + JUDGED):
        mean = rate * shape(kind, hour) * math.exp(growth * hour)
        mean *= chance.gammavariate(1 / spread**2, spread**2)
        values.append(float(max(0, round(chance.gauss(mean, math.sqrt(mean))))))
    events = []
    at = LEARNING + chance.randrange(10, 60)
    while at < len(values) - 20:
        length, factor = chance.randrange(1, 9), chance.choice(FACTORS)
        values[at : at + length] = [
            float(round(value * factor)) for value in values[at : at + length]
        ]
        events.append((at, at + length, factor))
        at += length + chance.randrange(60, 160)
    return values, events


def ours(values: list[float]) -> Flags:
    found = judged(values, BEGIN, HOUR)
    return [one.judgement in (Judgement.HIGH, Judgement.LOW) for one in found]


def mean_and_deviation(values: list[float]) -> Flags:
    flags = []
    for at, value in enumerate(values):
        past = values[max(0, at - LEARNING) : at]
        if len(past) < 24:
            flags.append(False)
            continue
        flags.append(abs(value - statistics.fmean(past)) > 3 * statistics.pstdev(past))
    return flags


def median_and_mad(values: list[float]) -> Flags:
    flags = []
    for at, value in enumerate(values):
        past = [values[before] for before in range(at - WEEK, max(-1, at - 5 * WEEK), -WEEK)]
        if len(past) < 3:
            flags.append(False)
            continue
        middle = statistics.median(past)
        mad = 1.4826 * statistics.median(abs(one - middle) for one in past)
        flags.append(abs(value - middle) > 6 * max(mad, math.sqrt(middle + 1)))
    return flags


METHODS: dict[str, Callable[[list[float]], Flags]] = {
    "whence": ours,
    "mean ± 3 sd": mean_and_deviation,
    "hour of week, median/MAD, z 6": median_and_mad,
}


def measure(seeds: int) -> dict[str, dict[str, object]]:
    results = {}
    for name, method in METHODS.items():
        by_factor: dict[float, list[int | None]] = {factor: [] for factor in FACTORS}
        false_hours: list[float] = []
        spent = 0.0
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            values, events = series(random.Random(seed))
            begun = time.process_time()
            flags = method(values)
            spent += time.process_time() - begun
            planted = {hour for begin, end, _ in events for hour in range(begin, end)}
            false_hours.append(
                sum(flags[hour] for hour in range(LEARNING, len(values)) if hour not in planted)
                * MONTH / JUDGED
            )  # fmt: skip
            for begin, end, factor in events:
                delay = next((at - begin for at in range(begin, end) if flags[at]), None)
                by_factor[factor].append(delay)
        results[name] = {
            "found within an hour": {
                f"×{factor:g}" if factor else "silence": round(
                    sum(delay is not None and delay <= 1 for delay in delays) / len(delays), 4
                )
                for factor, delays in by_factor.items()
            },
            "in the first hour": {
                f"×{factor:g}" if factor else "silence": round(
                    sum(delay == 0 for delay in delays) / len(delays), 4
                )
                for factor, delays in by_factor.items()
            },
            "false hours a month, mean": round(statistics.fmean(false_hours), 2),
            "false hours a month, median": statistics.median(false_hours),
            "false hours a month, 95th of 100": round(
                statistics.quantiles(false_hours, n=20)[-1], 2
            ),
            "events": sum(map(len, by_factor.values())),
            "CPU seconds a series": round(spent / seeds, 4),
        }
    return results


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    results = measure(seeds)
    text = json.dumps(
        {"seeds": [FIRST_SEED, FIRST_SEED + seeds - 1], "methods": results},
        indent=2,
        ensure_ascii=False,
    )
    print(text)
    if "--write" in sys.argv:
        Path(__file__).parents[1].joinpath("results", "logs-baseline.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
