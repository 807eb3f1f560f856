"""Measure whence beside its peers: ``python -m bench.packets.run --full --output FOLDER``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.packets import generate
from bench.packets.measure import Cost, Scales, cut, least, warm
from bench.packets.methods import METHODS, PEERS, Method, filled, version_of
from bench.packets.report import table
from bench.packets.truth import Truth, truth_of

ENOUGH = 120.0  # seconds of one method on one capture, after which it is not run again
PATIENCE = 1800.0  # seconds for one run
TWO_CORES = ("whence reader, all cores", "whence talkers")

Document = dict[str, Any]


def main() -> None:
    options = _options()
    size = "quick" if options.quick else "full"
    shapes = options.shapes or (["quick"] if options.quick else ["day", "million"])
    methods = [each for each in METHODS if _wanted(each, options.only)]
    document: Document = {"circumstances": _circumstances(options, size, methods), "captures": []}
    with _scales(options.folder) as scales:
        peers = _peers(options.folder, methods)
        for shape in shapes:
            one = _measured(shape, methods, scales, peers, options)
            document["captures"].append(one)
    document["circumstances"]["load_after"] = _load()
    options.output.mkdir(parents=True, exist_ok=True)
    _write(options.output / f"packets-{size}.json", json.dumps(document, indent=1) + "\n")
    name = "packets.md" if options.full else "packets-quick.md"
    _write(options.output / name, table(document) + "\n")
    if options.remove:
        generate.remove(options.folder)
        shutil.rmtree(options.folder / "peers", ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.packets.run", description=__doc__)
    how_much = parser.add_mutually_exclusive_group(required=True)
    how_much.add_argument("--quick", action="store_true", help="half a million packets")
    how_much.add_argument("--full", action="store_true", help="a day, and a million flows")
    parser.add_argument("--output", type=Path, required=True, help="a folder for the results")
    parser.add_argument("--folder", type=Path, default=generate.FOLDER, help="for the captures")
    parser.add_argument("--remove", action="store_true", help="remove the captures afterwards")
    parser.add_argument("--seed", type=int, default=generate.SEED)
    parser.add_argument("--shapes", nargs="+", choices=generate.SHAPES, help="only these captures")
    parser.add_argument("--only", nargs="+", default=[], help="only methods with this in the name")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--note", default="", help="what else the machine was doing")
    return parser.parse_args()


def _wanted(method: Method, only: Sequence[str]) -> bool:
    return not only or any(part in method.name for part in only)


def _measured(
    shape: str,
    methods: Sequence[Method],
    scales: Scales,
    peers: Path,
    options: argparse.Namespace,
) -> Document:
    print(f"making {shape} …", file=sys.stderr, flush=True)
    made = generate.capture(shape, options.folder, options.seed)
    truth = truth_of(made)
    warm(made.path)
    here = [method for method in methods if shape in method.shapes]
    tries = [Try(method, made.path, scales, peers) for method in here]
    for number in range(options.repeats):  # in turns, so that a busy moment meets all of them
        for one in tries:
            print(f"{shape}, {number + 1}: {one.method.name} …", file=sys.stderr, flush=True)
            one.run(truth)
    rows = [one.row(truth) for one in tries]
    for one in tries:
        one.clean()
    return {
        "shape": shape,
        "file_bytes": made.path.stat().st_size,
        **{key: value for key, value in made.truth().items() if key != "shape"},
        "times_the_median": round(truth.times),
        "ghosts": len(truth.ghosts),
        "methods": rows,
        "cores": [*_on_cores(methods, made.path, scales, options.repeats)],
    }


class Try:
    """One method on one capture: its runs, and what it said."""

    def __init__(self, method: Method, path: Path, scales: Scales, peers: Path) -> None:
        self.method = method
        self._path = path
        self._scales = scales
        self._part = cut(path, method.part, scales.folder) if method.part else None
        places = {"file": self._part or path, "folder": scales.folder, "python": peers}
        self._steps = filled(method, {name: str(place) for name, place in places.items()})
        self._runs: list[Cost] = []
        self._told: Document = {}
        self._not_run = method.missing() and f"{method.missing()} is not installed"

    def run(self, truth: Truth) -> None:
        """Run it once more, unless it cannot be run or has taken long enough."""
        if self._not_run or sum(cost.wall for cost in self._runs) > ENOUGH:
            return
        try:
            ran = self._scales.weigh(self._steps, patience=PATIENCE)
        except subprocess.TimeoutExpired:
            self._not_run = f"not done after {PATIENCE:.0f} s"
            return
        if ran.status:
            self._not_run = f"status {ran.status}: {_last_line(ran.output)}"
            return
        if not self._runs:
            self._told = self.method.tell(ran.output, truth)
        self._runs.append(ran.cost)

    def row(self, truth: Truth) -> Document:
        """Tell what it took and whether it was right."""
        method = self.method
        about: Document = {"name": method.name, "gives": method.gives, "ours": method.ours}
        if self._not_run:
            return {**about, "not_run": self._not_run}
        cost, told, expected = least(self._runs), self._told, method.expect(truth)
        if method.part:
            cost = cost.scaled(truth.frames / method.part)
            about["measured_packets"] = method.part
        return {
            **about,
            "runs": len(self._runs),
            **_rounded(cost),
            "packets_per_cpu_second": round(truth.frames / cost.cpu),
            "bytes_per_cpu_second": round(self._path.stat().st_size / cost.cpu),
            "told": told,
            "expected": expected,
            "wrong": {
                name: told.get(name) for name in expected if told.get(name) != expected[name]
            },
        }

    def clean(self) -> None:
        """Take the part of the capture away."""
        if self._part:
            self._part.unlink()


def _rounded(cost: Cost) -> dict[str, float]:
    return {"cpu": round(cost.cpu, 3)} | {k: round(v, 3) for k, v in asdict(cost).items()}


def _last_line(output: Path) -> str:
    lines = output.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _on_cores(
    methods: Sequence[Method], path: Path, scales: Scales, repeats: int
) -> Iterator[Document]:
    """Run whence on one core and on two, in turns, and two of it at once on a core each.

    The last says what the machine itself has to give: two that share nothing are slowed down by
    its memory and its caches only, or by a core that is half of one.
    """
    cores = sorted(os.sched_getaffinity(0))
    for method in methods:
        if method.name not in TWO_CORES or len(cores) < 2 or method.missing():
            continue
        steps = filled(method, {"file": str(path), "folder": str(scales.folder)})
        costs: dict[int, list[Cost]] = {1: [], 2: []}
        apart: list[Cost] = []
        for number in (1, 2) * repeats:
            held = ["taskset", "-c", ",".join(map(str, cores[:number]))]
            ran = scales.weigh([[*held, *step] for step in steps], patience=PATIENCE)
            if not ran.status:
                costs[number].append(ran.cost)
            if number == 2:
                ran = scales.weigh([_at_once(steps, cores[:2])], patience=PATIENCE)
                apart.append(ran.cost)
        if not (costs[1] and costs[2]):
            continue
        one, two = least(costs[1]), least(costs[2])
        yield {
            "name": method.name,
            "one": _rounded(one),
            "two": _rounded(two),
            "times": round(one.wall / two.wall, 2),
            "apart": round(len(cores[:2]) * one.wall / least(apart).wall, 2),
        }


def _at_once(steps: Sequence[Sequence[str]], cores: Sequence[int]) -> list[str]:
    """Write a command that does the same on each of these cores, and waits for all."""
    each = (
        " && ".join(shlex.join(["taskset", "-c", str(core), *step]) for step in steps)
        for core in cores
    )
    return ["sh", "-c", " ".join(f"{{ {line}; }} &" for line in each) + " wait"]


@contextmanager
def _scales(folder: Path) -> Iterator[Scales]:
    folder.mkdir(parents=True, exist_ok=True)
    found = generate.compiler()
    if found is None:
        sys.exit("no C compiler: apt-get install gcc libc6-dev")
    with tempfile.TemporaryDirectory(prefix="run-", dir=folder) as place:
        yield Scales(Path(place), found)


def _peers(folder: Path, methods: Sequence[Method]) -> Path:
    """Make an environment with the peers from PyPI, apart from the project's own."""
    python = folder / "peers" / "bin" / "python"
    if python.exists() or not any(method.python for method in methods):
        return python
    venv.create(folder / "peers", with_pip=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, "-r", str(PEERS / "requirements.txt")], check=True)
    return python


def _circumstances(
    options: argparse.Namespace, size: str, methods: Sequence[Method]
) -> Mapping[str, Any]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "kernel": platform.release().partition("-")[0],
        "cores": os.cpu_count(),
        "load_before": _load(),
        "note": options.note,
        "seed": options.seed,
        "repeats": options.repeats,
        "command": f"python -m bench.packets.run --{size} --output bench/results",
        "versions": [found for each in methods if (found := version_of(each))]
        + (PEERS / "requirements.txt").read_text().split(),
    }


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    print(f"wrote {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
