from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from whence.inquiry.passing import Passing, passing
from whence.model.counted_flows import Counted, CountedFlow

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
HOST, GHOST = "192.0.2.9", "203.0.113.62"
FLOW = CountedFlow(
    flow=0, interface="lan0", first=NOON, last=NOON, source_mac=None, destination_mac=None,
    vlan="", source_ip=HOST, destination_ip=GHOST, source_port=40000, destination_port=514,
    protocol=17, transport="udp", state="S0", source_packets=2, source_bytes=200,
    source_payload=144, source_wire_bytes=228, destination_packets=0, destination_bytes=0,
    destination_payload=0, destination_wire_bytes=0, syns=0, answers=0, resets=0, fins=0,
    source_ttl_min=64, source_ttl_max=64, destination_ttl_min=None, destination_ttl_max=None,
    direction_in="incoming", origin="elsewhere", cookie=0,
)  # fmt: skip
ANSWERED = replace(
    FLOW, destination_ip="198.51.100.7", destination_packets=1, destination_bytes=300
)


def passed(*flows: CountedFlow, after: float = 5) -> Passing:
    return passing(Counted(flows, NOON + timedelta(seconds=after)))


def test_what_a_router_passes_on_is_counted_once() -> None:
    out = replace(FLOW, interface="wan0", origin="passes through", source_packets=1)
    [call] = passed(FLOW, out).calls
    assert (call.sent_packets, call.interfaces) == (2, ("lan0", "wan0"))
    assert call.origin == "passes through"


def test_ports_of_the_caller_are_not_told_apart() -> None:
    [call] = passed(FLOW, replace(FLOW, source_port=40001)).calls
    assert (call.flows, call.sent, call.port) == (2, 400, 514)


def test_who_never_answers_comes_first() -> None:
    later = replace(ANSWERED, last=NOON + timedelta(seconds=3))
    first, second = passed(later, FLOW).calls
    assert (first.destination, first.unanswered) == (GHOST, True)
    assert (second.destination, second.unanswered) == ("198.51.100.7", False)


def test_an_answer_may_take_a_moment() -> None:
    assert not passed(FLOW, after=0.5).calls[0].unanswered


def test_one_answer_to_any_of_the_flows_is_an_answer() -> None:
    other = replace(ANSWERED, destination_ip=GHOST, source_port=40001)
    assert not passed(FLOW, other).calls[0].unanswered


def test_what_wants_no_answer_is_not_unanswered() -> None:
    error = replace(FLOW, transport="icmp", protocol=1, source_port=3, destination_port=3)
    tail = replace(FLOW, transport="tcp", protocol=6, state="OTH")
    for one in (
        replace(FLOW, destination_ip="224.0.0.251"),
        replace(FLOW, destination_ip="192.0.2.255"),
        replace(FLOW, destination_ip="ff02::fb", source_ip="fe80::9"),
        error,
        tail,
    ):
        assert not passed(one).calls[0].unanswered
    assert passed(replace(error, source_port=8)).calls[0].unanswered
    assert passed(replace(tail, syns=1)).calls[0].unanswered


def test_each_end_is_a_station() -> None:
    stations = {one.address: one for one in passed(FLOW, ANSWERED).stations}
    host, server = stations[HOST], stations["198.51.100.7"]
    assert (host.sent, host.received, host.peers, host.unanswered) == (400, 300, 2, 1)
    assert (server.sent, server.received, server.peers, server.unanswered) == (300, 200, 1, 0)
    assert passed(FLOW, ANSWERED).stations[0].address == HOST


def test_nothing_passes() -> None:
    assert passed() == Passing((), (), NOON + timedelta(seconds=5), 0)
