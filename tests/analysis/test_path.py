from typing import Any

import pytest

from tests.analysis.world import Row, flow, tables
from whence.analysis.path import Route, Way, paths
from whence.model import Confidence, Flow
from whence.store.flow_tables import put_rows

TARGET = Flow("203.0.113.62", 514)
OTHERS = [
    flow("192.0.2.50", "192.0.2.51", interface="lan0"),
    flow("203.0.113.5", "203.0.113.6", interface="wan0"),
]


def packet(interface: str, direction: str = "", **more: Any) -> Row:
    given: dict[str, Any] = {"transport": "udp", "received": 0, "interface": interface}
    return flow(
        "192.0.2.9",
        "203.0.113.62",
        514,
        **given | {"direction_in": direction} | more,
    )


def ttl(value: int) -> Row:
    return {"source_ttl_min": value, "source_ttl_max": value}


def told(*flows: Row) -> Route:
    [route] = paths(tables(*OTHERS, *flows), TARGET)
    return route


def test_what_only_goes_out_starts_here() -> None:
    route = told(packet("wan0", "outgoing", **ttl(64)))
    assert (route.way, route.confidence) == (Way.STARTS, Confidence.CERTAIN)
    assert route.sentence == (
        "192.0.2.9 → 203.0.113.62 port 514/udp starts here: it goes out by wan0 "
        "and comes in nowhere (1 flow, 1 packet)."
    )
    assert "it came in by none of the others (lan0)" in route.evidence


def test_what_comes_in_and_goes_out_passes_through_and_is_routed() -> None:
    route = told(
        packet("lan0", "incoming", **ttl(64)), packet("wan0", "outgoing", seconds=1e-4, **ttl(63))
    )
    assert (route.way, route.enters, route.leaves) == (Way.PASSES, "lan0", "wan0")
    assert route.confidence is Confidence.CERTAIN
    assert "the TTL goes from 64 to 63: it is routed" in route.evidence
    assert route.packets == 1


def test_a_bridge_leaves_the_ttl_alone() -> None:
    route = told(
        packet("lan0", "incoming", **ttl(64)), packet("wan0", "outgoing", seconds=1e-4, **ttl(64))
    )
    assert "the TTL stays 64: it is bridged, not routed" in route.evidence


def test_what_comes_in_only_and_is_answered_ends_here() -> None:
    route = told(packet("lan0", "incoming", received=1))
    assert (route.way, route.confidence) == (Way.ENDS, Confidence.CERTAIN)


def test_what_comes_in_only_and_is_not_answered_may_have_been_dropped() -> None:
    route = told(packet("lan0", "incoming"))
    assert (route.way, route.confidence) == (Way.ENDS, Confidence.LIKELY)
    assert "or dropped" in route.sentence


def test_a_router_with_one_arm_turns_it_around() -> None:
    route = told(
        packet("lan0", "incoming", vlan="10", **ttl(64)),
        packet("lan0", "outgoing", vlan="20", seconds=1e-4, **ttl(63)),
    )
    assert route.way is Way.TURNS
    assert "in by lan0 VLAN 10, out by lan0 VLAN 20" in route.sentence


@pytest.mark.parametrize("later", [1e-4, -1e-4])  # the first packet captured may be an answer
def test_a_translated_source_is_not_taken_for_one_that_starts_here(later: float) -> None:
    inner = packet("lan0", "incoming", sent=3, **ttl(64))
    outer = packet("wan0", "outgoing", sent=3, seconds=later, **ttl(63))
    outer |= {"source_ip": "198.51.100.1", "source_port": 50123}
    routes = paths(tables(*OTHERS, inner, outer), TARGET)
    assert [route.way for route in routes] == [Way.PASSES, Way.PASSES]
    [translated] = {route.translated for route in routes}
    assert translated.startswith("the source 192.0.2.9 becomes 198.51.100.1: NAT")


