"""Tell every story of the lab many times, each in an office drawn afresh, and judge the answers.

Usage: ``python -m bench.stories.run [--seeds 30] [--first 1000] [--story NAME]… [--variant NAME]…
[--offices 1] [--anew] [--output FOLDER]``. It may be stopped at any time, and goes on where it was:
what was told with the same seed is not told again, except with ``--anew``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

from bench.bisect.tables import at_most

from whence.lab import all_stories
from whence.lab.contract import Outcome
from whence.lab.demo import Played, play, signals_that_clean_up
from whence.lab.telling import Telling
from whence.model import WhenceError

RESULTS = Path(__file__).parents[1] / "results"
PAGE = """\
# The stories of the lab

Made by `make bench-stories SEEDS=30`, which tells each story in each of its variants, in
offices drawn from other seeds; the answers are held against the truth of the office by its judge.
*Partly* is an answer that leaves something out; *wrong* is one that claims what is not so, however
much else is right. *Not told*: the office could not be built. Seconds are those from the commands
to their answers: whence's own, and those that it waits until the traffic happens again; *up* are
those to build the office. A machine with two cores that had other work to do.

| story | variant | offices | completely | partly | wrong | not told | s, median | s, longest | up |
|---|---|---|---|---|---|---|---|---|---|
{rows}

{together}

## What was missing, or wrong

{faults}

## What it stands for

The steps that somebody would take by hand, one after the other:

{steps}
"""


NOT_TOLD = "not told"
Key = tuple[str, str, int]  # story, variant, seed


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
    commit: str = ""  # of the code that told it

    def key(self) -> Key:
        return self.story, self.variant, self.seed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--story", action="append")
    parser.add_argument("--variant", action="append")
    parser.add_argument("--offices", type=int, default=1, help="how many are up at once")
    parser.add_argument("--anew", action="store_true", help="tell again what was told")
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--one", nargs=3, metavar=("STORY", "VARIANT", "SEED"), help="print it")
    options = parser.parse_args()
    if options.one:
        name, variant, seed = options.one
        print(json.dumps(asdict(told(name, variant, int(seed)))))
        return
    file = options.output / "stories.json"
    runs = {run.key(): run for run in read(file)}
    variants = [(name, one) for name, story in all_stories().items() for one in story.variants]
    keys = [  # a seed of its own for each, since offices that are up at once see each other
        (name, variant, options.first + number * len(variants) + place)
        for number in range(options.seeds)  # one of each variant, then another: rows grow alike
        for place, (name, variant) in enumerate(variants)
        if name in (options.story or [name]) and variant in (options.variant or [variant])
    ]
    try:
        for run in side_by_side(
            [key for key in keys if options.anew or key not in runs], options.offices
        ):
            runs[run.key()] = run
            lines = (json.dumps(asdict(runs[key])) for key in sorted(runs))
            file.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    finally:
        write(options.output / "stories.md", read(file))


def side_by_side(keys: list[Key], offices: int) -> Iterator[Run]:
    """Tell stories in processes of their own, so many at once; yield each when it ends."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    ).stdout.strip()
    told_by: set[subprocess.Popen[str]] = set()
    lock, ended = Lock(), False

    def tell(key: Key) -> Run | None:
        words = [sys.executable, "-m", "bench.stories.run", "--one", *map(str, key)]
        name = {"WHENCE_LAB_NAME": f"{key[0][:2]}{key[1][:2]}{key[2]}"}
        with lock:
            if ended:
                return None
            child = subprocess.Popen(words, stdout=subprocess.PIPE, text=True,
                                     env=os.environ | name)  # fmt: skip
            told_by.add(child)
        with child:
            said, _ = child.communicate()
        with lock:
            told_by.discard(child)
        return None if child.returncode else Run(**json.loads(said) | {"commit": commit})

    def end() -> None:
        nonlocal ended
        with lock:
            ended = True
            for child in told_by:
                child.terminate()  # it takes its office down

    with signals_that_clean_up(), ExitStack() as ending:
        pool = ending.enter_context(ThreadPoolExecutor(offices))
        ending.callback(end)
        for done in as_completed([pool.submit(tell, key) for key in keys]):
            if run := done.result():
                yield run


def told(name: str, variant: str, seed: int) -> Run:
    """Tell a story once, and show all of it where something was missing or wrong.

    One that could not be told is a part of nothing.
    """
    story = all_stories()[name]
    shown: list[str] = []
    try:
        with signals_that_clean_up():
            run = judged(name, play(story, Telling(show=shown.append), seed, variant))
    except WhenceError as e:
        run = Run(name, variant, seed, NOT_TOLD, (f"{e}: {e.because}",), (), 0.0, 0.0)
    if run.outcome != Outcome.COMPLETELY:
        print("\n".join(shown), file=sys.stderr)
    faults = "; ".join((*run.false, *run.missing))
    print(f"{name} {variant} {seed}: {run.outcome} {run.seconds:.0f} s {faults}", file=sys.stderr)
    return run


def judged(name: str, played: Played) -> Run:
    found, office = played.judgement, played.office
    return Run(name, office.variant, office.seed, str(found.outcome), found.missing, found.false,
               round(played.told, 1), round(played.up, 1))  # fmt: skip


def read(file: Path) -> list[Run]:
    return [Run(**row) for row in json.loads(file.read_text())] if file.exists() else []


def write(page: Path, runs: list[Run]) -> None:
    """Make the page of what was kept."""
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
    text = PAGE.format(rows="\n".join(rows), steps="\n".join(steps), together=together(runs),
                       faults="\n".join(faults) or "Nothing.")  # fmt: skip
    page.write_text(text)


def together(runs: list[Run]) -> str:
    """Say of all stories together how many were wrong, and by which code they were told."""
    wrong = sum(run.outcome == Outcome.WRONGLY for run in runs)
    bound = 100 * at_most(wrong, len(runs))
    every = Counter(run.commit or "earlier" for run in runs)
    complete = Counter(run.commit or "earlier" for run in runs if run.outcome == Outcome.COMPLETELY)
    shares = ", ".join(f"{code} {complete[code]} of {every[code]}" for code in sorted(every))
    return (
        f"All together: {len(runs)} told, {wrong} wrong; with 95 %, at most {bound:.1f} % are.\n"
        f"Completely, by the code that told them: {shares}."
    )


def row(name: str, variant: str, group: list[Run]) -> str:
    counts = [sum(run.outcome == outcome for run in group) for outcome in (*Outcome, NOT_TOLD)]
    seconds = [run.seconds for run in group]
    up = statistics.median(run.up for run in group)
    times = (f"{statistics.median(seconds):.0f}", f"{max(seconds):.0f}", f"{up:.1f}")
    cells = (name, variant, len(group), *counts, *times)
    return "| " + " | ".join(map(str, cells)) + " |"


if __name__ == "__main__":
    main()
