"""Measure the search: simulated by the hundred, and live on the switches of the lab.

Usage: ``python -m bench.bisect.run [--runs 200] [--live 200 --offices 8] [--until 18:00]``. It may
be stopped at any time and goes on where it was; with --runs 0 --live 0 it writes the page anew.
"""

from __future__ import annotations

import argparse
import itertools
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bench.bisect.kept import ALIKE, append, engine, engines, read
from bench.bisect.live import Run
from bench.bisect.offices import search_all
from bench.bisect.simulation import Row, World, plain, search
from bench.bisect.tables import page

LIVE, SIMULATED = "bisect-live.jsonl", "bisect-simulated.jsonl"
HARDER = (
    ("look-alikes by other ports", World(alike=0.5, by_ports=True)),
    ("bursts of 20 frames", World(rate=0.05, alike=0.1, burst=20)),
    ("bursts of 10, senders stall", World(alike=0.5, burst=10, apart=0.02, stalls=0.1)),
    ("a fifth of frames lost", World(alike=0.1, lost=0.2, cost=2)),
    ("mirrors set by hand, 45 s", World(alike=0.1, cost=45)),
    ("a second source, 0.5 as loud", World(second=0.5)),
    ("by none of the ports", World(alike=0.1, nowhere=True)),
    ("look-alikes twice as many", World(alike=2.0)),
)


def worlds() -> Iterator[tuple[str, World]]:
    """Give the worlds of the table, in its order."""
    usual = [*itertools.product((24, 48), (1.0,), (0.1,))]
    others = itertools.product((24, 48), (0.1, 1.0, 10.0), (0.0, 0.1, 0.5))
    for ports, rate, alike in (*usual, *(one for one in others if one not in usual)):
        for uplink in (False, True):
            yield "", World(ports, rate, alike, uplink=uplink)
    yield from HARDER
    yield from ((f"{name}, uplink", replace(world, uplink=True)) for name, world in HARDER[1:5])


def in_turn(named: tuple[str, World]) -> int:
    """Say when it is a world's turn: first what was promised, then bursts, then what is quick."""
    _, world = named
    return 0 if is_usual(world) else 1 if world.burst > 1 else 3 if world.nowhere else 2


def is_usual(world: World) -> bool:
    """Say whether a world is one that a promise is about."""
    return replace(world, ports=24, uplink=False) == World(alike=0.1)


def simulated(named: tuple[str, World], most: int, others: int) -> Row:
    """Search one world many times."""
    name, world = named
    runs = most if is_usual(world) else min(most, others)
    found = [search(world, 100_003 + run) for run in range(runs)]
    simple = [plain(world, 100_003 + run, 4.6 / world.rate) for run in range(runs)]
    ended = [one for one in found if one.confirmed]
    return Row(
        name,
        world,
        runs,
        _mean([one.found != one.truth for one in found if one.confirmed]) * len(ended) / runs,
        _mean([not one.confirmed for one in found]),
        _mean([one.first not in ("", one.truth) for one in found]),
        _mean([one.seconds for one in found]),
        _mean([float(one.changes) for one in found]),
        _mean([one.total - one.seconds for one in ended]),
        _mean([one.share for one in ended]),
        _mean([truth != port for truth, port, _, _ in simple]),
        _mean([seconds for _, _, seconds, _ in simple]),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, default=200)
    options.add_argument("--others", type=int, default=200, help="runs of the unusual worlds")
    options.add_argument("--live", type=int, default=0, help="searches of each row")
    options.add_argument("--offices", type=int, default=8, help="switches side by side")
    options.add_argument("--until", default="23:59", help="when to stop, as 18:00")
    options.add_argument("--output", type=Path, default=Path("bench/results"))
    chosen = options.parse_args()
    signal.signal(signal.SIGTERM, _stop)
    print("engine", engine(), flush=True)  # as it is now, whatever is edited meanwhile
    until = next_time(chosen.until, datetime.now().astimezone()).timestamp()
    try:
        if chosen.live:
            file = chosen.output / LIVE
            for run in search_all(file, chosen.live, chosen.offices, until):
                print(run, flush=True)
        if chosen.runs:
            simulate(chosen.output / SIMULATED, chosen.runs, chosen.others, until)
    finally:
        write(chosen.output)


def next_time(clock: str, now: datetime) -> datetime:
    """Say when a clock shows a time next: 00:30 of an evening is tomorrow."""
    hour, minute = map(int, clock.split(":"))
    then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return then if then > now else then + timedelta(days=1)


def simulate(file: Path, runs: int, others: int, until: float) -> None:
    """Simulate each world of which there are not so many searches yet, new worlds first."""
    done = {(row.name, row.world, row.runs) for row in read(file, Row, engine())}
    by_any = {(row.name, row.world, row.runs) for row in read(file, Row)}

    def as_done(named: tuple[str, World]) -> tuple[str, World, int]:
        return *named, runs if is_usual(named[1]) else min(runs, others)

    for named in sorted(worlds(), key=lambda named: (as_done(named) in by_any, in_turn(named))):
        if as_done(named) not in done and time.time() < until:
            row = simulated(named, runs, others)
            append(file, row)
            print(row, flush=True)


def write(folder: Path) -> None:
    """Write the page."""
    rows = {(row.name, row.world): row for row in read(folder / SIMULATED, Row)}
    order = [*worlds()]
    shown = sorted(rows.values(), key=lambda row: order.index((row.name, row.world)))
    live = {which: read(folder / LIVE, Run, which) for which in engines(folder / LIVE)}
    text = page(shown, len(order), live)
    made = (f"{number} lines of {name} by the engine {digest}" for name in (SIMULATED, LIVE)
            for digest, number in engines(folder / name).items())  # fmt: skip
    alike = (f" {old} counts as {new}: {why}." for old, (new, why) in ALIKE.items())
    (folder / "bisect.md").write_text(text + "\n" + "; ".join(made) + "." + "".join(alike) + "\n")


def _stop(number: int, _: object) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
