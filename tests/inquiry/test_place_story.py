"""What is said of where a machine is."""

from __future__ import annotations

import pytest

from tests.office_of_switches import Office, cite
from whence.inquiry.place_story import tell_place
from whence.model import Fact, Hostname, Ip, Mac
from whence.probes.is_address_of import is_address_of
from whence.probes.plugged_in import plugged_in
from whence.probes.reached_through import reached_through
from whence.probes.was_heard import was_heard

SUBJECT = Ip("192.0.2.7")


def told(office: Office, *macs: str) -> str:
    """Say where the address is, when these cards answer for it."""
    facts: list[Fact] = []
    for mac in map(Mac, macs):
        facts.append(SUBJECT.fact("answers-at", mac, *cite(str(mac))))
        for probe in (plugged_in, reached_through, was_heard, is_address_of):
            facts += probe(mac, office)
    return tell_place(SUBJECT, facts)[0]


def test_who_answers_for_another_is_not_said_to_have_its_address() -> None:
    office = Office().switch("router", {"1": "a"}, own="r")
    assert told(office, "r") == ("192.0.2.7 answers at r, which is an address of router itself.")
    facts = [*is_address_of(Mac("r"), office)]
    assert facts[0].value == Hostname("router")
    assert tell_place(Mac("r"), facts)[0] == "r is an address of router itself."


def test_a_second_card_that_answers_is_told_beside_the_place() -> None:
    office = Office().switch("router", {"1": "a"}, own="r")
    assert told(office, "a", "r") == (
        "192.0.2.7 (a) is plugged in at router 1; heard in the last 300 s in VLAN 10;"
        " r answers for it, too."
    )


def test_two_places_are_told_with_their_times_and_what_that_can_be() -> None:
    office = Office().switch("sw", {"1": "a", "2": "a"}, vlan={"1": 10, "2": 20})
    assert told(office, "a") == (
        "192.0.2.7 (a) is learned at sw 1 and at sw 2, heard in the last 300 s in VLAN 10 at sw 1"
        " and in the last 300 s in VLAN 20 at sw 2: two cards have one address, or something"
        " joins these VLANs."
    )


def test_the_way_to_what_is_between_two_switches_is_told_once() -> None:
    office = Office().switch("core", {"1": "a y", "2": "c"})
    office.switch("edge", {"up": "y c", "3": "a"})
    assert told(office, "y") == (
        "192.0.2.7 is reached through core 1 and edge up; it is between core and edge,"
        " behind something on their link that was not asked."
    )


def test_a_doubtful_place_says_why() -> None:
    office = Office().switch("sw", {"24": "a"}, alias={"24": "Uplink"})
    assert told(office, "a") == (
        "192.0.2.7 (a) is plugged in at sw 24 (possible); heard in the last 300 s in VLAN 10;"
        " no other address is learned there, but that port is called “Uplink”."
    )


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (Mac("01:00:5e:00:00:fb"), "multicast, IPv4: a group's and no machine's."),
        (Mac("ff:ff:ff:ff:ff:ff"), "broadcast: everybody on the link."),
        (Ip("224.0.0.251"), "multicast: a group's and no machine's."),
        (Ip("255.255.255.255"), "broadcast: everybody on the link."),
    ],
)
def test_an_address_of_a_group_is_at_no_port(address: Ip | Mac, sentence: str) -> None:
    assert tell_place(address, [])[:2] == (f"{address} is {sentence}", False)
