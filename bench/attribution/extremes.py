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
from bench.attribution.methods import Method
from bench.attribution.place import FAR, NOBODY, SINK_PORT, Place
from bench.attribution.watch import Watched, watched

WANTED_RATE = 90_000  # connections a second
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
    """The same work without and with the sensor, as rates a second, one pair per repeat."""

    without: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """How much of its speed the work keeps: the median over the repeats."""
        return median(b / w for w, b in zip(self.without, self.beside, strict=True))

    def as_json(self) -> dict[str, Any]:
        return {
            "without": [round(rate) for rate in self.without],
            "with": [round(rate) for rate in self.beside],
            "ratio": round(self.ratio, 3),
        }


@dataclass(slots=True)
class Extremes:
    """Everything measured here."""

    storm: list[Tally] = field(default_factory=list)
    paced: list[Tally] = field(default_factory=list)
    flood: list[Tally] = field(default_factory=list)
    speed: dict[str, Pair] = field(default_factory=dict)
    idle: dict[str, float] = field(default_factory=dict)
    hundred: dict[str, float] = field(default_factory=dict)
    first_answer_seconds: list[float] = field(default_factory=list)
    help_seconds: list[float] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "storm": [each.as_json() for each in self.storm],
            "paced": [each.as_json() for each in self.paced],
            "flood": [each.as_json() for each in self.flood],
            "speed": {name: pair.as_json() for name, pair in self.speed.items()},
            "idle": self.idle,
            "hundred_a_second": self.hundred,
            "first_answer_seconds": self.first_answer_seconds,
            "help_seconds": self.help_seconds,
        }


def extremes(method: Method, size: plan.Size, where: Place, seed: int) -> Extremes:
    """Measure a sensor of whence at its limits and at rest."""
    found = Extremes(
        idle=_at_rest(method, size, where), hundred=_hundred(method, size, where, seed)
    )
    to, length = NOBODY["ipv4"], str(size.seconds)
    half = str(size.seconds / 2)
    for _ in range(size.repeats):
        _compare(found, "storm", method, where, ["storm", to, "443", length, "0", "1"], found.storm)
        _compare(found, "flood", method, where, ["flood", to, "161", half], found.flood)
        _compare(found, "processes", method, where, ["processes", to, "443", half], None)
    paced = ["storm", to, "443", length, str(WANTED_RATE), str(os.cpu_count() or 1)]
    found.paced.append(_tally(method, where, paced))
    return found


def _compare(
    found: Extremes,
    name: str,
    method: Method,
    where: Place,
    role: list[str],
    tallies: list[Tally] | None,
) -> None:
    pair = found.speed.setdefault(name, Pair())
    bare = _work(where, role)
    pair.without.append(bare["attempted"] / bare["seconds"])
    beside = _tally(method, where, role)
    pair.beside.append(beside.rate)
    if tallies is not None:
        tallies.append(beside)


def _work(where: Place, role: list[str]) -> dict[str, Any]:
    done = subprocess.run(
        where.inside(str(where.workload), *role),
        stdout=subprocess.PIPE,
        check=True,
        env={"PATH": os.environ["PATH"], "BENCH_WORKLOAD": str(where.workload)},
    )
    told: dict[str, Any] = json.loads(done.stdout)
    if told["failed"]:
        raise RuntimeError(f"{told['failed']} attempts of {role[0]} failed")
    return told


def _tally(method: Method, where: Place, role: list[str]) -> Tally:
    lines: list[bytes] = []
    with _beside(method, where, lines.append) as sensor:
        before = sensor.usage()
        did = _work(where, role)
        time.sleep(SETTLE_SECONDS)
        after = sensor.usage()
    documents = [json.loads(line) for line in lines]
    own = [each for each in documents if _is_of(each, did.get("pid"))]
    status = [each["whence"] for each in documents if each["event"]["action"] == "sensor-status"]
    return Tally(
        did["attempted"],
        did["seconds"],
        sum(each["whence"]["count"] for each in own),
        len(own),
        status[-1]["lost"],
        status[-1]["unattributed"],
        round(100 * (after.cpu_seconds - before.cpu_seconds) / did["seconds"], 1),
    )


def _is_of(document: dict[str, Any], pid: int | None) -> bool:
    attempted: bool = document["event"]["action"] == "connection-attempted"
    to_nobody = document.get("destination", {}).get("ip") in NOBODY.values()
    return attempted and to_nobody and document.get("process", {}).get("pid") == pid


def _beside(
    method: Method, where: Place, arrived: Callable[[bytes], None]
) -> AbstractContextManager[Watched]:
    return watched(method.start(where), method.ready, arrived, method.stop)


def _cost(method: Method, where: Place, work: Callable[[], object]) -> dict[str, float]:
    with _beside(method, where, lambda line: None) as sensor:
        before = sensor.usage()
        work()
        after = sensor.usage()
    used = 100 * (after.cpu_seconds - before.cpu_seconds) / (after.at - before.at)
    return {"cpu_percent": round(used, 2), "memory_mb": round(sensor.peak_bytes / 2**20, 1)}


def _at_rest(method: Method, size: plan.Size, where: Place) -> dict[str, float]:
    return _cost(method, where, lambda: time.sleep(2 * size.seconds))


def _hundred(method: Method, size: plan.Size, where: Place, seed: int) -> dict[str, float]:
    only_tcp = plan.Size(tcp=size.tcp, others=0, long=0)
    lines = [*plan.short_lives(only_tcp, seed)]
    environment = {"PATH": os.environ["PATH"]}
    return _cost(method, where, lambda: truth.run(where, "gen", lines, environment))


def answers(where: Place, repeats: int) -> tuple[list[float], list[float]]:
    """Measure how long `whence ADDRESS:PORT` takes about a live connection, and `--help`."""
    whence = [sys.executable, "-m", "whence.cli.main"]
    hold = where.inside(str(where.workload), "hold", FAR["ipv4"], SINK_PORT, "3600")
    with subprocess.Popen(hold, stdout=subprocess.PIPE) as held:
        try:
            if held.stdout is None or not held.stdout.readline():
                raise RuntimeError("no connection to ask about")
            ask = where.inside(*whence, f"{FAR['ipv4']}:{SINK_PORT}")
            asked = [_answer(ask, str(held.pid)) for _ in range(repeats)]
        finally:
            held.kill()
    return asked, [_answer([*whence, "--help"], "") for _ in range(repeats)]


def _answer(command: list[str], wanted: str) -> float:
    """Seconds until the command has ended and has said what is wanted."""
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    took = time.monotonic() - began
    if wanted not in done.stdout:
        raise RuntimeError(f"no such answer from {command[-1]}: {done.stdout}{done.stderr}")
    return round(took, 3)
