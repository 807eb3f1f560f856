"""The smallest set of patterns that makes up the difference between two times. Pure.

A pattern is a set of attributes. The one whose lines are furthest from what was usual, by Poisson
deviance, is found first, made as narrow as it can be without losing what it explains, and taken
away; then the next. Deviance is neither for what is merely large (an interface that everything
passes) nor for what is merely new: it weighs the one against the other.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from whence.analysis._log_dimensions import DIMENSIONS, NUMBER

BEAM = 6  # patterns that are followed at once
KEPT = 0.98  # of what a pattern explains, when it is made narrower
LEAST_SHARE = 0.01  # of the whole increase
LEAST_RATIO = 1.3  # of lines to the usual ones
SIGNIFICANT = 20.0  # deviance: chance among a hundred thousand patterns reaches half of it
TOGETHER = 2.0  # lines that come together: a connection begins and ends, after a name was asked for
NOTHING = 0.5  # events that are expected where the reference has none
MOST_ROUNDS = 12
MOST_VALUES = 4  # of one attribute
ANOTHER = 2.0  # families of attributes that a part has of its own: it is another pattern
FEW, ELSEWHERE = 6, 0.6  # values that explain all, and the most they may have of what is usual
FEWEST, MOST_PROGRAMS = 0.02, 3  # of a host's increase: what a program has, if it is told apart
NOTICEABLE = 0.02  # of a pattern is usual: worth getting rid of
ALIKE = 0.5  # of the lines of two hosts is of the same kinds: they may be told together
SMALLEST = 0.02  # of a pattern: what has less is no part of its own
DETERMINED = 0.9  # of what there is to know of one family is known by another
TELLS = {"who": "what", "from": "to", "to": "port"}  # a host with messages of its own, and so on

ALL = range(len(DIMENSIONS))
PROGRAM, TEMPLATE = NUMBER["program"], NUMBER["template"]
LEADING = tuple(number for number in ALL if DIMENSIONS[number].leads)

Item = tuple[int, str]  # number of the dimension, value


@dataclass(frozen=True, slots=True)
class Leaf:
    """Lines that have all attributes in common, in the order of DIMENSIONS."""

    values: tuple[str | None, ...]
    now: float
    usual: float
    weight: float = 1.0  # events that a line stands for, on average

    def swapped(self) -> Leaf:
        """Give the leaf as if the two times were the other way around."""
        return Leaf(self.values, self.usual, self.now, self.weight)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Lines that have these attributes, one of the values of each."""

    attributes: Mapping[str, tuple[str, ...]]
    now: float
    usual: float
    leaves: tuple[Leaf, ...] = ()

    @property
    def delta(self) -> float:
        """Say how many events it has more than usual."""
        return self.now - self.usual


@dataclass(frozen=True, slots=True)
class _Found:
    items: frozenset[Item]
    leaves: list[Leaf]
    now: float
    usual: float

    @property
    def score(self) -> float:
        return deviance(self.now, self.usual)

    @property
    def delta(self) -> float:
        return self.now - self.usual


def deviance(now: float, usual: float) -> float:
    """Half the Poisson deviance of a count that is higher than expected, else 0."""
    if now <= usual:
        return 0.0
    return now * math.log(now / max(usual, NOTHING)) - (now - usual)


def search(leaves: Sequence[Leaf], gross: float) -> list[Pattern]:
    """Find the patterns that explain an increase of ``gross`` events, the largest first.

    What a pattern covers, no later one does, so that what they explain adds up.
    """
    left = [leaf for leaf in leaves if leaf.now or leaf.usual]
    patterns: list[Pattern] = []
    for _ in range(MOST_ROUNDS):
        best = _best(left, LEAST_SHARE * gross)
        if best is None:
            break
        found = _told(_closed(best))
        patterns.append(_pattern(found))
        left = _without(left, found)
    return sorted(_merged(patterns), key=lambda pattern: -pattern.delta)


def _best(leaves: list[Leaf], least: float) -> _Found | None:
    """Find the pattern with the largest deviance, from one attribute to ever more of them."""
    beam = [_Found(frozenset(), leaves, *_sums(leaves))]
    best: _Found | None = None
    seen: set[frozenset[Item]] = set()
    while beam:
        further: list[tuple[float, _Found, Item]] = []
        for found in beam:
            for item, (now, usual) in _by_item(found, LEADING).items():
                score = deviance(now, usual)
                enough = now - usual >= least and now >= LEAST_RATIO * usual
                if enough and score > max(SIGNIFICANT, found.score if found.items else 0.0):
                    further.append((score, found, item))
        further.sort(key=lambda each: (-each[0], each[2]))
        beam = []
        for _, found, item in further:
            items = found.items | {item}
            if items in seen:
                continue
            seen.add(items)
            beam.append(_narrowed(found, item))
            if len(beam) == BEAM:
                break
        for found in beam:
            if (best is None or found.score > best.score) and _is_significant(found):
                best = found
    return best


