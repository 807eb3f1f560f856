"""Probes that ask the switches."""

from __future__ import annotations

from dataclasses import replace

from tests.office_of_switches import Office, neighbour
from whence.model import Confidence, Ip, Mac, SwitchPort
from whence.model.mac_addresses import LOCAL
from whence.model.switching import Duplex
from whence.probes.has_behind import has_behind
from whence.probes.is_address_of import is_address_of
from whence.probes.learned_there import learned_there
from whence.probes.made_from_heard import made_from_heard
from whence.probes.plugged_in import plugged_in
from whence.probes.reached_through import reached_through
from whence.probes.resolved_by_switch import resolved_by_switch
from whence.probes.was_heard import was_heard

OFFICE = Office().switch("sw1", {"1": "a", "2": "b c", "3": "x"}, own="sw1")
OFFICE.switch("sw2", {"7": "sw1", "8": "d"}, said=(neighbour("8", "basement", "bridge"),))


def test_a_machine_is_plugged_in_at_a_port_and_the_row_is_cited() -> None:
    [fact] = plugged_in(Mac("a"), OFFICE)
    assert (fact.value, fact.confidence) == (SwitchPort("sw1", "1"), Confidence.CERTAIN)
    assert fact.evidence[0].excerpt == "sw1 1 a"


def test_a_machine_that_is_behind_a_link_is_reached_through_it() -> None:
    assert not [*plugged_in(Mac("d"), OFFICE)]
    assert [fact.value for fact in reached_through(Mac("d"), OFFICE)] == [SwitchPort("sw2", "8")]
    assert not [*reached_through(Mac("a"), OFFICE)]


def test_a_machine_was_heard_within_what_the_switch_remembers() -> None:
    [fact] = was_heard(Mac("a"), OFFICE)
    assert fact.value == "in the last 300 s in VLAN 10: no other address is learned there"


def test_an_address_of_a_switch() -> None:
    assert [str(fact.value) for fact in is_address_of(Mac("sw1"), OFFICE)] == ["sw1"]
    assert not [*is_address_of(Mac("a"), OFFICE)]


def test_an_address_that_a_switch_resolved() -> None:
    office = Office().switch("router", {}, resolved={"192.0.2.7": "a"})
    [fact] = resolved_by_switch(Ip("192.0.2.7"), office)
    assert (fact.value, fact.confidence) == (Mac("a"), Confidence.REPORTED)


def behind(office: Office, port: str) -> list[str]:
    return [str(fact.value) for fact in has_behind(SwitchPort("sw", port), office)]


def test_what_is_behind_a_port_and_why_it_is_taken_to_be() -> None:
    said = (
        neighbour("phone", "SEP1", "bridge", "telephone"),
        neighbour("ap", "ap-1", "bridge", "access-point"),
        neighbour("up", "core", "bridge", "router", protocol="cdp"),
    )
    office = Office().switch(
        "sw",
        {
            "alone": "00:1b:21:00:00:01",
            "phone": "00:1b:21:00:00:02 00:1b:21:00:00:03",
            "ap": "00:1b:21:00:00:04",
            "hub": "00:1b:21:00:00:05 00:1b:21:00:00:06",
            "slow": "00:1b:21:00:00:09",
            "guests": "00:50:56:00:00:01 00:50:56:00:00:02 00:1b:21:00:00:07",
            "wireless": "02:00:00:00:00:01 06:00:00:00:00:02 00:1b:21:00:00:08",
        },
        said=said,
        duplex={"hub": Duplex.HALF, "slow": Duplex.HALF},
    )
    assert behind(office, "alone") == ["no other address is learned there"]
    assert behind(office, "phone") == [
        "a phone SEP1, as LLDP says, and 2 addresses are learned there"
    ]
    assert behind(office, "ap") == ["an access point ap-1, as LLDP says"]
    assert behind(office, "up") == ["the switch core, as CDP says"]
    assert behind(office, "hub") == [
        "a hub: the link is half duplex, and 2 addresses are learned there"
    ]
    assert behind(office, "slow") == [
        "a hub, or a failed negotiation: the link is half duplex",
        "no other address is learned there",
    ]
    assert "a hypervisor" in behind(office, "guests")[0]
    assert "or an access point (2 addresses are made up)" in behind(office, "wireless")[0]
    assert not behind(office, "unplugged")


