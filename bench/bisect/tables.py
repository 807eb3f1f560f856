"""The page of the results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

MEANS = ("seconds", "changes", "total")
HEAD = """\
# Finding a port by mirroring

Made by `make bench-bisect`. Times are seconds; a machine with two cores that had other work to do.

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
with its datapath in user space. Look-alikes a tenth of the suspect's 3 or 10 events a second, and
ordinary traffic by every port. Ports and rates are drawn from one seed.
"""


def page(kept: dict[str, Any]) -> str:
    """Write both tables."""
    return "\n".join([HEAD, *_simulated(kept["simulated"]), LIVE, *_live(kept["live"])]) + "\n"


def _simulated(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield _row("world", "uplink", "runs", "wrong", "refused", "none", "s", "changes", "test s",
               "plain wrong", "plain s")  # fmt: skip
    yield _row(*["---"] * 11)
    for row in rows:
        world = row["world"]
        name = row["name"].removesuffix(", uplink") or (
            f"{world['ports']} ports, {world['rate']:g}/s, look-alikes {100 * world['alike']:.0f} %"
        )
        cells = [
            name,
            "yes" if world["uplink"] else "",
            str(row["runs"]),
            *(f"{100 * row[key]:.1f} %" for key in ("wrong", "first_wrong", "stopped")),
            f"{row['seconds']:.1f}",
            f"{row['changes']:.1f}",
            f"{row['test']:.1f}",
            f"{100 * row['plain_wrong']:.0f} %",
            f"{row['plain_seconds']:.1f}",
        ]
        yield _row(*cells)


def _live(runs: list[dict[str, Any]]) -> Iterator[str]:
    yield _row("switch", "ports", "uplink", "runs", "right", "wrong", "none", "s", "changes",
               "all s", "restored")  # fmt: skip
    yield _row(*["---"] * 11)
    for key in sorted({(run["kind"], run["ports"], run["uplink"]) for run in runs}):
        some = [run for run in runs if (run["kind"], run["ports"], run["uplink"]) == key]
        right = sum(run["found"] == run["truth"] for run in some)
        wrong = sum(run["found"] not in ("", run["truth"]) for run in some)
        means = (
            sum(run[name] for run in some) / len(some) for name in ("seconds", "changes", "total")
        )
        cells = [
            key[0],
            str(key[1]),
            "yes" if key[2] else "",
            str(len(some)),
            str(right),
            str(wrong),
        ]
        cells += [str(len(some) - right - wrong), *(f"{mean:.1f}" for mean in means)]
        cells.append(str(sum(run["restored"] for run in some)))
        yield _row(*cells)
    yield ""
    for because in sorted({run["because"] for run in runs if run["because"]}):
        yield f"- {because}"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"
