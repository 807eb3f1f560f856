"""Where a machine is plugged in, by what several switches heard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.office_of_switches import Office, neighbour
from whence.model import Confidence, SwitchPort
from whence.model.switching import Identity, Learned, Neighbour, Port, PortKind
from whence.model.wiring import Found, SwitchView, Wiring, wiring_of


def ports(found: Found) -> list[str]:
    return [str(place.at) for place in found.plugged]


def through(found: Found) -> list[str]:
    return [str(place.at) for place in found.through]


def test_a_machine_alone_at_its_port_is_certainly_there() -> None:
    [place] = Office().switch("sw1", {"1": "a", "2": "b c"}).wiring().find("a").plugged
    assert (str(place.at), place.confidence) == ("sw1 1", Confidence.CERTAIN)


def test_a_switch_whose_address_is_heard_makes_a_port_a_link() -> None:
    office = Office().switch("core", {"1": "edge a b", "2": "c"}, own="core")
    office.switch("edge", {"up": "core c", "1": "a", "2": "b"}, own="edge")
    assert ports(office.wiring().find("a")) == ["edge 1"]
    assert ports(office.wiring().find("c")) == ["core 2"]


def test_switches_that_say_nothing_are_put_in_order_by_whom_they_hear() -> None:
    office = Office().switch("core", {"1": "a b d", "2": "c", "3": "e"})
    office.switch("middle", {"up": "c e", "1": "a b", "2": "d"})
    office.switch("edge", {"up": "c d e", "1": "a", "2": "b"})
    wiring = office.wiring()
    assert {mac: ports(wiring.find(mac)) for mac in "abcde"} == {
        "a": ["edge 1"],
        "b": ["edge 2"],
        "c": ["core 2"],
        "d": ["middle 2"],
        "e": ["core 3"],
    }


@pytest.mark.parametrize("name", ["edge.example.net", "EDGE(FOX1234ABCD)", "edge.example.net."])
def test_a_neighbour_that_is_known_by_name_makes_a_port_a_link(name: str) -> None:
    said = neighbour("1", name, "bridge")
    office = Office().switch("core", {"1": "a"}, said=(said,)).switch("edge", {"9": "b"})
    found = office.wiring().find("a")
    assert not found.plugged
    assert through(found) == ["core 1"]
    assert "edge, which has not heard it lately" in found.through[0].reason


def test_a_switch_that_was_not_asked_is_named() -> None:
    said = neighbour("1", "basement", "bridge", "router")
    found = Office().switch("core", {"1": "a"}, said=(said,)).wiring().find("a")
    assert not found.plugged
    assert "leads to basement, which was not asked" in found.through[0].reason


@pytest.mark.parametrize("able", [("bridge", "telephone"), ("bridge", "access-point"), ()])
def test_what_stands_at_the_edge_makes_no_link(able: tuple[str, ...]) -> None:
    said = neighbour("1", "thing", *able, chassis="b")
    office = Office().switch("sw1", {"1": "a b"}, said=(said,))
    assert ports(office.wiring().find("a")) == ["sw1 1"]


def test_a_machine_that_says_itself_who_it_is_is_there_whatever_it_can_do() -> None:
    said = neighbour("1", "firewall", "bridge", "router", chassis="a")
    [place] = Office().switch("sw1", {"1": "a x"}, said=(said,)).wiring().find("a").plugged
    assert place.confidence is Confidence.CERTAIN


def test_an_aggregate_is_one_port() -> None:
    members = {"25": "Po1", "26": "Po1"}
    office = Office().switch("core", {"25": "a", "Po1": "b edge"}, members=members)
    office.switch("edge", {"1": "a"}, own="edge")
    assert ports(office.wiring().find("a")) == ["edge 1"]
    assert through(office.wiring().find("b")) == ["core Po1"]


def test_an_address_at_two_edges_moves_or_is_there_twice() -> None:
    office = Office().switch("one", {"1": "a", "up": "x y two"}, own="one")
    office.switch("two", {"1": "a", "up": "z w one"}, own="two")
    found = office.wiring().find("a")
    assert ports(found) == ["one 1", "two 1"]
    assert {place.confidence for place in found.plugged} == {Confidence.POSSIBLE}


def test_a_crowd_behind_a_port_is_no_place() -> None:
    many = " ".join(f"00:1b:21:00:00:{n:02x}" for n in range(20))
    found = Office().switch("sw1", {"1": many}).wiring().find("00:1b:21:00:00:01")
    assert not found.plugged
    assert "20 addresses" in found.through[0].reason


def test_guests_of_a_hypervisor_are_no_crowd() -> None:
    many = " ".join(f"52:54:00:00:00:{n:02x}" for n in range(20))
    assert Office().switch("sw1", {"1": many}).wiring().find("52:54:00:00:00:01").plugged


def test_telephones_on_wireless_are_no_crowd() -> None:
    many = " ".join(f"06:1b:21:00:00:{n:02x}" for n in range(20))
    assert Office().switch("sw1", {"1": many}).wiring().find("06:1b:21:00:00:01").plugged


def test_sixty_silent_switches_in_a_row_are_put_in_order() -> None:
    office = Office()
    for n in range(60):
        behind = " ".join(f"m{k}" for k in range(n + 1, 60))
        before = " ".join(f"m{k}" for k in range(n))
        office.switch(f"sw{n}", {"here": f"m{n}", "down": behind, "up": before})
    wiring = office.wiring()
    for n in (0, 7, 30, 59):
        assert ports(wiring.find(f"m{n}")) == [f"sw{n} here"]


def test_an_address_of_a_switch_is_no_machine() -> None:
    office = Office().switch("core", {"1": "edge"}).switch("edge", {"1": "a"}, own="edge")
    assert office.wiring().find("edge") == Found(own="edge")


@pytest.mark.parametrize(("core", "edge"), [("core", "edge"), ("", "edge"), ("core", ""), ("", "")])
def test_what_both_ends_of_a_link_hear_is_between_them(core: str, edge: str) -> None:
    """An unmanaged switch stands on the link; the switches know of both, one or no other."""
    office = Office().switch("core", {"1": f"{edge} a y", "2": "c"}, own="core")
    office.switch("edge", {"up": f"y c {core}", "3": "a"}, own="edge")
    found = office.wiring().find("y")
    assert not found.plugged
    assert through(found) == ["core 1", "edge up"]
    assert {place.reason for place in found.through} == {
        "it is between core and edge, behind something on their link that was not asked"
    }
    assert ports(office.wiring().find("a")) == ["edge 3"]
    assert ports(office.wiring().find("c")) == ["core 2"]


def test_an_uplink_is_no_place_where_only_the_far_end_says_that_it_is_one() -> None:
    said = (neighbour("1", "edge", "bridge"),)
    office = Office().switch("core", {"1": "a", "2": "c"}, said=said)
    found = office.switch("edge", {"up": "c d", "3": "a"}).wiring().find("d")
    assert not found.plugged
    assert through(found) == ["edge up"]
    assert "leads to core, which has not heard it lately" in found.through[0].reason


@pytest.mark.parametrize("able", [(), ("router",), ("bridge", "telephone")])
def test_a_crowd_behind_one_that_serves_no_crowd_is_no_place(able: tuple[str, ...]) -> None:
    many = " ".join(f"00:1b:21:00:00:{n:02x}" for n in range(20))
    office = Office().switch("sw1", {"1": many}, said=(neighbour("1", "thing", *able),))
    found = office.wiring().find("00:1b:21:00:00:01")
    assert not found.plugged
    assert "20 addresses are learned at that port, where thing is" in found.through[0].reason


def test_a_crowd_behind_an_access_point_is_at_its_port() -> None:
    many = " ".join(f"00:1b:21:00:00:{n:02x}" for n in range(20))
    said = (neighbour("1", "ap", "bridge", "access-point"),)
    office = Office().switch("sw1", {"1": many}, said=said)
    assert ports(office.wiring().find("00:1b:21:00:00:01")) == ["sw1 1"]


@pytest.mark.parametrize("head", ["50:6b:8d", "58:9c:fc", "00:1a:4a", "00:1c:42"])
def test_guests_of_any_hypervisor_are_no_crowd(head: str) -> None:
    many = " ".join(f"{head}:00:00:{n:02x}" for n in range(20))
    assert Office().switch("sw1", {"1": many}).wiring().find(f"{head}:00:00:01").plugged


def test_a_name_that_a_maker_gave_to_all_tells_no_switch_from_another() -> None:
    said = (neighbour("24", "Switch"),)
    office = Office().switch("Switch", {"24": "a b", "1": "c"}, said=said)
    office.switch("Switch", {"1": "a", "24": "c"}, said=said)
    assert office.wiring().leads_to(SwitchPort("Switch", "24")) == {"Switch (2)"}
    office.switch("Switch", {"1": "z"})
    assert not office.wiring().leads_to(SwitchPort("Switch", "24"))


def test_an_address_of_two_vlans_at_two_ports_is_not_said_to_move() -> None:
    office = Office().switch("sw", {"1": "a", "2": "a"}, vlan={"1": 10, "2": 20})
    found = office.wiring().find("a")
    assert ports(found) == ["sw 1", "sw 2"]
    assert {place.reason for place in found.plugged} == {
        "two cards have one address, or something joins these VLANs"
    }


def test_a_machine_at_two_switches_may_be_plugged_in_at_both() -> None:
    office = Office().switch("A", {"Po10": "s", "Po99": "B"}, own="A")
    office.switch("B", {"Po10": "s", "Po99": "A"}, own="B")
    assert {place.reason for place in office.wiring().find("s").plugged} == {
        "it moves, two machines have one address, or it is plugged in at each of them"
    }


@pytest.mark.parametrize("name", ["nve1", "Vxlan1", "vxlan100", "eoip-tunnel1"])
def test_a_tunnel_is_no_place(name: str) -> None:
    found = Office().switch("leaf", {name: "a"}).wiring().find("a")
    assert not found.plugged
    assert "a tunnel to switches elsewhere" in found.through[0].reason


def test_what_is_learned_at_the_processor_is_the_switch_itself() -> None:
    office = Office().switch("sw", {"0/5/1": "a"}, kind={"0/5/1": PortKind.CPU})
    assert office.wiring().find("a") == Found(own="sw")


def test_a_port_that_is_called_an_uplink_is_doubted() -> None:
    office = Office().switch("sw", {"24": "a", "23": "b c"}, alias={"24": "Uplink", "23": "uplink"})
    [place] = office.wiring().find("a").plugged
    assert place.confidence is Confidence.POSSIBLE
    assert "that port is called “Uplink”" in place.reason
    found = office.wiring().find("b")
    assert not found.plugged
    assert "is called “uplink”, and what stands there was not asked" in found.through[0].reason


def test_a_switch_that_did_not_answer_may_stand_behind_a_port() -> None:
    office = Office().switch(
        "core", {"1": "a", "2": "b c", "3": "d"}, said=(neighbour("3", "phone", "telephone"),)
    )
    [alone] = office.wiring("middle").find("a").plugged
    assert (alone.confidence, alone.reason) == (
        Confidence.LIKELY, "no other address is learned there, but middle did not answer"
    )  # fmt: skip
    [shared] = office.wiring("middle").find("b").plugged
    assert shared.confidence is Confidence.POSSIBLE
    assert (
        shared.reason
        == "2 addresses are learned there, but middle did not answer and may stand there"
    )
    [phone] = office.wiring("middle").find("d").plugged
    assert phone.confidence is Confidence.CERTAIN


def test_a_device_that_says_who_it_is_and_sends_nothing_else_is_found() -> None:
    said = (neighbour("2", "phone", "telephone", chassis="p"),)
    office = Office().switch("sw", {"1": "a"}, said=said)
    [place] = office.wiring().find("p").plugged
    assert (str(place.at), place.confidence) == ("sw 2", Confidence.CERTAIN)
    assert place.evidence
    both = office.switch("other", {"1": "b"}, said=said).wiring().find("p")
    assert ports(both) == ["sw 2", "other 2"]
    assert all(place.evidence for place in both.plugged)


def test_a_bundle_of_links_to_one_address_is_likely_a_place() -> None:
    office = Office().switch("sw", {"Po1": "a"}, kind={"Po1": PortKind.AGGREGATE})
    [place] = office.wiring().find("a").plugged
    assert place.confidence is Confidence.LIKELY
    assert "is often a switch" in place.reason


def test_a_neighbour_is_not_said_to_be_unasked_while_somebody_did_not_answer() -> None:
    said = (neighbour("1", "edge", "bridge"),)
    [place] = Office().switch("core", {"1": "a"}, said=said).wiring("192.0.2.9").find("a").through
    assert place.reason == "that port leads to edge, which is none of those that answered"


def test_ports_that_are_called_alike_are_told_apart() -> None:
    ports = tuple(Port(index, "desk") for index in (7, 8))
    rows = (Learned("a", "desk", 7), Learned("b", "desk", 8))
    view = SwitchView("sw", Identity("sw"), ports, rows, (Neighbour("desk", "lldp", 8),))
    wiring = wiring_of([view])
    (place,) = wiring.find("a").plugged
    assert str(place.at.port) == "desk (ifIndex 7)"
    assert place.confidence is Confidence.CERTAIN
    assert [said.port for said in wiring.views["sw"].neighbours] == ["desk (ifIndex 8)"]


def test_two_switches_of_one_name_are_told_apart() -> None:
    office = Office().switch("switch", {"1": "a"}).switch("switch", {"1": "b"})
    assert ports(office.wiring().find("b")) == ["switch (2) 1"]


@given(
    some.lists(some.integers(0, 4), min_size=1, max_size=5),
    some.lists(some.integers(0, 5), min_size=1, max_size=12),
)
def test_in_a_tree_that_has_heard_everybody_each_machine_is_found(
    parents: list[int], homes: list[int]
) -> None:
    """Whatever the tree: with all switches asked, and all of them heard, nobody is misplaced."""
    wiring, machines = tree(parents, homes, speaking=True)
    for name, home in machines.items():
        assert ports(wiring.find(name)) == [f"sw{home} port of {name}"]


@given(some.lists(some.integers(0, 4), min_size=1, max_size=5), some.integers(2, 3))
def test_in_a_tree_of_silent_switches_with_machines_at_each_everybody_is_found(
    parents: list[int], each: int
) -> None:
    homes = [switch for switch in range(len(parents) + 1) for _ in range(each)]
    wiring, machines = tree(parents, homes, speaking=False)
    for name, home in machines.items():
        assert ports(wiring.find(name)) == [f"sw{home} port of {name}"]


def tree(parents: list[int], homes: list[int], *, speaking: bool) -> tuple[Wiring, dict[str, int]]:
    """Build switches below one another, with machines that all of them have heard."""
    count = len(parents) + 1
    parent = {n + 1: min(p, n) for n, p in enumerate(parents)}
    machines = {f"m{n}": home % count for n, home in enumerate(homes)}
    stations = machines | ({f"s{n}": n for n in range(count)} if speaking else {})
    office = Office()
    for switch in range(count):
        heard: dict[str, str] = {}
        for name, home in stations.items():
            if name != f"s{switch}":
                port = _towards(switch, home, parent) or f"port of {name}"
                heard[port] = f"{heard.get(port, '')} {name}"
        office.switch(f"sw{switch}", heard, own=f"s{switch}")
    return office.wiring(), machines


def _towards(switch: int, home: int, parent: dict[int, int]) -> str:
    """Name the port of a switch by which another is reached."""
    if switch == home:
        return ""
    above = home
    while above in parent:
        if parent[above] == switch:
            return f"down to {above}"
        above = parent[above]
    return "up"


def test_the_unit_of_a_port_is_where_the_port_is() -> None:
    said = (neighbour("ge-0/0/0", "sw2", "bridge"), neighbour("ge-0/0/2", "sw3", "bridge"))
    office = Office().switch(
        "sw1",
        {"ge-0/0/0.0": "a", "ge-0/0/1": "", "ge-0/0/1.0": "b", "ae0.0": "c", "ae0": ""},
        members={"ge-0/0/2": "ae0"},
        kind={"ae0": PortKind.AGGREGATE},
        said=said,
    )
    wiring = office.wiring()
    assert not ports(wiring.find("a"))
    assert through(wiring.find("a")) == ["sw1 ge-0/0/0"]
    assert ports(wiring.find("b")) == ["sw1 ge-0/0/1"]
    assert through(wiring.find("c")) == ["sw1 ae0"]


def test_an_address_that_two_routers_share_is_not_between_them() -> None:
    shared = "00:00:0c:07:ac:01"
    office = Office().switch("one", {"9": f"{shared} r1", "up": "two r2"}, own="one")
    office.switch("two", {"9": f"{shared} r2", "up": "one r1"}, own="two")
    found = office.wiring().find(shared)
    assert ports(found) == ["one 9", "two 9"]
    assert {place.reason for place in found.plugged} == {
        "it is a virtual router's address (HSRP, group 1): it moves"
    }