def test_the_few_who_share_a_port_are_named() -> None:
    crowd = " ".join(f"00:1b:21:00:01:{n:02x}" for n in range(9))
    hub = "00:1b:21:00:00:05 02:00:5e:10:00:06"
    office = Office().switch("sw", {"hub": hub, "one": "a", "many": crowd, "up": "b c"})
    office.views[0] = replace(office.views[0], neighbours=(neighbour("up", "core", "bridge"),))
    found = {
        port: [fact.value for fact in learned_there(SwitchPort("sw", port), office)]
        for port in ("hub", "one", "many", "up")
    }
    assert found == {
        "hub": ["00:1b:21:00:00:05", f"02:00:5e:10:00:06 ({LOCAL})"],
        "one": [],
        "many": [],
        "up": [],
    }


def test_an_address_is_at_the_card_that_it_is_made_from_where_a_switch_hears_that() -> None:
    office = Office().switch("sw", {"5": "00:14:22:01:02:03"})
    [fact] = made_from_heard(Ip("fe80::214:22ff:fe01:203"), office)
    assert (fact.value, fact.confidence) == (Mac("00:14:22:01:02:03"), Confidence.LIKELY)
    assert not [*made_from_heard(Ip("fe80::214:22ff:fe01:204"), office)]


def test_an_address_of_a_virtual_router_is_no_second_machine() -> None:
    office = Office().switch("sw", {"23": "00:00:5e:00:01:0a 00:1b:21:00:00:01"})
    [told] = behind(office, "23")
    assert "00:00:5e:00:01:0a is a virtual router's address (VRRP or CARP, group 10)" in told


def test_two_addresses_in_a_vlan_each_may_be_a_telephone_and_a_machine() -> None:
    office = Office().switch("sw", {"5": "00:1b:21:00:00:01 00:1b:21:00:00:02"})
    [view] = office.views
    rows = [
        replace(row, port="5", vlans=(vlan,))
        for row, vlan in zip(view.learned, (10, 20), strict=True)
    ]
    office.views = [replace(view, learned=tuple(rows))]
    assert behind(office, "5")[0].startswith("a telephone with a machine behind it, or an unma")


def test_behind_a_link_stands_the_switch_and_no_hypervisor() -> None:
    office = Office().switch(
        "sw",
        {"1": "edge 00:50:56:00:00:01", "2": "00:50:56:00:00:02 00:1b:21:00:00:02"},
        said=(neighbour("2", "core", "bridge"),),
    )
    office.switch("edge", {"3": "00:50:56:00:00:01"}, own="edge")
    assert behind(office, "1") == [
        "the switch edge, by addresses that are learned, and 2 addresses are learned there"
    ]
    assert behind(office, "2") == [
        "the switch core, as LLDP says, and 2 addresses are learned there"
    ]


def test_of_two_places_each_says_when_it_was_heard_there() -> None:
    office = Office().switch("one", {"1": "a"}).switch("two", {"1": "a"})
    why = "it moves, two machines have one address, or it is plugged in at each of them"
    assert [fact.value for fact in was_heard(Mac("a"), office)] == [
        f"in the last 300 s in VLAN 10 at {name} 1: {why}" for name in ("one", "two")
    ]


def test_a_device_that_only_says_who_it_is_was_not_set_by_hand() -> None:
    said = (neighbour("2", "phone", "telephone", chassis="p"),)
    [fact] = was_heard(Mac("p"), Office().switch("sw", {"1": "a"}, said=said))
    assert fact.value == "in the last 300 s: it says so itself"