def test_a_translated_destination() -> None:
    outer = flow("203.0.113.9", "198.51.100.1", 443, interface="wan0", direction_in="incoming")
    inner = flow("203.0.113.9", "192.0.2.80", 8443, interface="lan0", direction_in="outgoing")
    inner |= {"first": outer["first"], "source_port": outer["source_port"]}
    [route] = paths(tables(*OTHERS, outer, inner), Flow("198.51.100.1"))
    assert route.way is Way.PASSES
    assert "the destination 198.51.100.1 becomes 192.0.2.80" in route.translated


def test_two_flows_of_equal_size_at_other_times_are_no_nat_pair() -> None:
    inner = packet("lan0", "incoming", sent=3)
    outer = packet("wan0", "outgoing", sent=3, seconds=5) | {"source_ip": "198.51.100.1"}
    routes = paths(tables(*OTHERS, inner, outer), TARGET)
    assert {route.way for route in routes} == {Way.ENDS, Way.STARTS}


def test_without_directions_the_ttl_tells() -> None:
    route = told(packet("lan0", **ttl(64)), packet("wan0", seconds=-1e-5, **ttl(63)))
    assert (route.way, route.enters, route.leaves) == (Way.PASSES, "lan0", "wan0")
    assert route.confidence is Confidence.LIKELY


def test_without_directions_the_mac_address_tells_who_made_it() -> None:
    here = "02:00:00:00:00:01"
    passing = [
        flow("192.0.2.77", interface="lan0", **ttl(64)),
        flow("192.0.2.77", interface="wan0", source_mac=here, **ttl(63)),
    ]
    [route] = paths(tables(*passing, packet("wan0", source_mac=here)), TARGET)
    assert (route.way, route.confidence) == (Way.STARTS, Confidence.LIKELY)
    assert f"{here} is the MAC address of the machine that captured it" in route.evidence


def test_one_mirror_port_cannot_tell_but_says_how_far_the_source_is() -> None:
    [route] = paths(tables(packet("", **ttl(57))), TARGET)
    assert route.way is Way.UNKNOWN
    assert "a TTL of 57 says 7 routers between the source and this place" in route.evidence


def test_one_interface_with_a_counted_ttl_passes_through() -> None:
    [route] = paths(tables(packet("wan0", "outgoing", **ttl(63))), TARGET)
    assert (route.way, route.confidence) == (Way.PASSES, Confidence.POSSIBLE)


def test_what_is_addressed_to_another_machine() -> None:
    assert told(packet("lan0", "forwarded?")).way is Way.BYE


def test_loopback_stays_here() -> None:
    assert told(packet("lo", "outgoing")).way is Way.STAYS


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("direction", ["", "incoming"])
def test_what_calls_itself_stays_here_where_no_interface_is_named(
    address: str, direction: str
) -> None:
    seen = flow(address, address, interface="", direction_in=direction)
    [route] = paths(tables(*OTHERS, seen), Flow(address))
    assert (route.way, route.confidence) == (Way.STAYS, Confidence.CERTAIN)
    assert "stays here: it never leaves this machine" in route.sentence


def test_an_own_address_is_called_by_way_of_loopback() -> None:
    nobody = "00:00:00:00:00:00"
    route = told(packet("", "incoming", source_mac=nobody, destination_mac=nobody))
    assert (route.way, route.confidence) == (Way.STAYS, Confidence.LIKELY)


def test_flows_that_go_the_same_way_are_told_once() -> None:
    route = told(*(packet("wan0", "outgoing", source_port=port) for port in range(5000, 5050)))
    assert route.flows == 50
    assert len(route.examples) == 3


def test_a_target_is_found_by_either_end() -> None:
    seen = tables(*OTHERS, packet("wan0", "outgoing"))
    assert paths(seen, Flow("192.0.2.9"))[0].source == "192.0.2.9"
    assert not paths(seen, Flow("203.0.113.62", 515))


ROUTER = "198.51.100.1"


def exported(*rows: Row, by: list[tuple[str, int, int]]) -> Route:
    """Give the way of flows that exporters told of: who, and in and out by which interfaces."""
    flows = [packet(f"{who}:{at}", **row) for row, (who, at, _) in zip(rows, by, strict=True)]
    filled = tables(*flows)
    numbers = [number for (number,) in filled.execute("SELECT flow FROM flows").fetchall()]
    put_rows(filled, "exported", [
        {"flow": number, "exporter": who, "input_interface": enters, "output_interface": leaves}
        for number, (who, enters, leaves) in zip(numbers, by, strict=True)
    ])  # fmt: skip
    [route] = paths(filled, TARGET)
    return route


