import pytest

from tests.analysis.world import arp, flow, tables
from whence.analysis.talkers import talkers

NEIGHBOURS = [flow(f"192.0.2.{n}", sent=10, received=10) for n in range(20, 60)]
SHOUT = flow("192.0.2.9", "203.0.113.62", 514, transport="udp", sent=2510, received=0)


def test_the_loud_one_is_named_with_how_much_louder_it_is() -> None:
    told = talkers(tables(*NEIGHBOURS, SHOUT)).sentence
    assert told == (
        "192.0.2.9 is 251 times louder than the median of its 40 neighbours: 2,510 packets "
        "in 0 s, 100 % of them to 203.0.113.62 port 514/udp, which never answered."
    )


def test_a_popular_server_is_labelled_and_is_no_culprit() -> None:
    asks = [flow(f"192.0.2.{n}", "192.0.2.2", 53, transport="udp", sent=500, received=900)
            for n in range(20, 60)]  # fmt: skip
    found = talkers(tables(*NEIGHBOURS, *asks, SHOUT | {"source_packets": 9000}))
    assert found.rows[0].name == "192.0.2.2"
    assert found.rows[0].roles == ("resolver",)
    assert found.sentence.startswith("192.0.2.9 is 18 times louder")


def test_outside_servers_are_not_compared_with_inside_senders() -> None:
    found = talkers(tables(*NEIGHBOURS, SHOUT))
    assert found.others == 40
    assert {row.name: row.inside for row in found.rows}["198.51.100.7"] is False


def test_nobody_stands_out_where_all_are_alike() -> None:
    assert talkers(tables(*NEIGHBOURS)).sentence.startswith("Nobody stands out: the loudest, ")


def test_three_stations_are_too_few_for_a_median() -> None:
    assert "too few others (1)" in talkers(tables(NEIGHBOURS[0], SHOUT)).sentence


def test_of_whom_somebody_sends_most_is_said_where_others_send_more() -> None:
    answer = flow("198.51.100.7", "192.0.2.20", sent=9000, received=0)
    told = talkers(tables(NEIGHBOURS[0], SHOUT, answer)).sentence
    assert told.startswith("192.0.2.9 sends most of the 2 inside addresses (--internal ")


@pytest.mark.parametrize(
    "many", ["255.255.255.255", "192.0.2.255", "10.20.255.255", "239.255.255.250", "ff02::1"]
)
def test_nobody_need_answer_what_is_said_to_many(many: str) -> None:
    shout = flow("192.0.2.9", many, 1900, transport="udp", sent=2510, received=0)
    told = talkers(tables(*NEIGHBOURS, shout)).sentence
    assert told.endswith(f"100 % of them to {many} port 1900/udp.")


@pytest.mark.parametrize("transport", ["icmp", "ipv6-icmp"])
def test_an_icmp_error_waits_for_no_answer(transport: str) -> None:
    errors = [
        flow("192.0.2.1", "192.0.2.9", transport=transport, sent=500, received=0,
             source_port=type_, destination_port=code)
        for type_, code in ((3, 0), (3, 1))
    ]  # fmt: skip
    told = talkers(tables(*NEIGHBOURS, *errors)).sentence
    assert told.endswith(f"100 % of them to 192.0.2.9 by {transport}.")


def test_a_ping_waits_for_an_answer() -> None:
    pings = flow("192.0.2.1", "198.51.100.7", transport="icmp", sent=500, received=0)
    assert talkers(tables(*NEIGHBOURS, pings)).sentence.endswith(
        "100 % of them to 198.51.100.7 by icmp, which never answered."
    )


@pytest.mark.parametrize("port", [4754, 4789, 6081, 8472])
def test_the_other_end_of_a_tunnel_in_udp_sends_from_another_port(port: int) -> None:
    ways = [
        flow(source, destination, port, transport="udp", sent=500, received=0)
        for source, destination in (("192.0.2.1", "198.51.100.1"), ("198.51.100.1", "192.0.2.1"))
    ]
    told = talkers(tables(*NEIGHBOURS, *ways)).sentence
    assert told.endswith(f"100 % of them to 198.51.100.1 port {port}/udp.")


def test_another_networks_255_may_be_somebody() -> None:
    shout = flow("192.0.2.9", "8.8.8.255", 53, transport="udp", sent=2510, received=0)
    assert talkers(tables(*NEIGHBOURS, shout)).sentence.endswith("which never answered.")


@pytest.mark.parametrize(("number", "name"), [("253", "protocol 253"), ("gre", "gre")])
def test_a_protocol_without_ports_has_none(number: str, name: str) -> None:
    other = flow("192.0.2.9", "203.0.113.62", 0, sent=2510, received=0, transport="gre")
    seen = tables(*NEIGHBOURS, other | {"transport": number})
    assert f"100 % of them to 203.0.113.62 by {name}, which" in talkers(seen).sentence
    assert talkers(seen, by="port").rows[0].name == name
    assert talkers(seen, by="protocol").rows[0].name == name


