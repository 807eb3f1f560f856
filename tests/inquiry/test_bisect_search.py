from __future__ import annotations

import pytest
from bench.bisect.simulation import Outcome, World, plain, repeated, search
from hypothesis import given
from hypothesis import strategies as st

from whence.inquiry.bisect_live import steps_again
from whence.inquiry.bisect_search import Search, run_again
from whence.model.bisection import (
    Blind,
    Event,
    Found,
    Frame,
    Mirror,
    Mirrored,
    Passed,
    Plan,
    Skipped,
    Stopped,
    Watch,
)

PORTS = tuple(str(number) for number in range(1, 9))
PLAN = Plan(0.0, "sw1", PORTS)
RUNS = 4


def wrong(outcomes: list[Outcome]) -> list[Outcome]:
    return [one for one in outcomes if one.confirmed and one.found != one.truth]


@pytest.mark.parametrize(
    "world",
    [
        World(alike=0.1),
        World(alike=0.1, ports=48, uplink=True),
        World(alike=0.5, by_ports=True, rate=10),
        World(alike=0.1, rate=0.05, burst=20),
        World(alike=0.1, rate=0.05, burst=20, uplink=True),
        World(ports=12, alike=0.1, lost=0.2, cost=45),
        World(ports=5, alike=0.1, cost=30, cables=True),
        World(ports=3, alike=0.0, rate=150, cost=1, cables=True),
        World(alike=0.0, rate=150, uplink=True),
    ],
    ids=["look-alikes", "reference", "from other ports", "bursts", "bursts, reference",
         "by hand, lost", "cables", "cables of a flood", "a flood, reference"],
)  # fmt: skip
def test_no_port_is_named_that_is_not_it(world: World) -> None:
    outcomes = repeated(world, RUNS, seed=7)
    assert not wrong(outcomes)
    assert sum(one.confirmed for one in outcomes) >= RUNS - 1


@pytest.mark.parametrize(("rate", "seed"), [(1.0, 104), (1.0, 115), (10.0, 55), (10.0, 99)])
def test_a_control_test_ends_where_events_were_believed_to_come_oftener(
    rate: float, seed: int
) -> None:
    """Its phases were too short to tell anything by the events that do come, until the last."""
    outcome = search(World(rate=rate, alike=0.5, uplink=True), 100_003 + seed)
    assert outcome.found == outcome.truth


@pytest.mark.parametrize("seed", [165, 266])
def test_bursts_that_the_first_look_took_for_events_name_no_wrong_port(seed: int) -> None:
    """Of events of ten frames, 20 ms apart, about five were counted, and each as evidence."""
    outcome = search(World(alike=0.5, burst=10, apart=0.02, stalls=0.1), seed)
    assert outcome.found == outcome.truth


@pytest.mark.parametrize("seed", [12, 99, 108])
def test_a_port_is_named_although_its_bursts_were_taken_for_events(seed: int) -> None:
    """It had been by none of the ports, or its test had 60 phases that were too short to tell."""
    world = World(alike=0.5, burst=10, apart=0.02, stalls=0.1, uplink=True)
    outcome = search(world, seed)
    assert outcome.found == outcome.truth


def test_plain_bisection_is_misled_by_look_alikes() -> None:
    found = [plain(World(alike=0.5), seed, 4.6) for seed in range(20)]
    assert sum(truth != port for truth, port, _, _ in found) > 10


def test_with_the_uplink_each_change_halves_the_ports() -> None:
    outcomes = repeated(World(alike=0.1, uplink=True), 8)
    assert sum(one.changes for one in outcomes) / 8 <= 7


def test_a_second_source_is_told() -> None:
    outcomes = [one for one in repeated(World(second=0.6, rate=5), RUNS) if one.confirmed]
    assert outcomes
    assert all(one.share < 0.8 for one in outcomes)


def test_look_alikes_by_chance_are_no_second_source() -> None:
    outcomes = repeated(World(alike=0.1, rate=20, uplink=True), 4 * RUNS)
    assert all(one.share == 1 for one in outcomes if one.confirmed)


def test_traffic_of_none_of_the_ports_is_given_to_none() -> None:
    assert not any(one.confirmed for one in repeated(World(alike=0.3, nowhere=True, rate=5), 2))


def test_it_gives_up_where_look_alikes_are_many() -> None:
    outcome = search(World(ports=8, alike=6.0), 1)
    assert not outcome.confirmed
    assert "drown" in outcome.because or "control test" in outcome.because


def test_a_switch_that_gives_no_second_copy_is_searched_without_the_uplink() -> None:
    plan = Plan(0.0, "sw1", PORTS, "up")
    engine = Search(plan)
    wanted = engine.begin()[-1]
    at = 0.0
    for _ in range(200):
        at += 1
        if isinstance(wanted, Mirror):
            if not wanted.reference:
                break
            engine.take(Mirrored(at, wanted.ports, True))
        engine.take(Frame(at + 0.5, str(at)))
        wanted = engine.take(Passed(at + 0.9))[-1]
    assert isinstance(wanted, Mirror)
    assert wanted.ports == PORTS
    assert "two copies" in wanted.why


