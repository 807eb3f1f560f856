"""Which port's counter counts the suspect's packets? Nothing is changed on the switch. Pure.

Two signs. A port by which a packet came has counted it: one that counted fewer packets than the
suspect sent, cannot be it. And a port that it came by counts more whenever the suspect sends: by
how much that is more than chance is measured with the same packets at other times, the times turned
round in a circle.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from whence.model.bisection import Port
from whence.model.plural import many

WIDTH = 1 << 32  # of the counters of many switches, which then begin anew: RFC 2863 3.1.6
SLACK = 1  # packets that may be counted in the next interval
LEAST = 8  # intervals with and without packets, before anything is said
TURNS = 400  # at most, other times that are tried


@dataclass(frozen=True, slots=True)
class Counted:
    """All counters of packets that came in, at one time."""

    at: float  # s since 1970: in the middle of the asking
    packets: Mapping[Port, int]


@dataclass(frozen=True, slots=True)
class Score:
    """How well a port's counter goes with the suspect's packets."""

    port: Port
    excluded: int  # intervals in which it counted too few
    likeness: float  # correlation, -1 to 1
    chance: float  # how often other times are as alike


def scores(samples: Sequence[Counted], packets: Sequence[float]) -> list[Score]:
    """Compare each port with the packets, the likeliest first."""
    suspect = per_interval(samples, packets)
    found = [
        _score(port, [*_increments(samples, port)], suspect)
        for port in (samples[0].packets if samples else ())
    ]
    return sorted(found, key=lambda score: (score.excluded > 0, score.chance, -score.likeness))


def verdict(samples: Sequence[Counted], found: Sequence[Score], packets: int) -> tuple[Port, str]:
    """Say which port it is and how sure that is; an empty port: it cannot be told."""
    intervals = len(samples) - 1
    left = [score for score in found if not score.excluded]
    if intervals < 2 * LEAST or packets < LEAST:
        return "", f"{many(packets, 'packet')} in {many(intervals, 'interval')} say nothing yet"
    if not left:
        return "", "each port counted fewer packets than the suspect sent: it comes in by none"
    first = left[0]
    if len(left) == 1:
        return first.port, f"certain: each of {len(found) - 1} others counted too few packets"
    second = left[1]
    if first.chance * len(left) < 0.01 and first.likeness > second.likeness + 0.1:
        return first.port, (
            f"likely: correlation {first.likeness:.2f}, the next {second.likeness:.2f}; by chance "
            f"in less than {max(first.chance, 1 / TURNS):.4f} of the cases"
        )
    return "", f"{len(left)} ports go with it about as well: {', '.join(s.port for s in left[:5])}"


def per_interval(samples: Sequence[Counted], packets: Sequence[float]) -> list[int]:
    """Count packets between the samples."""
    ordered = sorted(packets)
    edges = [bisect.bisect_left(ordered, sample.at) for sample in samples]
    return [later - earlier for earlier, later in pairwise(edges)]


def _increments(samples: Sequence[Counted], port: Port) -> list[int]:
    values = [sample.packets.get(port, 0) for sample in samples]
    return [_counted_since(earlier, later) for earlier, later in pairwise(values)]


def _counted_since(earlier: int, later: int) -> int:
    """Say how much a counter went on; one that begins anew went past its end, or was reset."""
    if later >= earlier:
        return later - earlier
    return (later - earlier) % WIDTH if earlier < WIDTH else later


def _score(port: Port, counted: Sequence[int], suspect: Sequence[int]) -> Score:
    excluded = sum(
        sum(counted[max(0, at - 1) : at + 2]) + SLACK < sent
        for at, sent in enumerate(suspect)
        if sent
    )
    likeness = correlation(counted, suspect)
    step = max(1, len(suspect) // TURNS)
    turned = [
        correlation(counted, [*suspect[turn:], *suspect[:turn]])
        for turn in range(2, len(suspect) - 1, step)
    ]
    as_alike = sum(value >= likeness - 1e-9 for value in turned)
    return Score(port, excluded, likeness, (as_alike + 1) / (len(turned) + 1))


def correlation(left: Sequence[float], right: Sequence[float]) -> float:
    """Give Pearson's correlation; 0 where one of them never changes."""
    count = len(left)
    if count < 2:
        return 0.0
    a, b = sum(left) / count, sum(right) / count
    both = sum((x - a) * (y - b) for x, y in zip(left, right, strict=True))
    spread = sum((x - a) ** 2 for x in left) * sum((y - b) ** 2 for y in right)
    return both / math.sqrt(spread) if spread > 0 else 0.0
