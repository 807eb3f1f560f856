from tests.analysis.world import Row, flow, tables
from whence.analysis._declare import Context
from whence.analysis.loops import loops

ROUND: Row = {"source_ttl_min": 1, "source_ttl_max": 63}


def test_packets_that_come_by_until_their_ttl_runs_out() -> None:
    turning = flow(port=5000, transport="udp", sent=640, received=0, **ROUND)
    says = flow("198.51.100.1", "192.0.2.9", transport="icmp", source_port=11, sent=10)
    [loop] = loops(tables(turning, says), Context())
    assert loop.sentence == (
        "Packets from 192.0.2.9 to 198.51.100.7 port 5000/udp go round in a loop: "
        "640 packets with TTLs from 63 down to 1."
    )
    assert "198.51.100.1 told 192.0.2.9 10 times that the time was exceeded" in loop.evidence


def test_a_traceroute_is_no_loop() -> None:
    probes = flow(transport="icmp", sent=90, received=0, source_ttl_min=1, source_ttl_max=30)
    assert not [*loops(tables(probes), Context())]


def test_a_single_packet_with_the_largest_ttl() -> None:
    assert not [*loops(tables(flow(source_ttl_min=255, source_ttl_max=255)), Context())]


def test_a_route_that_changed_is_no_loop() -> None:
    changed = flow(sent=640, received=0, source_ttl_min=54, source_ttl_max=57)
    assert not [*loops(tables(changed), Context())]