def test_where_frames_are_too_short_to_be_marked_the_uplink_is_given_up() -> None:
    engine = Search(Plan(0.0, "sw1", PORTS, "up"))
    engine.begin()
    engine.take(Mirrored(1.0, PORTS[:4], True))
    for at in range(2, 12):
        engine.take(Frame(float(at), str(at), "short"))
    [wanted] = engine.take(Passed(12.0))
    assert isinstance(wanted, Mirror)
    assert (wanted.ports, wanted.reference) == (PORTS, False)
    assert "10 frames are too short" in wanted.why


def test_a_kill_while_nothing_is_mirrored_does_not_hide_how_often_it_happens() -> None:
    frames = [Frame(float(at)) for at in range(2, 12)]
    events: list[Event] = [PLAN, Mirrored(1.0, PORTS), *frames, Passed(12.0)]
    events += [Mirrored(12.1, ()), Passed(12.2), Blind(99.0, "killed")]
    engine, wanted = run_again([*events, Mirrored(100.0, ()), Passed(101.0)])
    assert engine.phase == "none"
    assert isinstance(wanted[-1], Watch)
    engine.take(Passed(110.0))
    assert engine.phase == "halves"
    assert engine.rates[0] == pytest.approx(1.0, rel=0.5)


def test_the_time_after_a_kill_is_no_pause_between_bursts() -> None:
    engine, at = Search(Plan(0.0, "sw1", PORTS, "up")), 0.0
    wanted = engine.begin()[-1]
    while at < 30 and engine.phase == "halves":
        at += 0.1
        if isinstance(wanted, Mirror):
            at += 40 if 3 < at < 4 else 0
            engine.take(Mirrored(at, wanted.ports, True))
        copies = 2 if engine.watching and "3" in engine.watching.began.ports else 1
        for copy in range(copies):
            engine.take(Frame(at + 0.01 + copy * 1e-4, str(at)))
        wanted = engine.take(Passed(at + 0.09))[-1]
        if 0.45 < at < 0.55:
            wanted = engine.take(Blind(at + 0.09, "killed"))[-1]
            at += 20
    assert engine.gap < 0.1
    assert engine.tested == "3"


def test_first_all_ports_are_mirrored_then_none() -> None:
    engine = Search(PLAN)
    assert engine.begin() == [Mirror(PORTS, False, "all ports: how often does it happen?")]
    engine.take(Mirrored(1.0, PORTS))
    for at in range(2, 12):
        engine.take(Frame(float(at)))
    command = engine.take(Passed(12.0))[-1]
    assert isinstance(command, Mirror)
    assert command.ports == ()


def test_a_port_that_is_skipped_is_not_mirrored_again() -> None:
    events: list[Event] = [PLAN, Mirrored(1.0, PORTS), Skipped(2.0, "3", "not on this switch")]
    _, wanted = run_again(events)
    assert isinstance(wanted[-1], Mirror)
    assert "3" not in wanted[-1].ports


def test_after_a_kill_the_same_ports_are_mirrored_again() -> None:
    events: list[Event] = [PLAN, Mirrored(1.0, PORTS), Frame(2.0), Blind(99.0, "killed")]
    engine, wanted = run_again(events)
    assert wanted == [Mirror(PORTS, False, "all ports: how often does it happen?")]
    assert engine.segments[0].seconds < 3  # what was not watched is not counted as silence


times = st.floats(0, 1e6, allow_nan=False)
anything = st.one_of(
    st.builds(Frame, times, st.sampled_from(["", "a", "b"])),
    st.builds(Passed, times),
    st.builds(Blind, times, st.just("why")),
    st.builds(Skipped, times, st.sampled_from(PORTS)),
    st.builds(Mirrored, times, st.lists(st.sampled_from(PORTS), unique=True).map(tuple),
              st.booleans(), times),
)  # fmt: skip


@given(
    st.lists(anything, max_size=60),
    st.sampled_from(["", "up"]),
    st.sampled_from(["mirror", "cable"]),
)
def test_any_order_of_events_is_borne_and_replayed_alike(
    happened: list[Event], uplink: str, way: str
) -> None:
    plan = Plan(0.0, "sw1", PORTS, uplink, way=way)
    events: list[Event] = [plan, *happened]
    one, wanted = run_again(events)
    again, wanted_again = run_again(events)
    assert wanted == wanted_again
    assert one.explained() == again.explained()
    assert all(0 <= share <= 1.000001 for share in one.explained().values())
    assert isinstance(one.result, (Found, Stopped, type(None)))
    assert [*steps_again(events)] == [*steps_again(events)]
