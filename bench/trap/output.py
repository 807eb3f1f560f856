"""Is what trapped runs write told of the right runs, and what does that cost those who write?

    python -m bench.trap.output [--runs 1000] [--json FILE]

As root. Many short runs side by side write a number of their own to both streams; each run has to
have its own number, and nothing else. Then a run writes 100 bytes at a time, and a process that has
nothing to do with the trap makes calls: without a trap, with one, and with --output. Of many bursts
of 1000 calls the quickest counts, so that it matters little who else uses the processors.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from bench.trap.runs import Trap

SCRIPT = "echo out $0; echo err $0 >&2; /bin/echo $0"
FLOOD = """\
import os, time
best = 1
for burst in range({1}):
    began = time.perf_counter()
    for number in range(1000):
        os.write(1, b"a" * 100)
    best = min(best, time.perf_counter() - began)
print(best * 1_000_000, file=open("{0}", "w"))  # ns a write
"""
TURNS = 3
BURSTS = 200


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = Path(shutil.copy("/bin/dash", Path(folder) / "agent"))
        found = {
            "side by side": mixed(program, options.runs),
            "20 runs of 1 MB while whence is stopped": stopped(program),
            **costs(program),
        }
    text = json.dumps(found, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")


@contextmanager
def trapped(program: Path, *options: str) -> Any:
    """Trap it; what was told is added to the list that is given."""
    trap = Trap(program, program.parent / "state", "--no-connections", *options)
    told: list[dict[str, Any]] = []
    try:
        yield told
    finally:
        told += trap.end()


def mixed(program: Path, runs: int) -> dict[str, Any]:
    """Let many runs write at a time."""
    with trapped(program, "--output") as told:
        began = time.monotonic()
        command = f"seq {runs} | xargs -P 16 -n 1 '{program}' -c '{SCRIPT}'"
        subprocess.run(["sh", "-c", command], check=True, capture_output=True)
        took = time.monotonic() - began
        time.sleep(2)
    ended = [one for one in told if one["event"].get("action") == "end"]
    return {
        "runs": runs,
        "told": len(ended),
        "with all of their own output, and no other": sum(map(_is_right, ended)),
        "runs a second": round(runs / took),
        "lost, as the trap says": told[-1]["whence"]["trap"]["lost"],
    }


def _is_right(told: dict[str, Any]) -> bool:
    number = told["process"]["args"][-1]
    output = told["whence"]["run"]["output"]
    return bool(
        output["complete"]
        and output["stdout"].get("text") == f"out {number}\n{number}\n"
        and output["stderr"].get("text") == f"err {number}\n"
    )


def stopped(program: Path) -> dict[str, Any]:
    """Let runs write while nobody reads what the sensor tells, and account for each byte."""
    trap = Trap(program, program.parent / "state", "--no-connections", "--output",
                "--output-bytes", "1M")  # fmt: skip
    trap.process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    for _ in range(20):
        words = [program, "-c", "head -c 1000000 /dev/zero"]
        subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
    took = time.monotonic() - began
    trap.process.send_signal(signal.SIGCONT)
    time.sleep(5)
    ended = [one for one in trap.end() if one["event"].get("action") == "end"]
    streams = [one["whence"]["run"]["output"]["stdout"] for one in ended]
    return {
        "seconds": round(took, 2),
        "bytes written": sum(one["bytes"] for one in streams),
        "kept": sum(one["captured"] for one in streams),
        "lost, as the runs say": sum(one.get("lost", 0) for one in streams),
    }


def costs(program: Path) -> dict[str, Any]:
    """Take the times under each condition, by turns."""
    conditions: dict[str, tuple[str, ...] | None] = {
        "no trap": None, "trap": (), "trap --output": ("--output", "--output-bytes", "1M"),
    }  # fmt: skip
    took: dict[str, dict[str, float]] = {}
    for _ in range(TURNS):
        for condition, options in conditions.items():
            with nullcontext() if options is None else trapped(program, *options):
                for what, nanoseconds in _measure(program):
                    before = took.setdefault(what, {}).get(condition, nanoseconds)
                    took[what][condition] = round(min(before, nanoseconds))
    return {f"{what}, ns": by for what, by in took.items()}


def _measure(program: Path) -> Iterator[tuple[str, float]]:
    yield "a run's write(2) of 100 bytes, of the first 1 MB", _write(program, 10)
    yield "a run's write(2) of 100 bytes, of the first 20 MB", _write(program, BURSTS)
    yield "another process's getppid(2)", _quickest(os.getppid)
    file = os.open(os.devnull, os.O_WRONLY)
    yield "another process's write(2)", _quickest(lambda: os.write(file, b"x"))
    os.close(file)


def _write(program: Path, bursts: int) -> float:
    figure = program.parent / "figure"
    words = ["-c", 'exec "$0" -c "$1"', sys.executable, FLOOD.format(figure, bursts)]
    subprocess.run([program, *words], stdout=subprocess.DEVNULL, check=True)
    return float(figure.read_text())


def _quickest(call: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(BURSTS):
        began = time.perf_counter()
        for _ in range(1000):
            call()
        best = min(best, time.perf_counter() - began)
    return best * 1e6


if __name__ == "__main__":
    main()
