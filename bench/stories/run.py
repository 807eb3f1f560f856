"""Tell every story of the lab many times, each in an office drawn afresh, and judge the answers.

Usage: ``python -m bench.stories.run [--seeds 30] [--first 1000] [--story NAME]… [--variant NAME]…
[--output FOLDER]``. Rows of stories and variants that were not told keep what an earlier run found.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from whence.lab import all_stories
from whence.lab.contract import Outcome
from whence.lab.demo import Played, play, signals_that_clean_up
from whence.lab.telling import Telling
from whence.model import WhenceError

RESULTS = Path(__file__).parents[1] / "results"
PAGE = """\
# The stories of the lab

Made by `make bench-stories SEEDS={seeds}`, which tells each story in each of its variants, in
offices drawn from other seeds; the answers are held against the truth of the office by its judge.
*Partly* is an answer that leaves something out; *wrong* is one that claims what is not so, however
much else is right. Seconds are those from the commands to their answers: whence's own, and those
that it waits until the traffic happens again. A machine with two cores that had other work to do.

| story | variant | offices | completely | partly | wrong | s, median | s, longest | office up, s |
|---|---|---|---|---|---|---|---|---|
{rows}

## What was missing, or wrong

{faults}

## What it stands for

The steps that somebody would take by hand, one after the other:

{steps}
"""


@dataclass(frozen=True)
class Run:
    """A story that was told."""

    story: str
    variant: str
    seed: int
    outcome: str
    missing: tuple[str, ...]
    false: tuple[str, ...]
    seconds: float
    up: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--story", action="append")
    parser.add_argument("--variant", action="append")
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    file = options.output / "stories.json"
    before = [Run(**row) for row in json.loads(file.read_text())] if file.exists() else []
    runs: list[Run] = []
    with signals_that_clean_up():
        for name, story in all_stories().items():
            for variant in story.variants:
                if name not in (options.story or [name]):
                    continue
                if variant not in (options.variant or [variant]):
                    continue
                for seed in range(options.first, options.first + options.seeds):
                    runs.append(told(name, variant, seed))
                    keep(file, before, runs)
    write(options.output / "stories.md", file, options.seeds)


def told(name: str, variant: str, seed: int) -> Run:
    """Tell a story once; one that could not be told is a part of nothing."""
    story = all_stories()[name]
    try:
        run = judged(name, play(story, Telling(show=lambda _: None), seed, variant))
    except WhenceError as e:
        run = Run(name, variant, seed, "not told", (f"{e}: {e.because}",), (), 0.0, 0.0)
    faults = "; ".join((*run.false, *run.missing))
    print(f"{name} {variant} {seed}: {run.outcome} {run.seconds:.0f} s {faults}", file=sys.stderr)
    return run


def judged(name: str, played: Played) -> Run:
    found, office = played.judgement, played.office
    return Run(name, office.variant, office.seed, str(found.outcome), found.missing, found.false,
               round(played.told, 1), round(played.up, 1))  # fmt: skip


def keep(file: Path, before: list[Run], runs: list[Run]) -> None:
    """Write down what is known by now; a run of many hours may be stopped."""
    new = {(run.story, run.variant) for run in runs}
    rows = [*(run for run in before if (run.story, run.variant) not in new), *runs]
    file.write_text("[\n" + ",\n".join(json.dumps(asdict(run)) for run in rows) + "\n]\n")


def write(page: Path, file: Path, seeds: int) -> None:
    """Make the page of what was kept."""
    runs = [Run(**row) for row in json.loads(file.read_text())]
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.story, run.variant), []).append(run)
    rows = [row(name, variant, group) for (name, variant), group in sorted(groups.items())]
    faults = [
        f"- {run.story}, {run.variant}, seed {run.seed}: {'; '.join((*run.false, *run.missing))}"
        for run in runs
        if run.outcome != Outcome.COMPLETELY
    ]
    told = {run.story for run in runs}
    steps = [
        f"- **{name}**, {len(story.by_hand)}: {'; '.join(story.by_hand)}."
        for name, story in all_stories().items()
        if name in told
    ]
    text = PAGE.format(seeds=seeds, rows="\n".join(rows), steps="\n".join(steps),
                       faults="\n".join(faults) or "Nothing.")  # fmt: skip
    page.write_text(text)


def row(name: str, variant: str, group: list[Run]) -> str:
    counts = [sum(run.outcome == outcome for run in group) for outcome in Outcome]
    seconds = [run.seconds for run in group]
    up = statistics.median(run.up for run in group)
    times = (f"{statistics.median(seconds):.0f}", f"{max(seconds):.0f}", f"{up:.1f}")
    cells = (name, variant, len(group), *counts, *times)
    return "| " + " | ".join(map(str, cells)) + " |"


if __name__ == "__main__":
    main()
