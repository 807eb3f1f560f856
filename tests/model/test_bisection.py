from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model.bisection import Frame, Mirrored, Segment, in_words
from whence.model.bisection_belief import Belief, by_port, ratio
from whence.model.bisection_watching import (
    GAPS,
    Watching,
    gap_between_events,
    gap_in_all,
    known_gap,
    uneven,
    unevenness,
)


@pytest.mark.parametrize(
    ("ports", "words"),
    [
        ((), "none"),
        (("1", "2", "3", "7"), "1-3, 7"),
        (("10", "9"), "9-10"),
        (("Gi1/0/1", "Gi1/0/2", "Gi2/0/1"), "Gi1/0/1-2, Gi2/0/1"),
        (("pc-anna", "01"), "01, pc-anna"),
    ],
)
def test_ports_are_named_shortly(ports: tuple[str, ...], words: str) -> None:
    assert in_words(ports) == words


@given(st.lists(st.text(max_size=8), max_size=20))
def test_any_port_has_a_name(ports: list[str]) -> None:
    assert in_words(ports)


def watched(*frames: Frame, gap: float = 0.02, reference: bool = False) -> Segment:
    watching = Watching(Mirrored(10.0, ("1",), reference), gap)
    for frame in frames:
        watching.frame(frame)
    watching.passed(20.0)
    return watching.segment()


def test_a_burst_is_one_event_and_its_time_is_no_silence() -> None:
    seen = watched(*(Frame(12 + 0.05 * n) for n in range(20)), gap=2.0)
    assert seen.single == 1
    assert seen.seconds == pytest.approx(10 - 0.95 - 2.0)


def test_a_frame_from_before_the_change_does_not_count() -> None:
    assert watched(Frame(9.9)).single == 0


def test_two_copies_are_one_event_seen_twice() -> None:
    seen = watched(Frame(11, "a"), Frame(11.0001, "a"), Frame(12, "b"), reference=True)
    assert (seen.single, seen.double) == (1, 1)


def test_a_copy_is_seen_of_a_frame_that_came_behind_a_look_alike() -> None:
    watching = Watching(Mirrored(10.0, ("1",), True), 0.02)
    for at, digest in ((11.0, "alike"), (11.0001, "a"), (11.0002, "a"), (11.0003, "a")):
        watching.frame(Frame(at, digest))
    watching.passed(12.0)
    assert (watching.segment().single, watching.segment().double) == (0, 1)


def test_the_same_frame_later_is_no_copy() -> None:
    seen = watched(Frame(11, "a"), Frame(11.5, "a"), reference=True)
    assert (seen.single, seen.double) == (2, 0)


def test_bursts_are_recognised_by_their_gaps() -> None:
    chance = [1.0, 1.3, 2.9, 3.1, 4.8, 5.0, 5.9, 7.5, 8.2]
    bursts = [begin + 0.05 * n for begin in (0.0, 9.0, 30.0) for n in range(20)]
    assert gap_between_events(chance, 8.9) == GAPS[0]
    assert gap_between_events(bursts, 33.0) > GAPS[0]
    assert uneven([1.0, 1.0, 1.0]) == 0


def test_what_is_seen_makes_a_mirrored_port_likelier_and_silence_unlikelier() -> None:
    belief = Belief(("1", "2"))
    belief.learn(Segment(frozenset({"1"}), False, 5.0, 5))
    belief.learn(Segment(frozenset({"2"}), False, 5.0, 0))
    believed = by_port(belief.joint())
    assert believed["1"] > 0.95
    assert sum(believed.values()) == pytest.approx(1)


def test_the_prior_is_by_the_weights() -> None:
    believed = by_port(Belief(("1", "2"), (3.0, 1.0)).joint())
    assert believed["1"] == pytest.approx(3 * believed["2"], rel=1e-3)


def test_the_control_test_wants_both_its_going_and_its_coming_back() -> None:
    grid = Belief(("1",)).grid
    weights = [1.0] * len(grid)
    on, off = frozenset({"1"}), frozenset[str]()
    gone = ratio(grid, weights, Segment(on, False, 10, 12), Segment(off, False, 10, 0))
    stays = ratio(grid, weights, Segment(on, False, 10, 12), Segment(off, False, 10, 12))
    never = ratio(grid, weights, Segment(on, False, 10, 0), Segment(off, False, 10, 0))
    assert min(gone) > 4
    assert min(stays) < 0
    assert min(never) < 0


def test_a_steady_flood_settles_although_a_frame_was_always_just_there() -> None:
    for reference in (False, True):
        watching = Watching(Mirrored(10.0, ("p1",), reference, 0.1), gap=0.0005)
        for number in range(100):
            watching.frame(Frame(10 + number * 0.004))
            watching.passed(10 + number * 0.004 + 0.002)
        assert watching.settled()