def _is_significant(found: _Found) -> bool:
    """Say whether lines, of which each may stand for many events, are more than chance.

    Deviance is that of lines that come one by one, which they do not.
    """
    now = sum(leaf.now / leaf.weight for leaf in found.leaves)
    usual = sum(leaf.usual / leaf.weight for leaf in found.leaves)
    return deviance(now, usual) > SIGNIFICANT * TOGETHER


def _by_item(found: _Found, among: Sequence[int] = ALL) -> dict[Item, list[float]]:
    fixed = {number for number, _ in found.items}
    open_ = [number for number in among if number not in fixed]
    sums: dict[Item, list[float]] = {}
    for leaf in found.leaves:
        values, now, usual = leaf.values, leaf.now, leaf.usual
        for number in open_:
            value = values[number]
            if value is not None:
                if (both := sums.get((number, value))) is not None:
                    both[0] += now
                    both[1] += usual
                else:
                    sums[number, value] = [now, usual]
    return sums


def _narrowed(found: _Found, item: Item) -> _Found:
    number, value = item
    leaves = [leaf for leaf in found.leaves if leaf.values[number] == value]
    return _Found(found.items | {item}, leaves, *_sums(leaves))


def _closed(found: _Found) -> _Found:
    """Add every attribute that nearly all of what the pattern explains has."""
    least = KEPT * found.delta
    while True:
        shared = [
            (now - usual, item)
            for item, (now, usual) in _by_item(found).items()
            if now - usual >= least
        ]
        if not shared:
            return found
        found = _narrowed(found, max(shared)[1])


def _told(found: _Found) -> _Found:
    """Give a part of a pattern to be told. What is apart, but may be chance, is left out of it."""
    while not _is_significant(part := _parted(found)):
        leaves = _without(found.leaves, part)
        others = _Found(found.items, leaves, *_sums(leaves))
        if not _is_significant(others):
            return found
        found = _closed(others)
    return part


def _without(leaves: list[Leaf], found: _Found) -> list[Leaf]:
    covered = set(map(id, found.leaves))
    return [leaf for leaf in leaves if id(leaf) not in covered]


def _parted(found: _Found) -> _Found:
    """Give the part of a pattern that is something of its own, if there is one, else all of it.

    A part is of its own if knowing that a line belongs to it also tells other families of its
    attributes: one source with its own port and destinations, say. Measured as the information
    that being in the part and each family have in common, as a share of what there is to know.
    """
    if (few := _concentrated(found) or _of_programs(found)) is not None:
        return _parted(_closed(_narrowed(found, few)))
    apart: tuple[float, Item] | None = None
    weights = [max(0.0, leaf.now - leaf.usual) for leaf in found.leaves]
    whole = sum(weights)
    if not whole:
        return found
    for item, (now, usual) in _by_item(found).items():
        share = (now - usual) / whole
        if SMALLEST <= share < 1:
            told = _families_told(found, item, weights)
            own = sum(told.values())
            other = told.get(TELLS.get(DIMENSIONS[item[0]].family, ""), 0.0) >= DETERMINED
            if (own >= ANOTHER or other) and (apart is None or own > apart[0]):
                apart = own, item
    if apart is None:
        return found
    return _parted(_closed(_narrowed(found, apart[1])))


def _concentrated(found: _Found) -> Item | None:
    """Give the first of a few values that explain all, if most of what is usual is elsewhere."""
    if found.usual < NOTICEABLE * found.now:
        return None
    by_dimension: defaultdict[int, list[tuple[float, float, Item]]] = defaultdict(list)
    for item, (now, usual) in _by_item(found, LEADING).items():
        if DIMENSIONS[item[0]].family != "what":
            by_dimension[item[0]].append((now - usual, usual, item))
    for values in by_dimension.values():
        values.sort(key=lambda each: (-each[0], each[2]))
        few = values[:FEW]
        explained = sum(delta for delta, _, _ in few)
        kept = sum(usual for delta, usual, _ in few if delta > 0)
        if explained >= KEPT * found.delta and kept <= ELSEWHERE * found.usual:
            return few[0][2]
    return None


def _of_programs(found: _Found) -> Item | None:
    """Give the first of a few programs of one host: each is a thing of its own."""
    if any(DIMENSIONS[number].family != "who" for number, _ in found.items if number in LEADING):
        return None
    programs = [
        (now - usual, item)
        for item, (now, usual) in _by_item(found, (PROGRAM,)).items()
        if now - usual >= FEWEST * found.delta
    ]
    if not 2 <= len(programs) <= MOST_PROGRAMS:
        return None
    if sum(delta for delta, _ in programs) < KEPT * found.delta:
        return None
    return max(programs)[1]


