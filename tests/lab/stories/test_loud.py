"""What is drawn for the loud host's office makes sense whatever the seed is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from whence.lab.contract import NEVER, Outcome
from whence.lab.stories.loud.building import truth as truth_of
from whence.lab.stories.loud.drawing import MOST, PORTS, VARIANTS, Drawn, draw
from whence.lab.stories.loud.servers import plan
from whence.lab.stories.loud.telling import judge
from whence.lab.telling import Answer
from whence.model.cables import read_plan

offices = some.builds(draw, some.integers(0, 1 << 31), some.sampled_from(VARIANTS))


def said(text: str) -> list[Answer]:
    return [Answer("whence 192.0.2.7", text, "", 0, 1.0)]


def whole(truth: dict[str, str]) -> str:
    return ", ".join(word for what, word in truth.items() if not what.startswith(NEVER))


@given(offices)
def test_no_two_machines_are_alike(office: Drawn) -> None:
    for of in ("name", "address", "mac"):
        assert len({getattr(seat, of) for seat in office.seats}) == len(office.seats)
    assert office.forged not in {seat.address for seat in office.seats}
    assert all(len(seat.name) <= 15 for seat in office.seats)  # RFC 1001


@given(offices)
def test_the_hub_and_the_free_port_are_where_nothing_else_is(office: Drawn) -> None:
    assert len(office.neighbours) == MOST
    assert office.spare not in {seat.port for seat in office.seats}
    assert all(0 < seat.port < PORTS for seat in office.seats)


@given(offices)
def test_an_answer_that_names_all_and_nobody_else_is_complete(office: Drawn) -> None:
    truth = truth_of(office)
    assert judge(truth, said(whole(truth))).outcome is Outcome.COMPLETELY


@given(offices)
def test_an_answer_that_names_an_innocent_machine_is_wrong(office: Drawn) -> None:
    truth = truth_of(office)
    innocent = next(seat for seat in office.seats if seat not in (office.loud, office.twin))
    told = f"{whole(truth)}, or {innocent.name}"
    assert judge(truth, said(told)).false == (innocent.name,)


@given(offices)
def test_the_plan_of_cables_leads_from_each_port_to_its_outlet(office: Drawn) -> None:
    kept = read_plan(plan(office))
    for cable in office.cables:
        stops = kept.stops(office.switch, f"p{cable.port}")
        assert cable.outlet in {stop.name for stop in stops}
