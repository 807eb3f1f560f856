"""How well are increases explained? ``python -m bench.logs.scenarios --seeds 1000 300``.

Random nights of ``generator/scenarios.py``, each with one to four causes that are known. A cause
is found if the lines of one pattern are its lines (F1 of both shares); the truth is looked at only
to judge.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
from bench.logs.generator.scenarios import Scenario, scenario

from whence.analysis._log_interval import Interval
from whence.analysis.log_increase import Increase, increase


@dataclass(frozen=True, slots=True)
class Score:
    """What one scenario gave."""

    seed: int
    causes: tuple[str, ...]
    f1: tuple[float, ...]  # of each cause
    patterns: int
    covered: float  # share of the increase that patterns explain
    foreign: float  # share of the patterns' lines that belong to no cause
    silent: bool | None  # whether the host that went silent was told of; None: there was none
    rows: int
    cpu_s: float
    shares: float


def judged(seed: int, usual: int) -> Score:
    """Make a scenario, have it explained, and compare."""
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute("SET enable_progress_bar = false")
    made = scenario(connection, seed, usual)
    begin = time.process_time()
    told = increase(connection, Interval(*made.window), [Interval(*made.reference)])
    used = time.process_time() - begin
    score = _score(connection, made, told, seed, used)
    connection.close()
    return score


def _score(
    connection: duckdb.DuckDBPyConnection, made: Scenario, told: Increase, seed: int, used: float
) -> Score:
    when = "".join(f" WHEN {part.where} THEN {n}" for n, part in enumerate(told.more))
    label = f"CASE{when} END" if when else "NULL"
    rows = connection.execute(
        f"""SELECT cause, {label} AS part, sum(weight)::BIGINT FROM logs
        WHERE {told.window.sql()} GROUP BY ALL"""
    ).fetchall()
    count = {(cause, part): number for cause, part, number in rows}
    parts = range(len(told.more))
    of_part = {p: sum(n for (_, part), n in count.items() if part == p) for p in parts}
    found = []
    for cause in made.causes:
        whole = sum(n for (name, _), n in count.items() if name == cause)
        both = [2 * count.get((cause, p), 0) / (whole + of_part[p]) for p in parts]
        found.append(max(both, default=0.0))
    strangers = sum(count.get((None, p), 0) for p in parts)
    silent = None
    if made.silent:
        silent = any(host == made.silent for host, *_ in told.quiet)
    shares = sum(part.share for part in told.more)
    return Score(
        seed, made.causes, tuple(round(f1, 4) for f1 in found), len(told.more),
        round(shares, 4), round(strangers / max(1, sum(of_part.values())), 4), silent, made.rows,
        round(used, 3), round(shares + told.rest, 6),
    )  # fmt: skip


def summary(scores: list[Score]) -> dict[str, object]:
    """Say what all scenarios gave together."""
    every = [f1 for score in scores for f1 in score.f1]
    silent = [score.silent for score in scores if score.silent is not None]
    return {
        "scenarios": len(scores),
        "causes": len(every),
        "mean F1": round(sum(every) / len(every), 4),
        "scenarios with every F1 >= 0.9": sum(min(s.f1) >= 0.9 for s in scores),
        "scenarios with >= 95 % of the increase covered": sum(s.covered >= 0.95 for s in scores),
        "scenarios with more patterns than causes + 1": sum(
            s.patterns > len(s.causes) + 1 for s in scores
        ),
        "patterns per cause": round(sum(s.patterns for s in scores) / len(every), 3),
        "most foreign lines": max(s.foreign for s in scores),
        "silent hosts told of": f"{sum(silent)} of {len(silent)}",
        "CPU s, mean": round(sum(s.cpu_s for s in scores) / len(scores), 3),
        "rows, mean": sum(s.rows for s in scores) // len(scores),
    }


def main() -> None:
    """Judge many scenarios, and write down what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", nargs=2, type=int, default=(1000, 300), metavar=("FIRST", "N"))
    parser.add_argument("--usual", type=int, default=8_000, help="usual rows of either time")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    first, count = asked.seeds
    scores = []
    for seed in range(first, first + count):
        scores.append(judged(seed, asked.usual))
        bad = min(scores[-1].f1) < 0.9 or scores[-1].covered < 0.95
        if bad or scores[-1].foreign > 0.05 or scores[-1].patterns > len(scores[-1].causes) + 1:
            print(scores[-1], flush=True)
    found = summary(scores)
    for name, value in found.items():
        print(f"{name}: {value}")
    if asked.json:
        text = json.dumps({"summary": found, "scores": [asdict(s) for s in scores]}, indent=1)
        asked.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
