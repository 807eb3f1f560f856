from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as some

from whence.model import BadInput
from whence.model.cables import plain_port, plain_switch, read_plan

PLAN = """switch,port,panel,panel_port,outlet,room,note
sw1,Gi1/0/7,PP-A,12,2.14,Room 214,by the window
sw1,Gi1/0/8,PP-A,13,,,
sw1,Gi1/0/9,,,3.01,Room 301,
"""


def test_the_way_from_a_port_to_a_room() -> None:
    stops = read_plan(PLAN).stops("sw1", "Gi1/0/7")
    assert [str(stop) for stop in stops] == [
        "switch port sw1 port Gi1/0/7",
        "panel PP-A port 12",
        "outlet 2.14",
        "room Room 214",
    ]
    assert stops[2].note == "by the window"


def test_a_way_that_ends_before_the_wall_says_where() -> None:
    stops = read_plan(PLAN).stops("sw1", "Gi1/0/8")
    assert stops[-1].kind == "break"
    assert stops[-1].name == "the plan ends at the panel: it names no outlet"


@pytest.mark.parametrize(
    "text",
    [
        "Port;Switch;Dose;Raum\nGi1/0/7;sw1;2.14;214\n",
        "\ufeffSwitch\tSwitch-Port\tWall Socket\tOffice\tPrice\nsw1\tGi1/0/7\t2.14\t214\t9\n",
        "\n# our plan\n SWITCH NAME , Interface ,JACK,Location\nsw1,Gi1/0/7,2.14,214\n",
        '"switch","port","outlet","room"\n"sw1","Gi1/0/7","2.14","214"',
        "switch,port,outlet,room\r\nsw1,Gi1/0/7,2.14,214\r\n",
        "sep=;\r\nswitch;port;outlet;room\r\nsw1;Gi1/0/7;2.14;214\r\n",
        "Gerät;Anschluss;Anschlussdose;Raum\nsw1;Gi1/0/7;2.14;214\n",
        "Commutateur;Port;Prise;Salle\nsw1;Gi1/0/7;2.14;214\n",
        "Conmutador;Puerto;Toma;Sala\nsw1;Gi1/0/7;2.14;214\n",
        "switch,port,outlet,room,,\nsw1,Gi1/0/7,\u200b2.14\u00a0,214, , \n",
    ],
)
def test_heads_of_columns_in_many_spellings(text: str) -> None:
    [cable] = read_plan(text).cables
    assert (cable.switch, cable.port, cable.outlet, cable.room) == ("sw1", "Gi1/0/7", "2.14", "214")


def test_mistakes_are_told_with_their_line() -> None:
    text = 'switch,port,outlet,note,cost\nsw1,1,A,"two\nlines"\n,2,B\n\nsw1,3,C\nsw1,4,c\nsw1,3,D\n'
    plan = read_plan(text)
    assert [(mistake.line, mistake.what, mistake.used) for mistake in plan.mistakes] == [
        (1, "the column “cost” is not known", True),
        (2, "a cell has characters that cannot be printed", False),
        (4, "there is no switch", False),
        (7, "outlet c is also on line 6", True),
        (8, "port sw1 3 is also on line 6", True),
    ]
    assert [cable.line for cable in plan.cables] == [6, 7, 8]


def test_two_lines_that_claim_one_outlet_are_doubtful() -> None:
    plan = read_plan("switch,port,outlet\nsw1,1,A\nsw1,2,a\n")
    assert plan.stops("sw1", "1")[1].doubts == ("line 3 claims the same end",)


@pytest.mark.parametrize("text", ["", "\n\n", "room,outlet\n1,2\n", "switch\nsw1\n", "a,b\nc,d"])
def test_what_is_no_plan_says_which_columns_it_wants(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_plan(text)
    assert "switch,port,panel" in refused.value.try_


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GigabitEthernet1/0/7", "Gi1/0/7"),
        ("gi 1/0/07", "Gi1/0/7"),
        ("TenGigabitEthernet1/1/1", "te1/1/1"),
        ("Port-channel3", "Po3"),
        ("ge-0/0/3", "Gi0/0/3"),
        ("port 7", "7"),
        ("07", "7"),
        ("Ethernet48", "eth48"),
    ],
)
def test_one_port_in_two_spellings(one: str, other: str) -> None:
    assert plain_port(one) == plain_port(other)


def test_two_ports_are_two() -> None:
    names = ["Gi1/0/7", "Gi1/0/17", "Te1/0/7", "Gi1/0/70", "Gi10/7", "7", "17"]
    assert len({plain_port(name) for name in names}) == len(names)
    assert plain_switch("SW1.example.net") == plain_switch("sw1")
    assert plain_switch("192.0.2.1") != plain_switch("192.0.2.2")


@given(some.text(some.sampled_from('switchporonel,;\t"\n\r\x00#é 1'), max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(BadInput):
        read_plan(f"switch,port,outlet\n{text}")
    with suppress(BadInput):
        read_plan(text)


def test_a_line_that_is_there_twice_contradicts_nothing() -> None:
    plan = read_plan("sep=,\nswitch,port,outlet\nsw1,1,A\nsw1,1,A\n")
    assert [cable.line for cable in plan.cables] == [3]
    assert [(one.line, one.what, one.used) for one in plan.mistakes] == [
        (4, "line 3 says the same", False)
    ]


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("TenGigE0/0/0/1", "Te0/0/0/1"),
        ("TwoGigabitEthernet1/0/3", "Tw1/0/3"),
        ("FiveGigabitEthernet1/0/3", "Fi1/0/3"),
        ("Ten-GigabitEthernet1/0/3", "XGE1/0/3"),
        ("XGigabitEthernet0/0/3", "XGE0/0/3"),
        ("Bridge-Aggregation1", "BAGG1"),
        ("ge-0/0/7.0", "ge-0/0/7"),
    ],
)
def test_long_and_short_names_of_a_port_are_one(long: str, short: str) -> None:
    assert plain_port(long) == plain_port(short)


def test_ports_that_are_two_stay_two() -> None:
    names = ("Te1/0/3", "Tw1/0/3", "Twe1/0/3", "Gi1/0/3", "Fi1/0/3", "Fo1/0/3", "Fa1/0/3")
    assert len({plain_port(name) for name in names}) == len(names)
    assert plain_port("epon0/1.2") != plain_port("epon0/1")
