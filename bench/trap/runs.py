"""Does a trap see every run, and what does it cost those who run the program?

    python -m bench.trap.runs [--runs 1000] [--timed 2000] [--pause SECONDS] [--ahead] [--json FILE]

As root. A program of our own is run by many callers, each run with a number of its own; the trap
has to tell of each number once, with the caller that ran it. Then two copies of the program, one
trapped and one not, are run in turns by one process, and the time of each run is taken. With
--ahead both run before all ordinary work (SCHED_RR, as the sensor does), so that a machine that has
other work to do tells about the same as a quiet one. What --output costs those who write, and
everybody else, is measured by bench/trap/output.py.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

WHENCE = str(Path(sys.executable).with_name("whence"))

PYTHON = """\
import subprocess, sys
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    subprocess.run([sys.argv[1], "python", str(number)], check=True)
"""
THREADS = """\
import subprocess, sys
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda n: subprocess.run([sys.argv[1], "threads", str(n)], check=True),
                  range(int(sys.argv[2]), int(sys.argv[3]))))
"""
CALLERS = {  # how each runs the program {0} with the numbers from {1} up to {2}
    "sh": ["sh", "-c", 'n={1}; while [ $n -lt {2} ]; do "{0}" sh $n; n=$((n+1)); done'],
    "exec": ["sh", "-c", 'n={1}; while [ $n -lt {2} ]; do (exec "{0}" exec $n); n=$((n+1)); done'],
    "cron": ["sh", "-c", 'n={1}; while [ $n -lt {2} ]; do setsid sh -c "{0} cron $n; :"; '
             "n=$((n+1)); done"],
    "xargs": ["sh", "-c", "seq {1} $(({2}-1)) | xargs -P 8 -n 1 {0} xargs"],
    "env": ["sh", "-c", 'n={1}; while [ $n -lt {2} ]; do env A=1 "{0}" env $n; n=$((n+1)); done'],
    "python": [sys.executable, "-c", PYTHON, "{0}", "{1}", "{2}"],
    "threads": [sys.executable, "-c", THREADS, "{0}", "{1}", "{2}"],
}  # fmt: skip

HOW = {
    "the kernel asks": (),
    "the kernel asks, with --output": ("--output",),
    "by a shim (--script)": ("--script",),
}


class Trap:
    """``whence trap PROGRAM --json``, once it is set."""

    def __init__(self, program: Path, state: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [WHENCE, "trap", str(program), "--json", *options],
            env=os.environ | {"WHENCE_STATE": str(state)},
            stdout=(state.parent / "told").open("w"), stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._told = state.parent / "told"
        assert self.process.stderr
        for line in self.process.stderr:
            if line.startswith("waiting for runs"):
                return
        raise SystemExit("the trap was not set")

    def end(self) -> list[dict[str, Any]]:
        """End it, and give what it told."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        return [json.loads(line) for line in self._told.read_text().splitlines()]


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--timed", type=int, default=2000)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between two runs")
    parser.add_argument("--ahead", action="store_true", help="run before all ordinary work")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _use_a_dpkg_of_our_own(Path(folder) / "dpkg")
        program = Path(folder) / "trapped"
        shutil.copy("/bin/true", program)
        untrapped = shutil.copy("/bin/true", Path(folder) / "untrapped")
        state = Path(folder) / "state"
        found = {"seen": seen(program, state, options.runs)}
        for name, how in HOW.items():
            found[name] = timed(program, untrapped, state, options, *how)
    text = json.dumps(found, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")


def seen(program: Path, state: Path, runs: int) -> dict[str, Any]:
    """Let all callers run it side by side, and compare what was run with what was told."""
    trap = Trap(program, state)
    each = runs // len(CALLERS)
    began = time.monotonic()
    callers = []
    wanted: set[tuple[str, str]] = set()
    for at, (name, command) in enumerate(CALLERS.items()):
        first = at * each
        last = runs if at == len(CALLERS) - 1 else first + each
        wanted |= {(name, str(number)) for number in range(first, last)}
        words = [
            word.replace("{0}", str(program)).replace("{1}", str(first)).replace("{2}", str(last))
            for word in command
        ]
        callers.append(subprocess.Popen(words))
    assert not any(caller.wait() for caller in callers)
    took = time.monotonic() - began
    time.sleep(2)
    told = trap.end()
    ended = [one for one in told if one["event"].get("action") == "end"]
    numbers = Counter(tuple(one["process"].get("args", [])[1:3]) for one in ended)
    pids = {caller.pid: name for caller, name in zip(callers, CALLERS, strict=True)}
    return {
        "callers": len(CALLERS),
        "runs": len(wanted),
        "told": len(ended),
        "missed": len(wanted - set(numbers)),
        "without arguments": numbers[()],
        "told twice": sum(count - 1 for count in numbers.values()),
        "with its caller in the chain": sum(_caller(one, pids) for one in ended),
        "with exit status and duration": sum(
            one["process"].get("exit_code") == 0 and "duration" in one["event"] for one in ended
        ),
        "runs a second": round(len(wanted) / took),
        "lost, as the trap says": told[-1]["whence"]["trap"]["lost"],
    }


def _use_a_dpkg_of_our_own(folder: Path) -> None:
    """Let diversions be noted somewhere else than where this machine has them."""
    for name in ("info", "updates", "triggers"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    os.environ["DPKG_ADMINDIR"] = str(folder)


def _caller(told: dict[str, Any], pids: dict[int, str]) -> bool:
    """Say whether the process that ran it is among the ancestors."""
    name = told["process"].get("args", ["", ""])[1]
    process = told["process"]
    while process := process.get("parent", {}):
        if process["pid"] in pids:
            return pids[process["pid"]] == name
    return False


def timed(
    program: Path, untrapped: Path, state: Path, options: argparse.Namespace, *how: str
) -> dict[str, Any]:
    """Run a trapped and an untrapped copy in turns."""
    trap = Trap(program, state, "--no-connections", *how)
    took: dict[str, list[float]] = {"untrapped": [], "trapped": []}
    runs = options.timed
    if options.ahead:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    for _ in range(runs):
        for name, path in (("untrapped", untrapped), ("trapped", program)):
            time.sleep(options.pause)
            began = time.perf_counter()
            os.waitpid(os.posix_spawn(path, [name], {}), 0)
            took[name].append(time.perf_counter() - began)
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    told = trap.end()[-1]["whence"]["trap"]
    if told["runs"] + sum(told["lost"].values()) < runs:
        raise SystemExit(f"the trap ended before the {runs} runs did: {told['sentence']}")
    more = [with_ - without for with_, without in zip(took["trapped"], took["untrapped"],
                                                      strict=True)]  # fmt: skip
    return {
        **{name: _spread(values) for name, values in took.items()},
        "more, in pairs": _spread(more),
    }


def _spread(values: list[float]) -> dict[str, float]:
    values = sorted(values)
    return {
        "mean ms": round(statistics.fmean(values) * 1000, 3),
        "median ms": round(statistics.median(values) * 1000, 3),
        "p99 ms": round(values[int(len(values) * 0.99)] * 1000, 3),
    }


if __name__ == "__main__":
    main()
