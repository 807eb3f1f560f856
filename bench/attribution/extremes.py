"""As much as possible: what a sensor loses, what it costs others, and what it costs itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from bench.attribution import plan, truth
from bench.attribution.kernel import bpf_time_counted, programs
from bench.attribution.methods import Method, WhenceLines
from bench.attribution.place import FAR, NOBODY, SINK_PORT, Place
from bench.attribution.watch import Watched, watched

from whence.model import ATTEMPTED, SensorStatus, Sighting

Cost = dict[str, float]
Did = dict[str, Any]  # what a role of the workload prints of itself

WANTED_RATE = 90_000  # connections a second
FLOODS = 3  # a repeat: the difference is a few percent, and other guests of a host take more
SETTLE_SECONDS = 6.0  # a sensor tells what it has counted at least every five


@dataclass(slots=True)
class Tally:
    """What one process did, and what the sensor said of it."""

    attempted: int
    seconds: float
    reported: int
    sightings: int
    lost: int
    unattributed: int
    cpu_percent: float = 0.0

    @property
    def unaccounted(self) -> int:
        """What was neither reported nor counted as lost; 0 is the only good number."""
        return self.attempted - self.reported - self.lost

    @property
    def rate(self) -> float:
        return self.attempted / self.seconds

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"rate": round(self.rate), "unaccounted": self.unaccounted}


@dataclass(slots=True)
class Pair:
    """The same work without and with the sensor, in turns: what each run did."""

    without: list[Did] = field(default_factory=list)
    beside: list[Did] = field(default_factory=list)

    def ratio(self, per: str) -> float:
        """How much of its speed the work keeps: the median over the turns."""
        pairs = zip(self.without, self.beside, strict=True)
        return round(median(_rate(beside, per) / _rate(bare, per) for bare, beside in pairs), 3)

    def as_json(self) -> dict[str, Any]:
        return {
            "without": [round(_rate(did)) for did in self.without],
            "with": [round(_rate(did)) for did in self.beside],
            "ratio": self.ratio("seconds"),
            "cpu_ratio": self.ratio("cpu_seconds"),
        }


def _rate(did: Did, per: str = "seconds") -> float:
    rate: float = did["attempted"] / did[per]
    return rate


@dataclass(slots=True)
class Extremes:
    """Everything measured here."""

    storm: list[Tally] = field(default_factory=list)
    paced: list[Tally] = field(default_factory=list)
    flood: list[Tally] = field(default_factory=list)
    speed: dict[str, Pair] = field(default_factory=dict)
    costs: dict[str, Cost] = field(default_factory=dict)
    first_answer_seconds: list[float] = field(default_factory=list)
    help_seconds: list[float] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "storm": [each.as_json() for each in self.storm],
            "paced": [each.as_json() for each in self.paced],
            "flood": [each.as_json() for each in self.flood],
            "speed": {name: pair.as_json() for name, pair in self.speed.items()},
            "costs": self.costs,
            "first_answer_seconds": self.first_answer_seconds,
            "help_seconds": self.help_seconds,
        }


def extremes(method: Method, size: plan.Size, where: Place, seed: int) -> Extremes:
    """Measure a sensor of whence at its limits and at rest."""
    found = Extremes(costs=_costs(method, size, where, seed))
    to, length = NOBODY["ipv4"], str(size.seconds)
    half = str(size.seconds / 2)
    for _ in range(size.repeats):
        _compare(found, "storm", method, where, ["storm", to, "443", length, "0", "1"], found.storm)
        for _ in range(FLOODS):
            _compare(found, "flood", method, where, ["flood", to, "161", half], found.flood)
        _compare(found, "processes", method, where, ["processes", to, "443", half])
    paced = ["storm", to, "443", length, str(WANTED_RATE), str(os.cpu_count() or 1)]
    found.paced.append(_tally(method, where, paced)[1])
    return found


def _compare(
    found: Extremes,
    name: str,
    method: Method,
    where: Place,
    role: list[str],
    tallies: list[Tally] | None = None,
) -> None:
    pair = found.speed.setdefault(name, Pair())
    pair.without.append(_work(where, role))
    did, tally = _tally(method, where, role)
    pair.beside.append(did)
    if tallies is not None:
        tallies.append(tally)


def _work(where: Place, role: list[str]) -> Did:
    told: Did = json.loads(where.run(*role))
    if told["failed"]:
        raise RuntimeError(f"{told['failed']} attempts of {role[0]} failed")
    return told


def _tally(method: Method, where: Place, role: list[str]) -> tuple[Did, Tally]:
    lines: list[bytes] = []
    with _beside(method, where, lines.append) as sensor:
        before = sensor.usage()
        did = _work(where, role)
        time.sleep(SETTLE_SECONDS)
        after = sensor.usage()
    read = WhenceLines()
    events = [read.event(line) for line in lines]
    own = [each for each in events if isinstance(each, Sighting) and _is_of(each, did.get("pid"))]
    status = [each for each in events if isinstance(each, SensorStatus)][-1]
    return did, Tally(
        did["attempted"],
        did["seconds"],
        sum(each.count for each in own),
        len(own),
        status.lost,
        status.unattributed,
        round(100 * (after.cpu_seconds - before.cpu_seconds) / did["seconds"], 1),
    )


def _is_of(seen: Sighting, pid: int | None) -> bool:
    to_nobody = seen.flow.destination in NOBODY.values()
    return bool(
        seen.action == ATTEMPTED and to_nobody and seen.maker and seen.maker.process.pid == pid
    )


def _beside(
    method: Method, where: Place, arrived: Callable[[bytes], None]
) -> AbstractContextManager[Watched]:
    return watched(method.start(where), method.ready, arrived, method.stop)


def _costs(method: Method, size: plan.Size, where: Place, seed: int) -> dict[str, Cost]:
    seconds = str(size.tcp / 100)
    works: dict[str, Callable[[], object]] = {
        "at rest": lambda: time.sleep(2 * size.seconds),
        "100 connections a second by one process": lambda: where.run(
            "storm", NOBODY["ipv4"], "443", seconds, "100", "1"
        ),
        "100 connections a second, each by a new process": lambda: truth.run(
            where, "gen", plan.steady("syn", NOBODY, size, seed)
        ),
        "the same, accepted on this machine too": lambda: truth.run(
            where, "gen", plan.steady("tcp", FAR, size, seed)
        ),
    }
    with bpf_time_counted():
        return {name: _cost(method, where, work) for name, work in works.items()}


def _cost(method: Method, where: Place, work: Callable[[], object]) -> Cost:
    others = programs()
    with _beside(method, where, lambda line: None) as sensor:
        time.sleep(1)  # what it found when it started is told by then
        before, began = sensor.usage(), programs()
        work()
        after, ended = sensor.usage(), programs()
    seconds = after.at - before.at
    in_kernel = sum(ended[own] - began.get(own, 0) for own in ended.keys() - others.keys())
    return {
        "cpu_percent": round(100 * (after.cpu_seconds - before.cpu_seconds) / seconds, 2),
        "kernel_percent": round(100 * in_kernel / seconds, 2),
        "memory_mb": round(sensor.peak_bytes / 2**20, 1),
    }


def answers(where: Place, repeats: int) -> tuple[list[float], list[float]]:
    """Measure how long `whence ADDRESS:PORT` takes about a live connection, and `--help`."""
    whence = [sys.executable, "-m", "whence.cli.main"]
    hold = where.inside(str(where.workload), "hold", FAR["ipv4"], SINK_PORT, "3600")
    with subprocess.Popen(hold, stdout=subprocess.PIPE) as held:
        try:
            if held.stdout is None or not held.stdout.readline():
                raise RuntimeError("no connection to ask about")
            ask = where.inside(*whence, f"{FAR['ipv4']}:{SINK_PORT}")
            asked = [_answer(where, ask, str(held.pid)) for _ in range(repeats)]
        finally:
            held.kill()
    return asked, [_answer(where, [*whence, "--help"], "Usage") for _ in range(repeats)]


def _answer(where: Place, command: list[str], wanted: str) -> float:
    """Seconds until the command has said what is wanted."""
    own = os.environ | {"WHENCE_STATE": str(where.folder / "state")}  # not among the user's cases
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=own) as asked:
        said = []
        for line in asked.stdout or ():
            said.append(line)
            if wanted in line:
                took = time.monotonic() - began
                asked.communicate()
                return round(took, 3)
    raise RuntimeError(f"no {wanted} in what {command[-1]} says: {''.join(said)}")
