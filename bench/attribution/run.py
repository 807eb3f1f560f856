"""Measure whence beside its peers: ``python -m bench.attribution.run --full --output FOLDER``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.attribution import plan
from bench.attribution.compare import Result, compare
from bench.attribution.extremes import Extremes, answers, extremes
from bench.attribution.methods import METHODS, OURS, Method
from bench.attribution.place import place
from bench.attribution.report import table


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is removed
    size = plan.QUICK if options.quick else plan.FULL
    mode = "quick" if options.quick else "full"
    methods = [each for each in METHODS if _wanted(each, options)]
    about = _circumstances(options, mode, methods)
    results = [_run(method, size, options.seed) for method in methods]
    measured = None if options.without_extremes else _extremes(size, options.seed)
    about["load_after"] = _load()
    document = {
        "circumstances": about,
        "methods": [each.as_json() for each in results],
        **({"extremes": measured.as_json()} if measured else {}),
    }
    options.output.mkdir(parents=True, exist_ok=True)
    _write(options.output / f"attribution-{mode}.json", json.dumps(document, indent=1) + "\n")
    name = "attribution.md" if options.full else f"attribution-{mode}.md"
    _write(options.output / name, table(document) + "\n")
    if any(each.not_run for each in results if each.method == OURS[0].name):
        sys.exit(1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.attribution.run", description=__doc__)
    how_much = parser.add_mutually_exclusive_group(required=True)
    how_much.add_argument("--quick", action="store_true", help="less than 90 s, few methods")
    how_much.add_argument("--full", action="store_true", help="everything; about 15 minutes")
    parser.add_argument("--output", type=Path, required=True, help="a folder for the results")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--only", nargs="+", default=[], help="only methods with this in the name")
    parser.add_argument("--without-extremes", action="store_true", help="leave out the storms")
    parser.add_argument("--note", default="", help="what else the machine was doing")
    return parser.parse_args()


def _wanted(method: Method, options: argparse.Namespace) -> bool:
    if options.only:
        return any(part in method.name for part in options.only)
    return method.quick or options.full


def _run(method: Method, size: plan.Size, seed: int) -> Result:
    print(f"{method.name} …", file=sys.stderr, flush=True)
    with place() as where:  # a new one each: nothing is left over from the method before
        return compare(method, size, where, seed)


def _extremes(size: plan.Size, seed: int) -> Extremes | None:
    print("extremes …", file=sys.stderr, flush=True)
    with place() as where:
        found = extremes(OURS[0], size, where, seed)
        asked, helped = answers(where, 3 * size.repeats)
        found.first_answer_seconds, found.help_seconds = asked, helped
        return found


def _circumstances(
    options: argparse.Namespace, mode: str, methods: Iterable[Method]
) -> dict[str, Any]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "kernel": platform.release().partition("-")[0],
        "cores": os.cpu_count(),
        "load_before": _load(),
        "note": options.note,
        "seed": options.seed,
        "command": f"python -m bench.attribution.run --{mode} --output bench/results",
        "versions": {each.name: _version(each) for each in methods},
    }


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def _version(method: Method) -> str:
    if method.missing():
        return f"{method.name}: none"
    told = subprocess.run(method.version, capture_output=True, text=True, check=False)
    first = (told.stdout + told.stderr).strip().splitlines()[:1]
    return f"{method.name}: {first[0] if first else 'unknown'}"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    print(f"wrote {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
