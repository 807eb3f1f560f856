from __future__ import annotations

import math

import pytest
from bench.bisect.simulation import World, repeated

from whence.inquiry.bisect_choice import likeliest, most_telling
from whence.model.bisection import Port, Segment
from whence.model.bisection_belief import Belief

PORTS = tuple(str(number) for number in range(1, 9))


def believed(*seen: Segment) -> Belief:
    belief = Belief(PORTS)
    for segment in (Segment(frozenset(PORTS), seconds=8, single=8), *seen):
        belief.learn(segment)
    return belief


def chosen(
    belief: Belief, held: tuple[Port, ...] | None, cost: float = 0.1
) -> tuple[Port, ...] | None:
    mirrored = None if held is None else frozenset(held)
    return most_telling(belief, belief.joint(), PORTS, mirrored, rate=1.0, cost=cost)


def test_the_likeliest_ports_that_have_a_share() -> None:
    assert likeliest({"3": 0.3, "1": 0.2, "2": 0.5}, PORTS) == ("2",)
    assert likeliest({"3": 0.3, "1": 0.2, "2": 0.5}, PORTS, 0.7) == ("1", "2")
    assert likeliest({"8": 0.9}, PORTS) == ("8",)
    assert likeliest({}, ()) == ()


def test_all_or_none_tell_nothing_of_the_port() -> None:
    belief = believed(Segment(frozenset(), seconds=8))
    joint = belief.joint()
    told = [belief.information(joint, frozenset(PORTS[:count]), 1.0) for count in range(9)]
    assert 0 <= told[0] < 0.01 < told[2] < told[4] < math.log(2)
    assert told[8] < told[4]
    assert belief.information(joint, frozenset(PORTS[:4]), 0.0) == pytest.approx(0)


def test_ports_are_halved_first() -> None:
    assert len(chosen(believed(Segment(frozenset(), seconds=8)), None) or ()) in (3, 4, 5)


def test_ports_that_were_silent_are_left_for_others() -> None:
    held = PORTS[:4]
    now = chosen(believed(Segment(frozenset(held), seconds=6)), held)
    assert now
    assert len({*now} & {*held}) < len({*now} - {*held})


def test_a_change_that_takes_long_has_to_be_worth_it() -> None:
    belief = believed(Segment(frozenset(), seconds=6), Segment(frozenset(PORTS[:4]), seconds=1.2))
    assert chosen(belief, PORTS[:4], cost=0.1) is not None
    assert chosen(belief, PORTS[:4], cost=45.0) is None


def test_of_cables_not_all_are_pulled() -> None:
    belief = believed()
    for held in (None, frozenset(PORTS), frozenset(PORTS[:4])):
        now = most_telling(belief, belief.joint(), PORTS, held, rate=1.0, cost=0.1, cables=True)
        assert now != ()


def test_mirrors_that_are_set_by_hand_are_seldom_changed() -> None:
    outcomes = repeated(World(ports=12, alike=0.1, cost=45), 3)
    assert sum(one.changes for one in outcomes) / 3 < 9
    assert all(one.found == one.truth for one in outcomes)
