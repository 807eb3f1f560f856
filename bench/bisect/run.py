"""Measure the search: simulated by the hundred, and live on the switches of the lab.

Usage: ``python -m bench.bisect.run [--runs 200] [--live 20] [--output FOLDER]``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench.bisect.live import Run, live_runs
from bench.bisect.simulation import World, plain, search
from bench.bisect.tables import page

HARDER = (
    ("look-alikes by other ports", World(alike=0.5, by_ports=True)),
    ("bursts of 20 frames", World(rate=0.05, alike=0.1, burst=20)),
    ("a fifth of frames lost", World(alike=0.1, lost=0.2, cost=2)),
    ("mirrors set by hand, 45 s", World(alike=0.1, cost=45)),
    ("a second source, 0.5 as loud", World(second=0.5)),
    ("by none of the ports", World(alike=0.1, nowhere=True)),
    ("look-alikes twice as many", World(alike=2.0)),
)


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


def worlds() -> Iterator[tuple[str, World]]:
    """Give the worlds of the main table, those with the usual rates first, then the harder ones."""
    usual = [*itertools.product((24, 48), (1.0,), (0.1,))]
    others = itertools.product((24, 48), (0.1, 1.0, 10.0), (0.0, 0.1, 0.5))
    for ports, rate, alike in (*usual, *(one for one in others if one not in usual)):
        for uplink in (False, True):
            yield "", World(ports, rate, alike, uplink=uplink)
    yield from HARDER
    yield from ((f"{name}, uplink", replace(world, uplink=True)) for name, world in HARDER[1:4])


def is_usual(world: World) -> bool:
    """Say whether a world is one that a promise is about."""
    return (world.rate, world.alike, world.burst, world.cost) == (1.0, 0.1, 1, 0.1)


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
    options.add_argument("--live", type=int, default=20, help="of each kind of switch and way")
    options.add_argument("--output", type=Path, default=Path("bench/results"))
    options.add_argument("--seed", type=int, default=20261126)
    chosen = options.parse_args()
    chance = random.Random(chosen.seed)
    runs: list[Run] = []
    for run in live_runs(chosen.live, chance):
        runs.append(run)
        write(chosen.output, [], runs)
    rows: list[Row] = []
    for named in worlds() if chosen.runs else ():
        rows.append(simulated(named, chosen.runs, chosen.others))
        print(rows[-1], flush=True)
        write(chosen.output, rows, [])


def write(folder: Path, rows: Sequence[Row], runs: Sequence[Run]) -> None:
    """Write both as JSON, and the page; what was not measured this time stays."""
    file = folder / "bisect.json"
    kept = json.loads(file.read_text()) if file.exists() else {"simulated": [], "live": []}
    if rows:
        kept["simulated"] = [asdict(row) for row in rows]
    if runs:
        kept["live"] = [asdict(run) for run in runs]
    file.write_text(json.dumps(kept, indent=1) + "\n")
    (folder / "bisect.md").write_text(page(kept))


if __name__ == "__main__":
    main()
