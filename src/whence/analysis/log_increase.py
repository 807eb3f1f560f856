"""What makes up the difference between the lines of one time and those of another."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from whence.analysis._log_dimensions import BY_NAME, DIMENSIONS
from whence.analysis._log_interval import Interval, quoted
from whence.analysis._log_leaves import summed
from whence.analysis._log_search import Leaf, Pattern, deviance, search

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TOLD = 5  # values of an attribute that are told apart
CLEAR = 10.0  # deviance of a host's kind of line that is more than chance
SEVERAL, HARDLY = 20, 0.05  # events that are usual of a host, and the share that is silence
HALF = 0.5  # what fell less than to this share of its usual lines is no decrease


@dataclass(frozen=True, slots=True)
class Part:
    """A pattern, and its share of the increase (or of the decrease, if it is one)."""

    attributes: Mapping[str, tuple[str, ...]]  # without those that others imply
    now: float  # events in the window; a line may stand for several
    usual: float  # events that the reference leads to expect
    share: float  # of the whole increase, or decrease
    made_of: Mapping[str, tuple[tuple[str, float], ...]]  # attribute → values with their shares

    @property
    def delta(self) -> float:
        """Say how many events it has more than usual; less than 0 where it has fewer."""
        return self.now - self.usual

    @property
    def where(self) -> str:
        """Write the condition of SQL, over the columns of LOGS, that its lines meet."""
        return " AND ".join(
            condition(name, values, BY_NAME[_end_of(name)].sql)
            for name, values in self.attributes.items()
        )

    def of_end(self, end: str, column: str) -> str | None:
        """Write the condition that a column holds this end of it; None if it has none."""
        for name in (end, f"{end}_network", f"{end}_region"):
            if values := self.attributes.get(name):
                return condition(name, values, column)
        return None

    @property
    def combos_where(self) -> str:
        """Write the same condition over the columns of ``log_combos``."""
        return " AND ".join(
            condition(name, values, f'"{_end_of(name)}"')
            for name, values in self.attributes.items()
        )


@dataclass(frozen=True, slots=True)
class Increase:
    """How the lines of a window differ from those of its reference, and by what.

    The shares of ``more`` and that of the ``rest`` add up to 1.
    """

    window: Interval
    reference: tuple[Interval, ...]
    now: float
    usual: float
    more: tuple[Part, ...]
    less: tuple[Part, ...]
    quiet: tuple[tuple[str, float, float], ...]  # hosts: events in the window, and usual ones

    @property
    def gross(self) -> float:
        """Say how many events there are more, what became fewer left aside."""
        return self.now - self.usual - sum(part.delta for part in self.less)

    @property
    def rest(self) -> float:
        """Say which share of the increase no pattern explains."""
        return 1 - sum(part.share for part in self.more)

    @property
    def times(self) -> float | None:
        """Say how many times the usual lines there are; None where there is nothing usual."""
        return self.now / self.usual if self.usual else None


def increase(
    tables: DuckDBPyConnection, window: Interval, reference: Sequence[Interval]
) -> Increase:
    """Explain what the table ``logs`` has more, and fewer, in a window than in its reference.

    Events are counted, not lines: a line that says it was repeated counts as often as it says.
    Without any reference everything is new, and the largest patterns are what is told.
    """
    sums = summed(tables, window, reference)
    net = sums.now - sums.usual
    gross = max(abs(net), _moved(sums.leaves))
    up = search(sums.leaves, gross)
    covered = {id(leaf) for pattern in up for leaf in pattern.leaves}
    left = [leaf.swapped() for leaf in sums.leaves if id(leaf) not in covered]
    down = [fall for fall in search(left, gross) if fall.usual <= HALF * fall.now]
    lost = sum(fall.delta for fall in down)
    whole = net + lost
    same = _same_everywhere(sums.leaves)
    return Increase(
        window,
        tuple(reference),
        sums.now,
        sums.usual,
        tuple(_part(p, p.delta / whole if whole > 0 else 0.0, same) for p in up),
        tuple(_part(_fallen(p), p.delta / lost, same) for p in down),
        tuple(_quiet(tables)),
    )


def _quiet(tables: DuckDBPyConnection) -> Iterator[tuple[str, float, float]]:
    """Find hosts that log hardly anything any more: few lines, but they may be what matters."""
    rows = tables.execute(
        """SELECT host, sum(now), sum(usual) FROM log_combos WHERE host IS NOT NULL
        GROUP BY host HAVING sum(usual) >= $several AND sum(now) <= sum(usual) * $hardly
        ORDER BY 3 DESC, 1""",
        {"several": SEVERAL, "hardly": HARDLY},
    ).fetchall()
    yield from rows


def _moved(leaves: Sequence[Leaf]) -> float:
    """Add up what clearly became more or fewer, by host and kind of line."""
    sums: defaultdict[tuple[str | None, ...], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for leaf in leaves:
        both = sums[leaf.values[0], leaf.values[2]]
        both[0] += leaf.now
        both[1] += leaf.usual
    return max(
        sum(now - usual for now, usual in sums.values() if deviance(now, usual) > CLEAR),
        sum(usual - now for now, usual in sums.values() if deviance(usual, now) > CLEAR),
    )


def _fallen(pattern: Pattern) -> Pattern:
    leaves = tuple(leaf.swapped() for leaf in pattern.leaves)
    return Pattern(pattern.attributes, pattern.usual, pattern.now, leaves)


def _same_everywhere(leaves: Sequence[Leaf]) -> frozenset[str]:
    """Name who sent and which vendor, if it is always the same one: that tells nothing."""
    return frozenset(
        each.name
        for number, each in enumerate(DIMENSIONS)
        if each.name in ("peer", "vendor") and len({leaf.values[number] for leaf in leaves}) == 1
    )


def _part(pattern: Pattern, share: float, same: frozenset[str]) -> Part:
    narrowest: dict[str, int] = {}
    for name in pattern.attributes:
        each = BY_NAME[name]
        narrowest[each.family] = min(each.narrow, narrowest.get(each.family, each.narrow))
    told = {
        name: values
        for name, values in pattern.attributes.items()
        if name not in same and _tells(name, narrowest[BY_NAME[name].family])
    }
    return Part(
        told or dict(pattern.attributes), pattern.now, pattern.usual, share, _made_of(pattern, told)
    )


def _tells(name: str, narrowest: int) -> bool:
    """Say whether an attribute tells something beside the narrowest one of its family."""
    each = BY_NAME[name]
    if each.family == "way" or name == "program":
        return True
    if name == "severity":  # beside a program or a vendor, but not beside a kind of line
        return narrowest > 0
    return each.narrow == narrowest


def _made_of(
    pattern: Pattern, told: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[tuple[str, float], ...]]:
    """Say which values the lines of a pattern have, of attributes of which it has several."""
    found: dict[str, tuple[tuple[str, float], ...]] = {}
    whole = max(pattern.now, pattern.usual)
    for number, each in enumerate(DIMENSIONS):
        if len(told.get(each.name, ())) == 1 or each.name in ("vendor", "severity"):
            continue
        sums: defaultdict[str, float] = defaultdict(float)
        for leaf in pattern.leaves:
            if (value := leaf.values[number]) is not None:
                sums[value] += max(leaf.now, leaf.usual) if pattern.now else leaf.usual
        ranked = sorted(sums.items(), key=lambda each: (-each[1], each[0]))[:TOLD]
        if (ranked and len(sums) > 1) or (ranked and each.name in told):
            found[each.name] = tuple((value, count / whole) for value, count in ranked)
    return found


_PREFIX = re.compile(r"((?:\d+\.){2,3}?)(?:0\.0/16|0/24)")


def _end_of(name: str) -> str:
    """Name the dimension that holds the address of a network."""
    return name.removesuffix("_network").removesuffix("_region")


def condition(name: str, values: Sequence[str], column: str) -> str:
    """Write the condition that a column has one of the values of a dimension."""
    if name.endswith(("_network", "_region")):
        found = [_PREFIX.fullmatch(value) for value in values]
        if all(found):  # text is quicker to compare than networks
            tests = [f"starts_with({column}, {quoted(match[1])})" for match in found if match]
            return f"({' OR '.join(tests)})"
        groups = "3, 4" if name.endswith("_network") else "2, 3"
        column = f"log_network({column}, {groups})"
    return f"{column} IN ({', '.join(map(quoted, values))})"
