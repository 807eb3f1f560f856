"""Measure the search: simulated by the hundred, and live on the switches of the lab.

Usage: ``python -m bench.bisect.run [--runs 200] [--live 20] [--output bench/results]``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
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
    """Give the worlds of the main table, then the harder ones."""
    for ports, rate, alike in itertools.product((24, 48), (0.1, 1.0, 10.0), (0.0, 0.1, 0.5)):
        for uplink in (False, True):
            yield "", World(ports, rate, alike, uplink=uplink)
    yield from HARDER
    yield from ((f"{name}, uplink", replace(world, uplink=True)) for name, world in HARDER[1:4])


def simulated(named: tuple[str, World], runs: int) -> Row:
    """Search one world many times."""
    name, world = named
    found = [search(world, 100_003 + run) for run in range(runs)]
    simple = [plain(world, 100_003 + run, 4.6 / world.rate) for run in range(runs)]
    mean: Callable[[Sequence[float]], float] = lambda values: sum(values) / max(1, len(values))  # noqa: E731
    ended = [one for one in found if one.confirmed]
    return Row(
        name,
        world,
        runs,
        mean([one.found != one.truth for one in found if one.confirmed]) * len(ended) / runs,
        mean([not one.confirmed for one in found]),
        mean([one.first not in ("", one.truth) for one in found]),
        mean([one.seconds for one in found]),
        mean([float(one.changes) for one in found]),
        mean([one.total - one.seconds for one in ended]),
        mean([one.share for one in ended]),
        mean([truth != port for truth, port, _, _ in simple]),
        mean([seconds for _, _, seconds, _ in simple]),
    )


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, default=200)
    options.add_argument("--live", type=int, default=20, help="of each kind of switch and way")
    options.add_argument("--output", type=Path, default=Path("bench/results"))
    options.add_argument("--processes", type=int, default=1)
    chosen = options.parse_args()
    began = time.monotonic()
    with ProcessPoolExecutor(chosen.processes) as pool:
        rows = [*pool.map(partial(simulated, runs=chosen.runs), worlds())] if chosen.runs else []
    print(f"simulated in {time.monotonic() - began:.0f} s", flush=True)
    runs = [*live_runs(chosen.live, random.Random(20261126), Path(tempfile.gettempdir()))]
    write(chosen.output, rows, runs)


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