def test_a_second_copy_may_still_come_for_a_while() -> None:
    watching = Watching(Mirrored(10.0, ("p1",), True, 0.1), gap=0.02)
    watching.frame(Frame(10.5))
    watching.passed(10.505)
    assert not watching.settled()
    watching.passed(10.512)
    assert watching.settled()


def test_a_frame_that_bears_the_mark_of_its_port_needs_no_second_copy() -> None:
    seen = watched(Frame(11, "a", "port"), Frame(12, "b"), reference=True)
    assert (seen.single, seen.double) == (1, 1)
    assert watched(Frame(11, "a", "port")).double == 0


def test_a_frame_that_is_read_late_is_an_event_still() -> None:
    watching = Watching(Mirrored(10.0, ("1",)), 0.02)
    watching.passed(15.0)
    watching.frame(Frame(14.9))
    watching.passed(20.0)
    assert watching.segment().single == 1
    assert watching.segment().seconds == pytest.approx(10.0, abs=0.1)


def test_a_burst_that_went_on_while_the_mirrors_were_changed_is_no_new_event() -> None:
    before = Watching(Mirrored(10.0, ("1",)), 2.0)
    before.frame(Frame(12.0))
    before.passed(12.5)
    assert before.going_on == pytest.approx(1.5)
    after = Watching(Mirrored(13.0, ("2",)), 2.0, before.going_on)
    after.frame(Frame(13.5))
    after.passed(20.0)
    assert after.segment().single == 0


def test_what_was_seen_can_be_counted_again_as_bursts() -> None:
    watching = Watching(Mirrored(10.0, ("1",), True), 0.02)
    for n in range(10):
        watching.frame(Frame(11 + n * 0.05, str(n), "port"))
    watching.passed(15.0)
    assert watching.segment().double == 10
    assert watching.again(0.2).segment().double == 1


def test_a_burst_is_known_when_some_were_seen_and_a_stream_when_it_never_pauses() -> None:
    bursts = [begin + 0.05 * n for begin in range(0, 100, 20) for n in range(20)]
    assert known_gap(bursts[:20], 5.0) is None
    assert known_gap(bursts[:60], 45.0) is None
    known = known_gap(bursts, 85.0)
    assert known is not None
    assert known > GAPS[0]
    flood = [n / 150 for n in range(900)]
    assert known_gap(flood[:150], 1.0) is None
    assert (known_gap(flood, 6.0) or 0) < 0.001
    uneven_stream = [begin + 0.01 * n for begin in range(12) for n in range(30)]
    assert known_gap(uneven_stream, 11.4) == 0.02
    assert known_gap([*range(5000)], 1e6) == pytest.approx(0.02)
    assert known_gap([], 1.0) is None


def settings(rates: list[float], burst: int, apart: float, seed: int) -> list[Watching]:
    """Watch each rate for ten seconds; its events come by chance."""
    chance, watched = random.Random(seed), []
    for begin, rate in zip(range(0, 1000, 10), rates, strict=False):
        watching, at = Watching(Mirrored(float(begin), ("1",)), GAPS[0]), float(begin)
        frames = []
        while rate and (at := at + chance.expovariate(rate)) < begin + 9:
            frames += [at + number * apart + chance.random() * 1e-3 for number in range(burst)]
        for frame in sorted(frames):
            watching.frame(Frame(frame))
        watching.passed(begin + 10.0)
        watched.append(watching)
    return watched


@pytest.mark.parametrize("seed", range(5))
def test_bursts_at_the_edge_of_a_gap_are_known_by_all_that_was_seen(seed: int) -> None:
    seen = settings([1.0, 0.0, 0.5, 1.0, 0.3], burst=10, apart=0.02, seed=seed)
    assert gap_in_all(seen, 0.02) == 0.2
    assert unevenness(seen, 0.02) > 2 > unevenness(seen, 0.2)


@pytest.mark.parametrize("seed", range(5))
def test_what_comes_by_chance_at_different_rates_is_not_merged(seed: int) -> None:
    seen = settings([10.0, 0.0, 1.0, 10.0, 4.0], burst=1, apart=0, seed=seed)
    assert gap_in_all(seen, 0.02) == 0.02
    assert unevenness(seen, 0.02) < 1.5


def test_a_stream_without_pauses_is_not_merged_into_one_event() -> None:
    seen = settings([0.0], 1, 0, 1)
    stream = Watching(Mirrored(10.0, ("1",)), 0.001)
    for number in range(900):
        stream.frame(Frame(10 + number / 150 + (number % 7 == 0) * 0.004))
    stream.passed(16.0)
    assert gap_in_all([*seen, stream], 0.001) == 0.001
    assert gap_in_all([], 0.02) == 0.02
    assert unevenness([], 0.02) == 1
