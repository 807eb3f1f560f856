"""The page of the results."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

from bench.bisect.live import Run, Way, ways
from bench.bisect.simulation import Row

Key = TypeVar("Key", bound=Hashable)
HEAD = """\
# Finding a port by mirroring

Made by `make bench-bisect SEARCHES=200 LIVE=200 OFFICES=8`, which may be stopped and goes on where
it was. Times are seconds; a machine with two cores that had other work to do.

## Simulated

The engine of the product, with a switch that is only simulated; a mirror change takes 0.1 s unless
another time is said. *Wrong* is the share of searches that named a port it was not, after the
control test; *refused*: in which the control test refused the first port; *none*: that named no
port, and said why. With a second source, *wrong* is a search that named the quieter of the two.
*Plain* is bisection that waits 4.6 expected events for anything to be seen, and
has no control test.
"""

LIVE = """
## Live

Real frames on the lab's switches of 24 and 48 ports: a Linux bridge with tc mirrors, Open vSwitch
with its datapath in user space. Each search has a port and traffic of its own seed. The suspect
sends 1 or 10 events a second by chance, or a burst of 10 frames each second, 20 ms apart; each port
sends an ordinary frame a second. *At most* is the upper bound of the share of wrong ports, Wilson's
with 95 %. *Late*: the median of the longest that a frame of a search was sent after its time; where
that is more than some tens of ms, the machine was too busy, and seconds tell more of it than of the
search. *None*: no port was named, and it was said why. Each search is a line of
`bisect-live.jsonl`.
"""
ENGINES = """
By engine, which is the searching code by its content, the oldest first:
"""
COLUMNS = ("runs", "wrong", "at most", "refused", "none", "s", "changes", "all s", "restored",
           "late ms")  # fmt: skip


def page(rows: Sequence[Row], worlds: int, by_engine: Mapping[str, Sequence[Run]]) -> str:
    """Write all tables; ``worlds`` is how many are to be simulated."""
    runs = [run for some in by_engine.values() for run in some]
    missing = [f"\n{len(rows)} of {worlds} worlds so far."] if len(rows) < worlds else []
    return "\n".join([HEAD, *_simulated(rows), *missing, LIVE, *_live(runs, by_engine)]) + "\n"


def at_most(wrong: int, runs: int, z: float = 1.6449) -> float:
    """Give the upper bound of a share, Wilson 1927, one-sided 95 %."""
    if not runs:
        return 1.0
    share, square = wrong / runs, z * z
    middle = share + square / (2 * runs)
    spread = z * math.sqrt(share * (1 - share) / runs + square / (4 * runs * runs))
    return min(1.0, (middle + spread) / (1 + square / runs))


def _simulated(rows: Sequence[Row]) -> Iterator[str]:
    yield _row("world", "uplink", "runs", "wrong", "refused", "none", "s", "changes", "test s",
               "plain wrong", "plain s")  # fmt: skip
    yield _row(*["---"] * 11)
    for row in rows:
        world = row.world
        name = row.name.removesuffix(", uplink") or (
            f"{world.ports} ports, {world.rate:g}/s, look-alikes {100 * world.alike:.0f} %"
        )
        yield _row(
            name,
            "yes" if world.uplink else "",
            str(row.runs),
            *(f"{100 * share:.1f} %" for share in (row.wrong, row.first_wrong, row.stopped)),
            f"{row.seconds:.1f}",
            f"{row.changes:.1f}",
            f"{row.test:.1f}",
            f"{100 * row.plain_wrong:.0f} %",
            f"{row.plain_seconds:.1f}",
        )


def _live(runs: Sequence[Run], by_engine: Mapping[str, Sequence[Run]]) -> Iterator[str]:
    yield "All traffic together:\n"
    yield from _table(runs, ("switch", "ports", "uplink"), _switch)
    yield ENGINES
    yield _row("engine", *COLUMNS)
    yield _row(*["---"] * (1 + len(COLUMNS)))
    for engine, some in by_engine.items():
        yield _row(engine, *_figures(some))
    if mistaken := [(name, run) for name, some in by_engine.items() for run in some
                    if _is_wrong(run)]:  # fmt: skip
        yield "\nA wrong port was named by:\n"
    for name, run in mistaken:
        way = ", ".join(map(str, dataclasses.astuple(run.way)))
        yield (f"- {name}, search {run.number} of ({way}): {run.found} for {run.truth}; frames up "
               f"to {1000 * run.late:.0f} ms late")  # fmt: skip
    yield "\nEach traffic:\n"
    yield from _table(
        runs,
        ("switch", "ports", "uplink", "traffic", "look-alikes"),
        lambda way: (*_switch(way), way.pace, f"{100 * way.alike:.0f} %"),
    )
    reasons = Counter(run.because for run in runs if run.because)
    if reasons:
        yield "\nWhy no port was named:\n"
    for because, times in reasons.most_common():
        yield f"- {times} times: {because}"


def _table(
    runs: Sequence[Run], heads: tuple[str, ...], cells: Callable[[Way], tuple[str, ...]]
) -> Iterator[str]:
    yield _row(*heads, *COLUMNS)
    yield _row(*["---"] * (len(heads) + len(COLUMNS)))
    for key in dict.fromkeys(cells(way) for way in ways()):
        some = [run for run in runs if cells(run.way) == key]
        if some:
            yield _row(*key, *_figures(some))


def _figures(runs: Sequence[Run]) -> Iterator[str]:
    count = len(runs)
    wrong = sum(map(_is_wrong, runs))
    yield str(count)
    yield str(wrong)
    yield f"{100 * at_most(wrong, count):.1f} %"
    yield str(sum(run.first not in ("", run.truth) for run in runs))
    yield str(sum(not run.found for run in runs))
    for mean in (sum(figures) / count for figures in zip(
        *((run.seconds, run.changes, run.total) for run in runs), strict=True
    )):  # fmt: skip
        yield f"{mean:.1f}"
    yield str(sum(run.restored for run in runs))
    yield f"{1000 * sorted(run.late for run in runs)[count // 2]:.0f}"


def _is_wrong(run: Run) -> bool:
    return run.found not in ("", run.truth)


def _switch(way: Way) -> tuple[str, ...]:
    return way.kind, str(way.ports), "yes" if way.uplink else ""


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"
