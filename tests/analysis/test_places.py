"""Which of the places that saw a conversation had the same packets, and which had others."""

from typing import Any

from tests.analysis.world import Row, flow, tables
from whence.analysis.path import Way, paths
from whence.analysis.talkers import talkers
from whence.model import Flow

TARGET = Flow("198.51.100.7", 443)


def place(name: str, numbers: list[int], packets: int = 20, **more: Any) -> Row:
    """Describe what one interface saw of one conversation: packets with these numbers."""
    known: Row = {"sketch": numbers, "source_carried": 0, "destination_carried": 0, "syns": 0}
    ttls: Row = {"source_ttl_max": 64, "destination_ttl_max": 60, "answers": 0, "transport": "udp"}
    return flow(interface=name, sent=packets, received=packets, **known | ttls | more)


def connection(name: str, numbers: list[int], carried: int, **more: Any) -> Row:
    """Describe the same of TCP, of a stream of a million bytes."""
    stream: Row = {"destination_payload": 1_000_000, "destination_carried": carried}
    return place(name, numbers, transport="tcp", source_payload=0, **stream | more)


def counted(*flows: Row) -> tuple[int, int]:
    """Say how many packets count, and how many rows only repeat others."""
    totals = talkers(tables(*flows)).totals
    assert totals
    return totals.packets, totals.repeated


def test_members_of_a_bond_add_up() -> None:
    two = place("eth0", [1, 2]), place("eth1", [3, 4], 19)
    assert counted(*two) == (78, 0)
    four = *two, place("eth2", [5, 6], 18), place("eth3", [7, 8], 17)
    assert counted(*four) == (148, 0)


def test_members_beside_their_bond_are_repetitions() -> None:
    members = place("eth0", [1, 2]), place("eth1", [3, 4])
    assert counted(place("bond0", [1, 3], 40), *members) == (80, 2)


def test_of_two_bonds_in_a_row_one_counts() -> None:
    before = place("eth0", [1, 2, 3, 4], 24), place("eth1", [5, 6, 7, 8], 16)
    after = place("eth2", [1, 2, 5, 6], 22), place("eth3", [3, 4, 7, 8], 18)
    assert counted(*before, *after) == (80, 2)


def test_places_that_share_a_packet_saw_the_same() -> None:
    assert counted(place("eth0", [1, 2]), place("eth1", [2, 3])) == (40, 1)


def test_places_of_which_packets_are_not_known_are_taken_to_have_seen_the_same() -> None:
    assert counted(place("eth0", [1]), place("eth1", [2], sketch=None)) == (40, 1)
    assert counted(place("eth0", [1]), place("eth1", [2], seconds=0.1, file="b.pcapng"),
                   place("eth1", [3], sketch=None, file="b.pcapng")) == (80, 1)  # fmt: skip


def test_a_router_may_number_packets_anew() -> None:
    assert counted(place("eth0", [1]), place("eth1", [2], source_ttl_max=63)) == (40, 1)
    assert counted(place("eth0", [1]), place("eth1", [2], destination_ttl_max=61)) == (40, 1)


def test_a_stream_that_is_spread_has_a_part_of_its_payload_at_each() -> None:
    assert counted(connection("eth0", [1], 500_000), connection("eth1", [2], 530_000)) == (80, 0)


def test_a_card_that_puts_segments_together_makes_no_others() -> None:
    assert counted(connection("eth0", [1], 1_000_000), connection("eth1", [2], 1_000_000)) == (
        40,
        1,
    )


def test_a_firewall_may_number_a_connection_anew() -> None:
    small: Row = {"destination_payload": 300}
    one = connection("eth0", [1], 300, syns=1, **small)
    assert counted(one, connection("eth1", [2], 300, syns=1, **small)) == (40, 1)
    one = connection("eth0", [1], 300, answers=1, **small)
    assert counted(one, connection("eth1", [2], 300, answers=1, **small)) == (40, 1)


def test_datagrams_that_were_put_together_are_no_others() -> None:
    wire = place("eth0", [1], 60, source_carried=72_000)
    assert counted(wire, place("eth1", [2], 6, source_carried=72_000)) == (120, 1)
    assert counted(wire, place("eth1", [2], 6, source_carried=7_200)) == (132, 0)


def test_what_is_spread_does_not_pass_through() -> None:
    members = place("eth0", [1, 2]), place("eth1", [3, 4], 19, seconds=0.01)
    [route] = paths(tables(*members), TARGET)
    assert (route.way, route.packets) == (Way.UNKNOWN, 78)
    assert "only eth0 and eth1 had it" in route.sentence
    assert "eth0 and eth1 have different packets of it: it is spread, as over a bond" in (
        route.evidence
    )


def test_what_goes_out_by_several_starts_here() -> None:
    out: Row = {"direction_in": "outgoing"}
    members = place("eth0", [1], **out), place("eth1", [2], seconds=0.01, **out)
    [route] = paths(tables(*members), TARGET)
    assert (route.way, route.packets) == (Way.STARTS, 80)
    assert "it goes out by eth0 and eth1 with a full TTL" in route.sentence


def test_what_comes_in_elsewhere_passes_through_though_it_is_spread_behind() -> None:
    members = place("eth0", [1], seconds=0.01), place("eth1", [2], seconds=0.02)
    [route] = paths(tables(place("lan0", [1, 2], 40), *members), TARGET)
    assert (route.way, route.packets) == (Way.PASSES, 80)


def test_each_direction_past_a_place_of_its_own_is_not_spread() -> None:
    there = place("eth0", [1])
    back = place("eth1", [2], seconds=0.01)
    [route] = paths(
        tables(there | {"destination_packets": 0}, back | {"source_packets": 0}), TARGET
    )
    assert not any(view.is_part for view in route.views)
