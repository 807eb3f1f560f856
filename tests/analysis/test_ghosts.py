from tests.analysis.world import Row, flow, tables
from whence.analysis._declare import Context
from whence.analysis.ghosts import Ghost, ghosts
from whence.model import Confidence


def found(*flows: Row, context: Context | None = None) -> list[Ghost]:
    return [*ghosts.find(tables(*flows), context or Context())]  # type: ignore[list-item]


def call(destination: str = "203.0.113.62", port: int = 514, tries: int = 5, **more: object) -> Row:
    given: dict[str, object] = {"transport": "udp", "sent": tries, "received": 0}
    return flow("192.0.2.9", destination, port, **given | more)  # type: ignore[arg-type]


def test_a_network_from_which_nothing_ever_comes() -> None:
    [ghost] = found(call(seconds=0), call(seconds=7200))
    assert ghost.sentence == (
        "192.0.2.9 calls 203.0.113.62 port 514/udp and never gets an answer: "
        "10 tries in 2 flows in 2 h."
    )
    assert (ghost.silent, ghost.confidence) == ("network", Confidence.LIKELY)
    assert ghost.evidence == ("nothing at all ever comes from 203.0.113.0/24",)


def test_a_host_that_is_silent_in_a_network_that_is_not() -> None:
    [ghost] = found(call(), flow(destination="203.0.113.1"))
    assert (ghost.silent, ghost.confidence) == ("host", Confidence.LIKELY)


def test_syslog_is_one_way_as_long_as_its_server_lives() -> None:
    assert not found(call(), flow(destination="203.0.113.62"))


def test_the_ends_of_a_tunnel_in_udp_call_each_other() -> None:
    back = flow("203.0.113.62", "192.0.2.9", 4789, transport="udp", sent=5, received=0)
    assert not found(call(port=4789), back)


def test_a_port_that_never_answers_on_a_host_that_does() -> None:
    [ghost] = found(call(port=5000), flow(destination="203.0.113.62"))
    assert (ghost.silent, ghost.confidence) == ("port", Confidence.POSSIBLE)


def test_syns_without_answer_count_as_tries() -> None:
    [ghost] = found(call(transport="tcp", tries=6))
    assert ghost.tries == 6


def test_a_refusal_is_an_answer() -> None:
    assert not found(call(transport="tcp", received=1, state="REJ"))


def test_echo_requests_without_reply() -> None:
    [ghost] = found(call(transport="icmp"))
    assert "203.0.113.62 by icmp" in ghost.sentence


def test_one_answer_among_many_calls_is_enough() -> None:
    assert not found(call(), call(), call(received=1))


def test_a_single_packet_is_an_accident() -> None:
    assert not found(call(tries=1))


def test_multicast_and_broadcast_want_no_answer() -> None:
    assert not found(call("224.0.0.251", 5353), call("192.0.2.255", 137), call("ff02::fb", 5353))


def test_the_broadcast_of_a_network_that_is_no_24() -> None:
    assert not found(call("192.0.2.63", 137, destination_mac="ff:ff:ff:ff:ff:ff"))
    assert found(call("192.0.2.63", 137, destination_mac="02:00:00:00:00:63"))


def test_a_router_says_why() -> None:
    says = flow("192.0.2.1", "192.0.2.9", transport="icmp", sent=5, received=0, source_port=3,
                destination_port=1)  # fmt: skip
    [ghost] = found(call(), says)
    assert "192.0.2.1 told 192.0.2.9 5 times: host unreachable" in ghost.evidence


def test_a_router_may_have_meant_another_call() -> None:
    says = flow("192.0.2.1", "192.0.2.9", transport="icmp", sent=5, received=0, source_port=3,
                destination_port=1)  # fmt: skip
    one, other = found(call(), call("198.51.100.62"), says)
    told = "192.0.2.1 told 192.0.2.9 5 times: host unreachable"
    unsure = f"{told} (which of 2 addresses is not known)"
    assert unsure in one.evidence
    assert unsure in other.evidence


def test_a_closed_port_of_another_host_is_no_reason() -> None:
    says = flow("192.0.2.1", "192.0.2.9", transport="icmp", sent=5, received=0, source_port=3,
                destination_port=3)  # fmt: skip
    [ghost] = found(call(), says)
    assert len(ghost.evidence) == 1


def test_this_machine_knows_that_there_is_no_route() -> None:
    [ghost] = found(call(), context=Context(unreachable={"203.0.113.62": "no route"}))
    assert ghost.confidence is Confidence.CERTAIN
    assert "this machine has no route for 203.0.113.62" in ghost.evidence


def test_many_silent_hosts_of_a_network_are_one_finding() -> None:
    [ghost] = found(*(call(f"203.0.113.{n}") for n in range(40)))
    assert len(ghost.destinations) == 40
    assert "40 addresses in 203.0.113.0/24 on port 514/udp" in ghost.sentence


def test_where_only_one_direction_was_captured_nothing_is_sure() -> None:
    halves = [flow(f"192.0.2.{n}", received=0, state="OTH", syns=0) for n in range(20, 30)]
    [ghost] = [ghost for ghost in found(call(), *halves) if ghost.destination_port == 514]
    assert ghost.confidence is Confidence.POSSIBLE
    assert "10 of 10 connections with data show one direction only" in ghost.evidence[-1]