def test_an_exporter_says_by_which_interfaces_it_passes() -> None:
    route = exported({}, by=[(ROUTER, 3, 4)])
    assert (route.way, route.confidence) == (Way.PASSES, Confidence.REPORTED)
    assert (route.enters, route.leaves) == (f"{ROUTER}:3", f"{ROUTER}:4")
    assert f"passes through: in by {ROUTER}:3, out by {ROUTER}:4 (1 flow, 1 packet)" in (
        route.sentence
    )


def test_an_exporter_that_counts_on_both_interfaces_is_counted_once() -> None:
    out = packet(f"{ROUTER}:4")
    filled = tables(packet(f"{ROUTER}:3"), out)
    numbers = [number for (number,) in filled.execute("SELECT flow FROM flows").fetchall()]
    put_rows(filled, "exported", [
        {"flow": number, "exporter": ROUTER, "input_interface": 3, "output_interface": 4}
        for number in numbers
    ])  # fmt: skip
    [route] = paths(filled, TARGET)
    assert (route.way, route.packets) == (Way.PASSES, 1)


def test_the_way_over_two_exporters() -> None:
    further = "198.51.100.2"
    route = exported({}, {"seconds": 0.01}, by=[(ROUTER, 3, 4), (further, 1, 2)])
    assert (route.enters, route.leaves) == (f"{ROUTER}:3", f"{further}:2")
    assert len(route.views) == 4


def test_in_and_out_by_the_same_interface_of_an_exporter() -> None:
    assert exported({}, by=[(ROUTER, 3, 3)]).way is Way.TURNS


def test_two_clients_of_one_server_are_no_nat() -> None:
    alike: Row = {"sent": 4, "received": 4}
    mine = packet(f"{ROUTER}:3", **alike)
    other = packet(f"{ROUTER}:3", **alike | {"source_ip": "192.0.2.10"})
    filled = tables(mine, other)
    put_rows(filled, "exported", [
        {"flow": number, "exporter": ROUTER, "input_interface": 3, "output_interface": 4}
        for (number,) in filled.execute("SELECT flow FROM flows").fetchall()
    ])  # fmt: skip
    assert not any(route.translated for route in paths(filled, TARGET))


def test_an_exporter_that_does_not_know_the_other_interface() -> None:
    assert exported({}, by=[(ROUTER, 3, 0)]).way is Way.UNKNOWN


def test_an_answer_that_leaves_by_another_interface_does_not_pass_through() -> None:
    back = flow(
        "203.0.113.62", "192.0.2.9", 40000, transport="udp", received=0, interface="wan0",
        seconds=0.01, direction_in="outgoing", source_port=514,
    )  # fmt: skip
    route = told(packet("lan0", "incoming", **ttl(63)), back)
    assert route.way is Way.ENDS
    assert "wan0: outgoing, only what comes back" in route.evidence


def test_a_way_is_that_of_who_asked_though_answers_were_captured_first() -> None:
    route = told(
        packet("wan0", "outgoing", received=3, sent=2, **ttl(63)),
        packet("lan0", "incoming", received=3, sent=2, seconds=1e-4, **ttl(64)),
    )
    assert (route.way, route.enters, route.leaves) == (Way.PASSES, "lan0", "wan0")


def test_only_answers_that_pass_through_say_so() -> None:
    route = told(
        packet("wan0", "outgoing", sent=0, received=3),
        packet("lan0", "incoming", sent=0, received=3, seconds=1e-4),
    )
    assert (route.way, route.enters, route.leaves) == (Way.PASSES, "lan0", "wan0")
    assert "wan0: incoming, only what comes back" in route.evidence


def test_two_interfaces_of_which_each_had_one_direction_show_no_passage() -> None:
    there = packet("lan0", **ttl(64))
    back = packet("wan0", sent=0, received=1, seconds=0.01)
    assert told(there, back).way is not Way.PASSES