def test_nothing_at_all() -> None:
    assert talkers(tables()).sentence == "There is no IP traffic in it."


def test_a_packet_that_passes_two_interfaces_is_counted_once() -> None:
    seen = [
        flow(interface="lan0", sent=7, seconds=0, direction_in="incoming"),
        flow(interface="wan0", sent=7, seconds=0.0001, direction_in="outgoing"),
    ]
    found = talkers(tables(*seen))
    assert found.totals
    assert (found.totals.packets, found.totals.flows, found.totals.repeated) == (8, 1, 1)
    assert [(place.interface, place.flows, place.repeated) for place in found.places] == [
        ("lan0", 1, 0),
        ("wan0", 0, 1),
    ]


def test_the_interface_that_saw_more_of_it_counts() -> None:
    seen = [flow(interface="lan0", sent=7), flow(interface="wan0", sent=9)]
    found = talkers(tables(*seen))
    assert found.totals
    assert found.totals.packets == 10


def test_the_same_ports_an_hour_later_are_another_conversation() -> None:
    again = [flow(interface="lan0", sent=7), flow(interface="wan0", sent=9, seconds=3600)]
    found = talkers(tables(*again))
    assert found.totals
    assert found.totals.packets == 18


def test_a_flow_that_two_places_saw_for_a_while_counts_at_one() -> None:
    seen = [
        flow(file=file, interface="", seconds=seconds, lasts=600, sent=600, received=0)
        for file, seconds in (("lan.pcap", 0), ("wan.pcap", 300))
    ]
    totals = talkers(tables(*seen)).totals
    assert totals
    assert (totals.packets, totals.repeated) == (600, 1)


def test_a_ring_of_files_is_one_place_and_its_parts_add_up() -> None:
    ring = [
        flow(file="ring1", interface="", lasts=10, sent=5),
        flow(file="ring1", interface="", port=80, seconds=10),
        flow(file="ring2", interface="", seconds=10.5, lasts=5, sent=5),
    ]
    found = talkers(tables(*ring))
    assert found.totals
    assert found.totals.repeated == 0


def test_two_captures_of_the_same_hour_are_two_places() -> None:
    twice = [
        *(flow(file=file, interface="", seconds=seconds) for file in "ab" for seconds in (0, 60))
    ]
    found = talkers(tables(*twice))
    assert found.totals
    assert (found.totals.flows, found.totals.repeated) == (2, 2)


def test_what_is_inside_a_tunnel_is_not_added_to_the_totals() -> None:
    inner = flow("192.0.2.9", sent=5, tunnel="gre 192.0.2.1>203.0.113.1")
    outer = flow("192.0.2.1", "203.0.113.1", transport="gre", sent=5, destination_port=None)
    found = talkers(tables(inner, outer))
    assert found.totals
    assert found.totals.packets == 6


@pytest.mark.parametrize(
    ("by", "name"),
    [
        ("mac", "02:00:00:00:00:09"),
        ("pair", "192.0.2.9 → 203.0.113.62"),
        ("port", "514/udp"),
        ("protocol", "udp"),
    ],
)
def test_the_loudest_in_other_groups(by: str, name: str) -> None:
    shout = SHOUT | {"source_mac": "02:00:00:00:00:09"}
    found = talkers(tables(*NEIGHBOURS, shout), by=by, measure="packets")
    assert found.rows[0].name == name
    assert found.sentence.startswith(f"{name} ")


def test_a_gateway_is_known_by_the_outside_behind_its_mac() -> None:
    mac = "02:00:00:00:00:01"
    beyond = [
        flow("192.0.2.20", f"198.51.100.{n}", destination_mac=mac, port=443) for n in range(5)
    ]
    sent = flow("192.0.2.1", sent=9999)
    answer = arp("192.0.2.1", mac, "192.0.2.20", "reply")
    found = talkers(tables(*NEIGHBOURS, *beyond, sent, arps=[answer]))
    assert found.rows[0].roles == ("gateway",)


def test_a_way_back_past_another_interface_is_no_repetition() -> None:
    there = flow(sent=10, received=0, interface="eth0")
    back = flow(sent=0, received=7, interface="eth1")
    copy = flow(sent=0, received=6, interface="eth2")
    found = talkers(tables(there, back, copy))
    assert found.totals
    assert (found.totals.packets, found.totals.repeated) == (17, 1)
    assert "never answered" not in found.sentence


def test_one_direction_again_is_a_repetition() -> None:
    both = flow(sent=10, received=7, interface="eth0")
    there = flow(sent=10, received=0, interface="eth1")
    back = flow(sent=0, received=7, interface="eth2")
    totals = talkers(tables(both, there, back)).totals
    assert totals
    assert (totals.packets, totals.repeated) == (17, 2)


def test_a_single_packet_is_told_as_one() -> None:
    sentence = talkers(tables(flow(sent=1, received=0))).sentence
    assert "sends most, 1 packet in 0 s, 100 % of them to" in sentence