def _families_told(found: _Found, item: Item, weights: Sequence[float]) -> dict[str, float]:
    number, value = item
    inside = [leaf.values[number] == value for leaf in found.leaves]
    narrowest: dict[str, int] = {}
    for n, _ in found.items:
        family, narrow = DIMENSIONS[n].family, DIMENSIONS[n].narrow
        narrowest[family] = min(narrow, narrowest.get(family, narrow))
    best: dict[str, float] = {}
    for n, dimension in enumerate(DIMENSIONS):
        known = dimension.narrow >= narrowest.get(dimension.family, math.inf)
        if known or dimension.family == DIMENSIONS[number].family:
            continue
        told = _known(inside, [leaf.values[n] for leaf in found.leaves], weights)
        best[dimension.family] = max(told, best.get(dimension.family, 0.0))
    return best


def _known(inside: Sequence[bool], values: Sequence[str | None], weights: Sequence[float]) -> float:
    """Say which share of the uncertainty about ``inside`` the values take away."""
    joint: defaultdict[str | None, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for within, value, weight in zip(inside, values, weights, strict=True):
        joint[value][within] += weight
    outs, ins = (sum(both[side] for both in joint.values()) for side in (0, 1))
    before = _uncertainty(outs, ins)
    after = sum(_uncertainty(*both) for both in joint.values())
    return 1 - after / before if before else 0.0


def _uncertainty(outs: float, ins: float) -> float:
    """Give the entropy of two counts, times their sum."""
    whole = outs + ins
    return sum(count * math.log(whole / count) for count in (outs, ins) if count > 0)


def _pattern(found: _Found) -> Pattern:
    attributes = {DIMENSIONS[number].name: (value,) for number, value in sorted(found.items)}
    return Pattern(attributes, found.now, found.usual, tuple(found.leaves))


def _merged(patterns: Iterable[Pattern]) -> list[Pattern]:
    """Tell patterns that differ in one kind of attribute as one, with several values of it."""
    merged: list[Pattern] = []
    for pattern in patterns:
        for number, other in enumerate(merged):
            if (one := _together(other, pattern)) is not None:
                merged[number] = one
                break
        else:
            merged.append(pattern)
    return merged


def _together(one: Pattern, other: Pattern) -> Pattern | None:
    mine, theirs = _families(one), _families(other)
    differing = [f for f in mine.keys() | theirs.keys() if mine.get(f) != theirs.get(f)]
    if len(differing) != 1:
        return None
    [family] = differing
    common = [each for each in mine if each != family and _is_telling(each, mine[each])]
    if len(common) < (3 if family == "what" else 2):
        return None
    if family == "who" and _alike(one, other) < ALIKE:
        return None
    attributes = {n: v for n, v in one.attributes.items() if DIMENSIONS[NUMBER[n]].family != family}
    joined: dict[str, tuple[str, ...]] = {}
    for name in mine.get(family, {}):
        if name in theirs.get(family, {}):
            values = dict.fromkeys(one.attributes[name] + other.attributes[name])
            if len(values) <= MOST_VALUES:
                joined[name] = tuple(values)
    if not joined:
        return None
    return replace(
        one,
        attributes=attributes | joined,
        now=one.now + other.now,
        usual=one.usual + other.usual,
        leaves=one.leaves + other.leaves,
    )


def _families(pattern: Pattern) -> dict[str, dict[str, tuple[str, ...]]]:
    found: defaultdict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for name, values in pattern.attributes.items():
        found[DIMENSIONS[NUMBER[name]].family][name] = values
    return found


def _alike(one: Pattern, other: Pattern) -> float:
    """Say which share of their lines is of the same kinds, as far as kinds are known."""
    mine, theirs = _kinds(one), _kinds(other)
    return sum(min(share, theirs.get(kind, 0.0)) for kind, share in mine.items())


def _kinds(pattern: Pattern) -> dict[str, float]:
    sums: defaultdict[str, float] = defaultdict(float)
    for leaf in pattern.leaves:
        if (kind := leaf.values[TEMPLATE]) is not None:
            sums[kind] += leaf.now / pattern.now
    return sums


def _is_telling(family: str, attributes: Mapping[str, tuple[str, ...]]) -> bool:
    """Say whether patterns that have this in common may be the same thing."""
    if family == "what":
        return "template" in attributes or "program" in attributes
    return family != "way"


def _sums(leaves: Sequence[Leaf]) -> tuple[float, float]:
    return sum(leaf.now for leaf in leaves), sum(leaf.usual for leaf in leaves)
